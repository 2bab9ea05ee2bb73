//! 地址的每一种写法,每一种写错的说法和提示。
#![allow(clippy::expect_used, reason = "测试失败就是崩溃")]

use std::net::{IpAddr, SocketAddr};

use common::addr::{AddrError, Address};
use proptest::prelude::*;

/// 能解析的写法 | 规范写法。
const RIGHT: &str = "
8080 | 127.0.0.1:8080
:8080 | 127.0.0.1:8080
127.0.0.1:8080 | 127.0.0.1:8080
0.0.0.0:0 | 0.0.0.0:0
255.255.255.255:65535 | 255.255.255.255:65535
127.0.0.1:00080 | 127.0.0.1:80
[::1]:8080 | [::1]:8080
[::]:0 | [::]:0
[0:0:0:0:0:0:0:1]:80 | [::1]:80
[2001:DB8::A]:80 | [2001:db8::a]:80
[::ffff:1.2.3.4]:80 | [::ffff:1.2.3.4]:80
[fe80::1%eth0]:80 | [fe80::1%eth0]:80
[fe80::1%3]:80 | [fe80::1%3]:80
localhost:8080 | localhost:8080
LocalHost:8080 | localhost:8080
example.com:80 | example.com:80
example.com.:80 | example.com.:80
3com.com:80 | 3com.com:80
my_host-2:1 | my_host-2:1
127.0.0.1：8080 | 127.0.0.1:8080
127。0。0。1：8080 | 127.0.0.1:8080
127．0．0．1:8080 | 127.0.0.1:8080
127｡0｡0｡1:8080 | 127.0.0.1:8080
１２７．０．０．１：８０８０ | 127.0.0.1:8080
８０８０ | 127.0.0.1:8080
ｌｏｃａｌｈｏｓｔ：８０ | localhost:80
【::1】:8080 | [::1]:8080
「：：１」：８０ | [::1]:80
［::1］:8080 | [::1]:8080
";

