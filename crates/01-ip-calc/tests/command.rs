//! 命令行:两个算例、写错的输入、一行一个的问题、关掉的输出。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]

use std::io::{self, Write};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use check::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ip-calc");

/// 机器再忙,也不会误判。
const PATIENCE: Duration = Duration::from_secs(10);

fn run(words: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(words).stdin(Stdio::null());
    command.output().unwrap()
}

fn printed(words: &[&str]) -> String {
    let output = run(words);
    assert_eq!(output.status.code(), Some(0), "{words:?}:{output:?}");
    assert!(output.stderr.is_empty(), "{words:?}:{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_worked_example_to_the_letter() {
    let expected = "\
192.168.9.193/25
地址      192.168.9.193    11000000.10101000.00001001.1|1000001
掩码      255.255.255.128  11111111.11111111.11111111.1|0000000
网络      192.168.9.128    11000000.10101000.00001001.1|0000000
广播      192.168.9.255    11000000.10101000.00001001.1|1111111
第一台    192.168.9.129
最后一台  192.168.9.254
主机数    126(2 的 7 次方减 2)
位置      在第一台和最后一台之间,可以给主机
类别      C(110 开头,网络部分 24 位);历史,今天用 CIDR
用途      私有:只在自己的网里用(RFC 1918)
";
    assert_eq!(printed(&["192.168.9.193/25"]), expected);
}

#[test]
fn ipv6_takes_four_rows_and_the_bar_never_replaces_anything() {
    // 网络部分在一行的末尾、一组的末尾、一组的中间结束。
    for (length, row) in [
        (32, "2001:0db8  0010000000000001:0000110110111000|"),
        (48, "0001:0002  0000000000000001|:0000000000000010"),
        (60, "0001:0002  0000000000000001:000000000000|0010"),
        (0, "2001:0db8  |0010000000000001:0000110110111000"),
        (128, "0000:0005  0000000000000000:0000000000000101|"),
    ] {
        let text = printed(&[&format!("2001:db8:1:2::5/{length}")]);
        assert!(text.contains(&format!("\n          {row}\n")), "{text}");
        assert_eq!(text.matches('|').count(), 3, "{text}");
        // 三个地址各占五行,加上标题和另外六行。
        assert_eq!(text.lines().count(), 3 * 5 + 7, "{text}");
    }
}

#[test]
fn where_the_address_stands_in_its_network() {
    for (address, place) in [
        ("192.168.9.128/25", "网络地址"),
        ("192.168.9.255/25", "广播地址"),
        ("192.168.9.254/25", "可以给主机"),
        ("192.168.9.128/31", "可以给主机"),
        ("192.168.9.128/32", "可以给主机"),
        ("2001:db8::/64", "子网路由器任播"),
        ("2001:db8::/127", "可以给主机"),
        ("2001:db8::ffff:ffff:ffff:ffff/64", "可以给主机"),
    ] {
        let text = printed(&[address]);
        let line = text.lines().find(|line| line.starts_with("位置")).unwrap();
        assert!(line.contains(place), "{address}:{line}");
    }
}

#[test]
fn classes_are_told_by_the_first_bits() {
    for (address, class) in [
        ("0.0.0.0/8", "A"),
        ("127.255.255.255/8", "A"),
        ("128.0.0.0/8", "B"),
        ("191.255.0.0/8", "B"),
        ("192.0.0.0/8", "C"),
        ("223.255.0.0/8", "C"),
        ("224.0.0.0/8", "D"),
        ("239.255.0.0/8", "D"),
        ("240.0.0.0/8", "E"),
        ("255.255.255.255/8", "E"),
    ] {
        let text = printed(&[address]);
        assert!(text.contains(&format!("\n类别      {class}(")), "{text}");
    }
    assert!(!printed(&["2001:db8::/32"]).contains("类别"));
}

/// 写错的命令行 | 错误里要有的话 | 提示里要有的话。
const MISTAKES: &str = "
192.168.9.193 | 没有前缀或掩码 | 192.168.9.193/24
2001:db8::1 | 没有前缀或掩码 | 2001:db8::1/64
192.168.9.193/25 255.255.255.0 | 写一个就够了 | 192.168.9.193/24
192.168.9.256/24 | 第 4 段「256」太大 | 192.168.9.193
192.168.9.99999999999999999999/24 | 太大 | 192.168.9.193
192.168.9/24 | 有 3 段 | 192.168.9.193
192.168.9.1.5/24 | 有 5 段 | 192.168.9.193
192.168..1/24 | 第 3 段是空的 | 192.168.9.193
192.168.9.a/24 | 「a」不是数字 | 192.168.9.193
192.168.9.+1/24 | 「+1」不是数字 | 192.168.9.193
192.168.9.01/24 | 以 0 开头 | 去掉
10101100.00010000.00001010.000000001/24 | 第 4 段「000000001」有 9 位 | 8 位
10101100.00010000.00001010.0000001/24 | 有 7 位 | 8 位
1000000.1.1.1/24 | 「1000000」有 7 位 | 8 位
10101100.16.10.1/24 | 「16」不是二进制数 | 都写二进制
192.168.9.1/33 | 前缀「33」太大 | /32
192.168.9.1/999 | 太大 | /32
192.168.9.1/ | 前缀「」不对 | /24
192.168.9.1/+5 | 前缀「+5」不对 | /24
192.168.9.1/abc | 前缀「abc」不对 | /24
192.168.9.1/24/5 | 前缀「24/5」不对 | /24
192.168.9.1 0xff00ff00 | 1 和 0 交错 | 255.0.0.0
192.168.9.1 255.0.255.0 | 11111111.00000000.11111111.00000000 | 255.0.0.0
192.168.9.1 0.0.0.255 | 反掩码 | 255.255.255.0
192.168.9.1 0.0.255.0 | 1 和 0 交错 | 0.0.0.0
192.168.9.1 255.255.255.256 | 太大 | 192.168.9.193
192.168.9.1:8080/24 | 「8080」是端口 | 192.168.9.1/24
[::1]/64 | 方括号 | ::1/64
fe80::1%eth0/64 | 「eth0」是网卡的名字 | fe80::1/64
2001::db8::1/64 | 只能写一次 | 2001:db8::1
2001:::1/64 | 只能写一次 | 2001:db8::1
::ffff:1.2.3.400/96 | 「1.2.3.400」不是 IPv4 地址 | 2001:db8::1
2001:db8:1/64 | 有 3 段 | 2001:db8::1
2001:db8::12345/64 | 「12345」有 5 位 | 2001:db8::1
2001:db8::xyz/64 | 十六进制以外 | 2001:db8::1
2001:db8::1/129 | 只有 128 位 | /128
2001:db8::1 ffff:ffff:: | 不对,应当是 0 到 128 | /120
example.com/24 | 有 2 段 | 192.168.9.193
same 10.0.0.1/8 2001:db8::1/64 | 不能比较 | 同一个版本
same 10.0.0.1 10.0.0.2/8 | 没有前缀或掩码 | 10.0.0.1/24
same 10.0.0.1/8 | same 后面要有两个地址,这里有 1 个 | same 192
same | 这里有 0 个 | same 192
same 1 2 3 | 这里有 3 个 | same 192
10.0.0.1 8 9 | 有 3 个词 | 地址/前缀
--mask 10.0.0.1/8 | 没有 --mask 这个参数 | --help
10.0.0.1 - | 前缀「-」不对 | 10.0.0.1/24
";

#[test]
fn every_mistake_has_its_own_words() {
    for row in MISTAKES.trim().lines() {
        let [line, what, hint] = row.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        let words: Vec<&str> = line.split(' ').collect();
        let output = run(&words);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}:{errors}");
        assert!(output.stdout.is_empty(), "{line}");
        let (first, second) = errors.split_once('\n').unwrap();
        assert!(
            first.starts_with("错误:") && first.contains(what),
            "{line}:{errors}"
        );
        assert!(
            second.starts_with("提示:") && second.contains(hint),
            "{line}:{errors}"
        );
    }
}

