//! 方法:GET、HEAD、OPTIONS,别的拒绝(RFC 9110 §9)。

use super::request::{ask, ask_with, get, get_with, head, head_with, raw};
use super::{Rule, must, own, should};
use crate::web::response::Response;

/// GET 和 HEAD 的回答里,允许不同的字段:说的是这一次发送,不是文件。
const PER_MESSAGE: [&str; 4] = ["date", "connection", "keep-alive", "transfer-encoding"];

/// 第一个回答和最后一个回答的字段相同。
fn same_fields(answers: &[Response]) -> Result<(), String> {
    let fields = |answer: &Response| -> Vec<(String, String)> {
        let fields = answer
            .fields
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value.clone()));
        let mut fields: Vec<_> = fields
            .filter(|(name, _)| !PER_MESSAGE.contains(&name.as_str()))
            .collect();
        fields.sort();
        fields
    };
    match answers {
        [first, .., last] if fields(first) == fields(last) && first.status == last.status => Ok(()),
        [first, .., last] => Err(format!(
            "字段应当一样:{:?} 与 {:?}",
            fields(first),
            fields(last)
        )),
        _ => Err("应当有两个回答".to_owned()),
    }
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    vec![
        must("9110 §9.3.1", "get", "GET:200 和文件", get("/letters.txt").gives("letters.txt").in_sync()),
        must("9110 §9.3.2", "head-no-body", "HEAD:没有正文,连接不错位", head("/letters.txt").status(&[200]).in_sync()),
        should("9110 §9.3.2", "head-same-fields", "HEAD 的字段与 GET 的一样",
            get("/letters.txt").then(head("/letters.txt")).check(|seen| same_fields(seen.answers))),
        should("9110 §9.3.2", "head-same-fields-directory", "目录的 HEAD 也一样",
            get("/").then(head("/")).check(|seen| same_fields(seen.answers))),
        should("9110 §9.3.2", "head-same-fields-empty", "空文件的 HEAD 也一样",
            get("/empty.txt").then(head("/empty.txt")).check(|seen| same_fields(seen.answers))),
        should("9110 §9.3.2", "head-same-fields-404", "404 的 HEAD 也一样",
            get("/nothing").then(head("/nothing")).check(|seen| same_fields(seen.answers))),
        should("9110 §9.3.2", "head-same-fields-304", "304 的 HEAD 也一样",
            get_with("/letters.txt", "If-None-Match: *")
                .then(head_with("/letters.txt", "If-None-Match: *")).check(|seen| same_fields(seen.answers))),
        must("9110 §8.6", "head-length", "HEAD 的 Content-Length 是 GET 会有的长度(可以没有)",
            head("/letters.txt").check(|seen| match seen.last().field("Content-Length") {
                None | Some("26") => Ok(()),
                Some(other) => Err(format!("Content-Length 应当是 26,却是 {other}")),
            })),
        must("9110 §9.3.2", "head-big", "大文件的 HEAD 没有正文", head("/big.bin").status(&[200]).in_sync()),
        must("9110 §9.3.2", "head-404", "404 的 HEAD 也没有正文", head("/nothing").status(&[404]).in_sync()),
        must("9110 §9.3.2", "head-redirect", "跳转的 HEAD 也没有正文", head("/sub").not(&[200, 500]).in_sync()),
        must("9110 §9.1", "method-case", "方法区分大小写:get 不是 GET", ask("get", "/index.html").status(&[400, 405, 501])),
        should("9110 §9.1", "method-unknown", "不认得的方法:501", ask("BREW", "/index.html").status(&[501])),
        should("9110 §9.1", "method-prefix", "GETX 不是 GET:501", ask("GETX", "/index.html").status(&[501])),
        should("9110 §9.1", "method-shorter", "GE 不是 GET:501", ask("GE", "/index.html").status(&[501])),
        should("9112 §3.1", "method-not-token", "方法里有不许的字符:400",
            ask("GE(T", "/index.html").status(&[400, 501])),
        should("9112 §3.1", "method-with-colon", "方法里有冒号:400", ask("GET:", "/index.html").status(&[400, 501])),
        should("9110 §9.1", "method-all-token-chars", "方法可以用 token 的每一个字符,只是不认得:501",
            ask("!#$%&'*+-.^_`|~09", "/index.html").status(&[501])),
        own("9110 §15.5.6", "post-405", "POST 一个文件:405", post_405("POST")),
        should("9110 §15.5.6", "put-405", "PUT:405", post_405("PUT")),
        should("9110 §15.5.6", "delete-405", "DELETE:405", post_405("DELETE")),
        own("9110 §15.5.6", "patch-405", "PATCH:405", post_405("PATCH")),
        must("9110 §15.5.6", "post-allow", "405 必须有 Allow", allow_with_405("POST")),
        must("9110 §15.5.6", "put-allow", "PUT 的 405 必须有 Allow", allow_with_405("PUT")),
        must("9110 §15.5.6", "delete-allow", "DELETE 的 405 必须有 Allow", allow_with_405("DELETE")),
        must("9110 §15.5.6", "trace-allow", "TRACE 的 405 必须有 Allow", allow_with_405("TRACE")),
        must("9110 §15.5.6", "options-allow", "OPTIONS 的 405 必须有 Allow", allow_with_405("OPTIONS")),
        must("9110 §15.5.6", "patch-allow", "PATCH 的 405 必须有 Allow", allow_with_405("PATCH")),
        own("9110 §15.5.6", "allow-get-head", "405 的 Allow 列出 GET 和 HEAD",
            ask("DELETE", "/index.html").status(&[405]).lists("Allow", "GET").lists("Allow", "HEAD")),
        must("9110 §9.3.5", "delete-keeps-file", "拒绝了的 DELETE 没有删掉文件",
            ask("DELETE", "/a+b.txt").not(&[200, 202, 204]).then(get("/a+b.txt").gives("a+b.txt"))),
        must("9110 §9.3.4", "put-writes-nothing", "拒绝了的 PUT 没有写文件",
            raw("PUT /new.txt HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\nConnection: close\r\n\r\nnew").not(&[200, 201, 204])
                .check(|seen| match seen.root.join("new.txt").exists() {
                    true => Err("文件写出来了".to_owned()),
                    false => Ok(()),
                })),
        own("9110 §9.3.7", "options", "OPTIONS:200 或 204,Allow 里有 GET、HEAD",
            ask("OPTIONS", "/index.html").status(&[200, 204]).lists("Allow", "GET").lists("Allow", "HEAD").open()),
        should("9110 §9.3.7", "options-allow-if-ok", "成功的 OPTIONS 有 Allow",
            ask("OPTIONS", "/index.html").status(&[200, 204, 405]).has("Allow")),
        must("9110 §13.2.1", "options-no-preconditions", "OPTIONS 不看条件字段",
            ask_with("OPTIONS", "/index.html", "If-Match: \"no\"").not(&[412, 304])),
        should("9110 §9.3.8", "trace-hides-cookie", "TRACE 不把 Cookie 照样说回来",
            ask_with("TRACE", "/index.html", "Cookie: token=abracadabra").never_says("abracadabra")),
        own("9110 §9.3.8", "trace-not-echoed", "TRACE:405,什么也不照样说回来",
            ask_with("TRACE", "/index.html", "X-Echo: abracadabra").status(&[405, 501]).never_says("abracadabra")),
        own("9110 §9.2.1", "method-override", "X-HTTP-Method-Override 不改变方法",
            get_with("/letters.txt", "X-HTTP-Method-Override: DELETE").gives("letters.txt")),
        must("9110 §6.4.1", "status-204-length", "204 没有 Content-Length",
            ask("OPTIONS", "/index.html").check(|seen| match seen.last().status {
                204 if seen.last().field("Content-Length").is_some() => Err("204 不应当有 Content-Length".to_owned()),
                _ => Ok(()),
            })),
    ]
}

/// 认得、不许用的方法。
fn post_405(method: &str) -> super::talk::Talk {
    let close = "Content-Length: 0\r\nConnection: close";
    ask_with(method, "/index.html", close).status(&[405, 501])
}

/// 如果是 405,就有 Allow,里面没有这个方法。
fn allow_with_405(method: &'static str) -> super::talk::Talk {
    let close = "Content-Length: 0\r\nConnection: close";
    ask_with(method, "/index.html", close).check(move |seen| {
        let answer = seen.last();
        if answer.status != 405 {
            return Ok(());
        }
        match answer.field("Allow").is_some() && !answer.has("Allow", method) {
            true => Ok(()),
            false => Err(format!(
                "405 应当有 Allow,不列 {method}:{:?}",
                answer.field("Allow")
            )),
        }
    })
}