/// 写错的输入 | 错误 | 提示里的写法。
const WRONG: &str = "
127.0.0.1 | 「127.0.0.1」没有写端口 | 127.0.0.1:8080
127.0.0.1: | 「127.0.0.1:」没有写端口 | 127.0.0.1:8080
localhost | 「localhost」没有写端口 | localhost:8080
[::1] | 「[::1]」没有写端口 | [::1]:8080
[::1]: | 「[::1]:」没有写端口 | [::1]:8080
: | 「:」没有写端口 | 127.0.0.1:8080
70000 | 端口 70000 太大,最大是 65535 | 127.0.0.1:8080
10.0.0.1:65536 | 端口 65536 太大,最大是 65535 | 10.0.0.1:8080
[::1]:99999999999999999999 | 端口 99999999999999999999 太大,最大是 65535 | [::1]:8080
10.0.0.1:abc | 端口「abc」不是数字 | 10.0.0.1:8080
10.0.0.1:80a | 端口「80a」不是数字 | 10.0.0.1:8080
10.0.0.1:² | 端口「²」不是数字 | 10.0.0.1:8080
10.0.0.1:٨٠ | 端口「٨٠」不是数字 | 10.0.0.1:8080
10.0.0.1:+80 | 端口「+80」不是数字 | 10.0.0.1:80
10.0.0.1:-1 | 端口「-1」不是数字 | 10.0.0.1:8080
10.0.0.1:0x50 | 端口「0x50」不是数字 | 10.0.0.1:8080
[::1]:http | 端口「http」不是数字 | [::1]:8080
² | 端口「²」不是数字 | 127.0.0.1:8080
-1 | 端口「-1」不是数字 | 127.0.0.1:8080
+80 | 端口「+80」不是数字 | 127.0.0.1:80
10.0.0.1: 9000 | 端口「 9000」里有空白 | 10.0.0.1:9000
10.0.0.1:80 80 | 端口「80 80」里有空白 | 10.0.0.1:80
10.0.0.1 :9000 | 主机「10.0.0.1 」里有空白 | 10.0.0.1:9000
10.0.0. 1:9000 | 主机「10.0.0. 1」里有空白 | 10.0.0.1:9000
10.0.0.1 9000 | 主机「10.0.0.1 9000」里有空白 | 10.0.0.1:9000
10.0.0.1\u{3000}9000 | 主机「10.0.0.1 9000」里有空白 | 10.0.0.1:9000
my host:80 | 主机「my host」里有空白 | my:80
::1 9000 | 端口「1 9000」里有空白 | [::1]:9000
::1 | IPv6 地址要放进方括号 | [::1]:8080
:: | IPv6 地址要放进方括号 | [::]:8080
fe80::1 | IPv6 地址要放进方括号 | [fe80::1]:8080
::1:9000 | IPv6 地址要放进方括号 | [::1]:9000
2001:db8::1:9000 | IPv6 地址要放进方括号 | [2001:db8::1]:9000
1:2:3:4:5:6:7:8 | IPv6 地址要放进方括号 | [1:2:3:4:5:6:7:8]:8080
1:2:3:4:5:6:7:8:80 | IPv6 地址要放进方括号 | [1:2:3:4:5:6:7:8]:80
fe80::1%eth0:80 | IPv6 地址要放进方括号 | [fe80::1%eth0]:80
::1:99999 | IPv6 地址要放进方括号 | [::1]:8080
[::1:9000 | 方括号不成对 | [::1]:9000
[::1 | 方括号不成对 | [::1]:8080
::1]:9000 | 方括号不成对 | [::1]:9000
【::1:9000 | 方括号不成对 | [::1]:9000
[::1]9000 | 方括号后面只能是冒号和端口,不能是「9000」 | [::1]:9000
[::1]x | 方括号后面只能是冒号和端口,不能是「x」 | [::1]:8080
[::1]:80]:90 | 方括号后面只能是冒号和端口,不能是「:80]:90」 | [::1]:8090
[::1]::80 | 方括号后面只能是冒号和端口,不能是「::80」 | [::1]:80
[]:80 | 「[]」不是 IPv6 地址 | 127.0.0.1:80
[localhost]:80 | 「[localhost]」不是 IPv6 地址 | localhost:80
[127.0.0.1]:80 | 「[127.0.0.1]」不是 IPv6 地址 | 127.0.0.1:80
[fe80::1%]:80 | 「[fe80::1%]」不是 IPv6 地址 | fe80:80
192.168.1.256:9000 | 「192.168.1.256」有一段太大,IPv4 地址的每一段最大是 255 | 192.168.1.254:9000
10.0.0.1234567890:80 | 「10.0.0.1234567890」有一段太大,IPv4 地址的每一段最大是 255 | 10.0.0.254:80
10.0.0.99999999999:80 | 「10.0.0.99999999999」有一段太大,IPv4 地址的每一段最大是 255 | 127.0.0.1:80
192.168.1:80 | 「192.168.1」只有 3 段,IPv4 地址要有 4 段 | 192.168.1.1:80
10.0 | 「10.0」只有 2 段,IPv4 地址要有 4 段 | 10.0.1.1:8080
8080:9000 | 「8080」只有 1 段,IPv4 地址要有 4 段 | 127.0.0.1:9000
10.0.0.1.5:80 | 「10.0.0.1.5」有 5 段,IPv4 地址只有 4 段 | 10.0.0.1:80
10.0.0.1.9000 | 「10.0.0.1.9000」有 5 段,IPv4 地址只有 4 段 | 10.0.0.1:9000
127.0.0.01:80 | 「127.0.0.01」有一段以 0 开头,有的系统会当成八进制 | 127.0.0.1:80
010.0.0.1:80 | 「010.0.0.1」有一段以 0 开头,有的系统会当成八进制 | 10.0.0.1:80
10,0,0,1:9000 | 逗号、分号不能代替点和冒号 | 10.0.0.1:9000
10.0.0.1，9000 | 逗号、分号不能代替点和冒号 | 10.0.0.1:9000
10.0.0.1；9000 | 逗号、分号不能代替点和冒号 | 10.0.0.1:9000
10,0,0,1,9000 | 逗号、分号不能代替点和冒号 | 10.0.0.1:9000
www.example.com,80 | 逗号、分号不能代替点和冒号 | www.example.com:80
::1;9000 | 逗号、分号不能代替点和冒号 | [::1]:9000
::1,9000 | 逗号、分号不能代替点和冒号 | [::1]:9000
http://a.com:8000/b?c#d | 「http://a.com:8000/b?c#d」是网址,这里只要主机和端口 | a.com:8000
https://example.com | 「https://example.com」是网址,这里只要主机和端口 | example.com:80
http://[::1]/ | 「http://[::1]/」是网址,这里只要主机和端口 | [::1]:80
http：//10.0.0.1：9000／ | 「http://10.0.0.1:9000/」是网址,这里只要主机和端口 | 10.0.0.1:9000
192.168.1.5/24 | 「/24」是子网前缀,要去掉 | 192.168.1.5:8080
192.168.1.5:9000/24 | 「/24」是子网前缀,要去掉 | 192.168.1.5:9000
10.0.0.1:9000/index.html | 「/index.html」是路径,这里只要主机和端口 | 10.0.0.1:9000
9000:10.0.0.1 | 主机和端口写反了,主机在前 | 10.0.0.1:9000
9000:localhost | 主机和端口写反了,主机在前 | localhost:9000
9000: | 主机和端口写反了,主机在前 | 127.0.0.1:9000
10.0.0.1::9000 | 冒号太多,只有端口前面要一个 | 10.0.0.1:9000
localhost:80:90 | 冒号太多,只有端口前面要一个 | localhost:90
*:9000 | 「*」不是地址,所有网卡写作 0.0.0.0 | 0.0.0.0:9000
* | 「*」不是地址,所有网卡写作 0.0.0.0 | 0.0.0.0:8080
10..0.0.1:80 | 主机「10..0.0.1」的点不对,点的两边都要有内容 | 10.0.0.1:80
10.0.0.1.:80 | 主机「10.0.0.1.」的点不对,点的两边都要有内容 | 10.0.0.1:80
example..com:80 | 主机「example..com」的点不对,点的两边都要有内容 | example.com:80
...:80 | 主机「...」的点不对,点的两边都要有内容 | 127.0.0.1:80
user@example.com:22 | 主机「user@example.com」里有不能用的字符 | example.com:22
\"10.0.0.1:9000\" | 主机「\"10.0.0.1」里有不能用的字符 | 10.0.0.1:9000
例子.中国:80 | 主机「例子.中国」里有不能用的字符 | 127.0.0.1:80
fe80%eth0:80 | 主机「fe80%eth0」里有不能用的字符 | fe80:80
-a.com:80 | 主机「-a.com」有一段以减号开头或结尾 | 127.0.0.1:80
a-.com:80 | 主机「a-.com」有一段以减号开头或结尾 | 127.0.0.1:80
";

