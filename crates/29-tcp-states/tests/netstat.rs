//! `netstat -an` 的输出,各系统的样子。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]
// 直接编译程序的各个文件;用不到的函数不算浪费。
#![allow(dead_code, unused_imports)]

use proptest::prelude::*;

#[path = "../src/cli.rs"]
mod cli;
#[path = "../src/netstat.rs"]
mod netstat;
#[path = "../src/state.rs"]
mod state;
#[path = "../src/table.rs"]
mod table;

use state::State;

/// 写成 `本端 对端 状态`,好比较。
fn parsed(text: &str) -> Vec<String> {
    let rows = netstat::parse(text);
    rows.iter()
        .map(|row| format!("{} {} {}", row.local, row.remote, row.state.name()))
        .collect()
}

#[test]
fn windows() {
    let text = "
活动连接

  协议  本地地址          外部地址        状态
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING
  TCP    127.0.0.1:8080         127.0.0.1:50231        ESTABLISHED
  TCP    127.0.0.1:50231        127.0.0.1:8080         FIN_WAIT_2
  TCP    [::]:445               [::]:0                 LISTENING
  TCP    [fe80::1%12]:49666     [fe80::2%12]:80        SYN_SENT
  UDP    0.0.0.0:5353           *:*
";
    assert_eq!(
        parsed(text),
        [
            "0.0.0.0:135 0.0.0.0:0 LISTEN",
            "127.0.0.1:8080 127.0.0.1:50231 ESTABLISHED",
            "127.0.0.1:50231 127.0.0.1:8080 FIN-WAIT-2",
            "[::]:445 [::]:0 LISTEN",
            "[fe80::1]:49666 [fe80::2]:80 SYN-SENT",
        ]
    );
}

#[test]
fn macos() {
    let text = "
Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  127.0.0.1.8080         127.0.0.1.50231        ESTABLISHED
tcp4       0      0  127.0.0.1.50231        127.0.0.1.8080         CLOSE_WAIT
tcp4       0      0  127.0.0.1.8080         *.*                    LISTEN
tcp6       0      0  *.22                   *.*                    LISTEN
tcp6       0      0  fe80::1%lo0.80         fe80::2%lo0.50232      SYN_RCVD
tcp46      0      0  *.8081                 *.*                    LISTEN
udp4       0      0  *.5353                 *.*
Active LOCAL (UNIX) domain sockets
Address          Type   Recv-Q Send-Q            Inode Conn Refs Nextref Addr
";
    assert_eq!(
        parsed(text),
        [
            "127.0.0.1:8080 127.0.0.1:50231 ESTABLISHED",
            "127.0.0.1:50231 127.0.0.1:8080 CLOSE-WAIT",
            "127.0.0.1:8080 0.0.0.0:0 LISTEN",
            "[::]:22 [::]:0 LISTEN",
            "[fe80::1]:80 [fe80::2]:50232 SYN-RECEIVED",
            "[::]:8081 [::]:0 LISTEN",
        ]
    );
}

#[test]
fn a_mapped_address_is_the_ipv4_address() {
    let text = "tcp 0 0 [::ffff:127.0.0.1]:80 [::ffff:127.0.0.1]:90 TIME_WAIT";
    assert_eq!(parsed(text), ["127.0.0.1:80 127.0.0.1:90 TIME-WAIT"]);
}

#[test]
fn other_lines_are_skipped() {
    for text in [
        "",
        "TCP",
        "TCP LISTENING",
        "TCP 127.0.0.1:80 LISTENING",
        "TCP 127.0.0.1 0.0.0.0:0 LISTENING",
        "TCP 127.0.0.1:99999 0.0.0.0:0 LISTENING",
        "TCP :80 0.0.0.0:0 LISTENING",
        "TCP 127.0.0.1:80 0.0.0.0:0 SLEEPING",
    ] {
        assert_eq!(parsed(text), [""; 0], "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "(tcp4? ?)?[ .:*%\\[\\]0-9a-f\n]{0,40}( LISTEN| 状态)?") {
        netstat::parse(&text);
    }
}
