//! 请求目标的四种写法(RFC 9112 §3.2)。

use super::request::{ask, get, raw};
use super::talk::Talk;
use super::{Rule, must, own, should};

/// 方法和目标是 `line`,其余都对。
fn line(line: &str) -> Talk {
    raw(format!("{line} HTTP/1.1\r\nHost: test\r\n\r\n"))
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    vec![
        must("9112 §3.2.1", "origin-query", "问号后面是查询,不是文件名的一部分",
            get("/letters.txt?x=1&y=2").gives("letters.txt")),
        must("9112 §3.2.1", "origin-empty-query", "空的查询", get("/letters.txt?").gives("letters.txt")),
        must("9112 §3.2.1", "origin-slashes-in-query", "查询里可以有 / 和 ?",
            get("/letters.txt?a=/../b?c").gives("letters.txt")),
        must("9112 §3.2.1", "origin-percent-in-query", "查询里的 %2F、%00 与文件无关",
            get("/letters.txt?a=%2F%2e%2e%00").gives("letters.txt")),
        must("9112 §3.2.1", "origin-root", "/ 是首页", get("/").gives("index.html")),
        must("9112 §3.2.2", "absolute", "必须接受绝对形式",
            line("GET http://test/letters.txt").gives("letters.txt")),
        must("9112 §3.2.2", "absolute-port", "绝对形式带端口", line("GET http://test:8080/letters.txt").gives("letters.txt")),
        must("9112 §3.2.2", "absolute-ignores-host", "绝对形式里的主机优先,不看 Host",
            raw("GET http://other.example/letters.txt HTTP/1.1\r\nHost: test\r\n\r\n").gives("letters.txt")),
        must("9110 §4.2.3", "absolute-upper-case", "方案和主机不分大小写",
            line("GET HTTP://TEST/letters.txt").gives("letters.txt")),
        must("9110 §4.2.3", "absolute-no-path", "绝对形式没有路径:就是 /", line("GET http://test").gives("index.html")),
        must("9110 §4.2.3", "absolute-no-path-query", "没有路径,有查询:还是 /", line("GET http://test?x=1").gives("index.html")),
        must("9112 §3.2.2", "absolute-query", "绝对形式带查询", line("GET http://test/letters.txt?x=/y").gives("letters.txt")),
        must("9112 §3.2.2", "absolute-ipv6", "主机是 IPv6 地址", line("GET http://[::1]:80/letters.txt").gives("letters.txt")),
        must("9112 §3.2.2", "absolute-10", "HTTP/1.0 也可以用绝对形式,不要 Host",
            raw("GET http://test/letters.txt HTTP/1.0\r\n\r\n").gives("letters.txt").closed()),
        must("9112 §3.2", "absolute-still-needs-host", "绝对形式也必须有 Host",
            raw("GET http://test/letters.txt HTTP/1.1\r\n\r\n").status(&[400])),
        must("9110 §4.2.1", "absolute-empty-host", "http 的 URI 没有主机:拒绝", line("GET http:///letters.txt").status(&[400])),
        must("9110 §4.2.1", "absolute-only-port", "http 的 URI 只有端口:拒绝", line("GET http://:80/letters.txt").status(&[400])),
        should("9110 §4.2.4", "absolute-userinfo", "主机前面有用户名和密码:当作错误",
            line("GET http://user:pass@test/letters.txt").status(&[400, 421])),
        must("9110 §7.4", "absolute-https", "https 的资源不能从明文的连接上要",
            line("GET https://test/letters.txt").status(&[400, 403, 404, 421])),
        should("9112 §3.2", "absolute-bad-port", "端口不是数字:400", line("GET http://test:8o/letters.txt").status(&[400])),
        should("9112 §3.2", "absolute-bad-host", "主机里有空格的编码以外的怪字符:400",
            line("GET http://te<st/letters.txt").status(&[400])),
        own("9110 §7.4", "absolute-ftp", "别的方案:拒绝", line("GET ftp://test/letters.txt").status(&[400, 404, 421])),
        should("9112 §3.2", "relative", "相对的路径不是四种写法之一:400", line("GET letters.txt").status(&[400])),
        should("9112 §3.2", "relative-dots", "../ 开头:400", line("GET ../letters.txt").status(&[400])),
        should("9112 §3.2", "only-query", "只有查询:400", line("GET ?x=1").status(&[400])),
        should("9112 §3.2.3", "authority-get", "authority 形式只能用于 CONNECT", line("GET test:80").status(&[400])),
        should("9112 §3.2.4", "asterisk-get", "* 只能用于 OPTIONS", line("GET *").status(&[400, 404])),
        should("9112 §3.2.4", "asterisk-path", "*/x 不是 *", line("OPTIONS */index.html").status(&[400])),
        must("9110 §9.3.6", "connect-refused", "源服务器不给别人打隧道",
            line("CONNECT test:80").check(|seen| match seen.last().status {
                200..=299 => Err("CONNECT 成功了:连接成了隧道".to_owned()),
                _ => Ok(()),
            })),
        own("9110 §9.3.6", "connect-405", "CONNECT:405、501 或 400", line("CONNECT test:80").status(&[400, 405, 501])),
        should("9110 §9.3.7", "options-asterisk", "OPTIONS *:问整个服务器",
            ask("OPTIONS", "*").status(&[200, 204, 405, 501])),
        own("9110 §9.3.7", "options-asterisk-ok", "OPTIONS *:答 200 或 204", ask("OPTIONS", "*").status(&[200, 204]).open()),
        own("9112 §3.2.4", "options-absolute", "OPTIONS http://test 就是 OPTIONS *",
            line("OPTIONS http://test").status(&[200, 204])),
    ]
}