/// 一张表的每一行,按「 | 」分成几格。
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    let rows = table.lines().filter(|row| !row.is_empty());
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        cells.try_into().expect("每一行的格数相同")
    })
}

/// 规范写法,或者错误和提示。
fn parse(input: &str) -> Result<String, (String, String)> {
    match input.parse::<Address>() {
        Ok(address) => Ok(address.to_string()),
        Err(error) => Err((error.to_string(), error.hint())),
    }
}

#[track_caller]
fn assert_wrong(input: &str, wrong: &str, right: &str) {
    let expected = Err((wrong.to_owned(), format!("试试 {right}")));
    assert_eq!(parse(input), expected, "{input:?}");
}

#[test]
fn accepts_every_right_form() {
    for [input, canonical] in rows(RIGHT) {
        assert_eq!(parse(input), Ok(canonical.into()), "{input:?}");
    }
}

#[test]
fn names_every_mistake_and_shows_the_right_form() {
    for [input, wrong, right] in rows(WRONG) {
        assert_wrong(input, wrong, right);
    }
    assert_wrong("", "没有写地址", "127.0.0.1:8080");
    assert_wrong(" \t\r\n", "没有写地址", "127.0.0.1:8080");
    assert_wrong("\u{200b}", "没有写地址", "127.0.0.1:8080");
}

/// 粘贴带来的空白、零宽字符、书写方向标记和控制字符都不算错。
#[test]
fn ignores_what_nobody_can_see() {
    for input in [
        "  10.0.0.1:80\r\n",
        "\u{3000}10.0.0.1:80\u{a0}",
        "\u{feff}10.0.0.1\u{200b}:80",
        "\u{202a}10.0.0.1:80\u{202c}",
        "\u{1b}10.0.0.1:\08\u{7f}0",
    ] {
        assert_eq!(parse(input), Ok("10.0.0.1:80".into()), "{input:?}");
    }
}