#[test]
fn nothing_typed_reaches_the_screen_raw_or_at_full_length() {
    let errors = |word: &str| String::from_utf8(run(&[word]).stderr).unwrap();
    let shown = errors("10.0.0.\u{1b}[2J/8");
    assert!(
        !shown.contains('\u{1b}') && shown.contains("\\u{1b}"),
        "{shown}"
    );
    assert!(errors(&"9".repeat(100_000)).len() < 500);
    assert!(errors(&format!("10.0.0.{}/8", "1".repeat(100_000))).len() < 500);
}

/// 把 `input` 送进 `ip-calc -`。
fn answer_lines(input: &[u8]) -> Output {
    let mut child = Command::new(PROGRAM)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // 程序可能不等读完就结束(见「一行太长」),那时管道已经断了。
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn blanks_around_the_parts_do_not_matter() {
    let expected = printed(&["10.0.0.1/8"]);
    assert_eq!(printed(&[" 10.0.0.1 / 8 "]), expected);
    assert_eq!(printed(&["10.0.0.1", " 255.0.0.0 "]), expected);
}

#[test]
fn lines_are_answered_one_by_one() {
    let output =
        answer_lines("10.1.2.3/20\r\n\n 10.1.2.3  255.0.0.0\nsame ::1/64 ::2/64".as_bytes());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let expected = [
        printed(&["10.1.2.3/20"]),
        printed(&["10.1.2.3", "255.0.0.0"]),
        printed(&["same", "::1/64", "::2/64"]),
    ];
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, expected.join("\n") + "\n");
}

#[test]
fn a_wrong_line_does_not_stop_the_others() {
    let output = answer_lines(b"10.0.0.1/8\n\xff\xfe\n10.0.0.1/99\na b c d\n10.0.0.2/8\n");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("网络      10.0.0.0").count(), 2, "{text}");
    let errors = String::from_utf8(output.stderr).unwrap();
    for line in [
        "错误:第 2 行:",
        "错误:第 3 行:",
        "错误:第 4 行:这里有 4 个词",
        "错误:有 3 行看不懂",
    ] {
        assert!(errors.contains(line), "{errors}");
    }
}

#[test]
fn an_endless_line_is_an_error() {
    let output = answer_lines(&vec![b'1'; 3 << 20]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("超过"));
}

#[test]
fn a_closed_output_is_no_error() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let output = Command::new(PROGRAM)
        .arg("10.0.0.1/8")
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_quietly() {
    let argv = [PROGRAM.to_owned(), "-".to_owned()];
    let mut terminal = Terminal::start(&argv).unwrap();
    terminal.type_line("10.0.0.1/8");
    let deadline = Instant::now() + PATIENCE;
    let line = terminal.output().read_line(deadline).unwrap();
    assert_eq!(line, b"10.0.0.1/8");
    terminal.interrupt().unwrap();
    let status = terminal.wait(deadline).unwrap();
    assert_eq!(status.and_then(|status| status.code()), Some(0));
}