/// RFC 1035 §2.3.4:一段 63 字节,全名 253 字节。
#[test]
fn limits_the_length_of_names() {
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
    assert_eq!(longest.len(), 253);
    for host in [&label, &longest, &format!("{longest}.")] {
        let input = format!("{host}:80");
        assert_eq!(parse(&input), Ok(input.clone()));
    }
    let wrong = "主机名的一段最多 63 个字符";
    assert_wrong(&format!("{label}a.cn:80"), wrong, "127.0.0.1:80");
    let wrong = "主机名最多 253 个字符";
    assert_wrong(&format!("{longest}b:80"), wrong, "127.0.0.1:80");
}

/// 一兆字节的分隔符也很快:不会试遍每一处。
#[test]
fn long_input_takes_no_time() {
    for piece in [":", "]", "[", ";", " ;", "::1 ", "1.", "a:", "："] {
        let input = piece.repeat(1_000_000 / piece.len());
        assert!(parse(&input).is_err(), "{piece:?}");
    }
}

fn resolve(input: &str) -> Result<Vec<SocketAddr>, AddrError> {
    input.parse::<Address>().expect("写法是对的").resolve()
}

#[test]
fn resolves_numbers_without_asking_anyone() {
    for input in ["127.0.0.1:0", "[::1]:8080", "[::ffff:1.2.3.4]:65535"] {
        let expected: SocketAddr = input.parse().expect("标准库也认识");
        assert_eq!(resolve(input).expect("不用查"), [expected]);
    }
}

#[test]
fn resolves_names_with_ipv4_first() {
    let found = resolve("localhost:80").expect("每台机器都有 localhost");
    assert!(!found.is_empty());
    assert!(found.is_sorted_by_key(SocketAddr::is_ipv6), "{found:?}");
    assert!(found.iter().all(|address| address.ip().is_loopback()));
    assert!(found.iter().all(|address| address.port() == 80));
}

#[cfg(unix)]
#[test]
fn resolves_a_link_local_zone() {
    let found = resolve("[fe80::1%1]:80").expect("1 号网卡是回环");
    assert_eq!(found, ["[fe80::1%1]:80".parse().expect("标准库也认识")]);
}

/// RFC 6761 §6.4:`.invalid` 永远查不到。
#[test]
fn an_unknown_name_has_its_cause_and_a_hint() {
    let error = resolve("no-such-host.invalid:9000").expect_err("没有这个主机");
    // 后面是系统自己的话,各个系统不一样。
    let text = error.to_string();
    let expected = "找不到主机「no-such-host.invalid」,系统说「";
    assert!(text.starts_with(expected), "{text}");
    assert_eq!(
        error.hint(),
        "检查拼写和网络;如果服务器就在本机,试试 127.0.0.1:9000"
    );
}

/// 像地址的乱码:比任意字符更容易走到深处。
fn scribble() -> impl Strategy<Value = String> {
    "([0-9a-f]{0,4}|[.:\\[\\]%/ ,;*@+_-]|[：。【】１]|://|localhost|[²中\u{200b}]){0,12}"
}

/// 失败的例子印在屏幕上,不写进源代码的目录。
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// 什么输入都不会崩溃,提示里的写法总能解析,而且已经是规范的。
    #[test]
    fn every_hint_is_itself_right(input in prop_oneof![".*", scribble()]) {
        let right = match input.parse::<Address>() {
            Ok(address) => address.to_string(),
            Err(error) => {
                let hint = error.hint();
                hint.strip_prefix("试试 ").expect("提示给出写法").to_owned()
            }
        };
        prop_assert_eq!(parse(&right), Ok(right));
    }

    /// 每一个套接字地址写出来都能读回去,和标准库一致。
    #[test]
    fn agrees_with_the_standard_library(ip: IpAddr, port: u16) {
        let expected = SocketAddr::new(ip, port);
        prop_assert_eq!(parse(&expected.to_string()), Ok(expected.to_string()));
        prop_assert_eq!(resolve(&expected.to_string()).expect("不用查"), [expected]);
    }
}
