//! 一个小网站,和对它最常做的几件事:要一页,看状态,看内容。

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;

use super::response::Response;
use super::{HttpPeer, get};
use crate::exam::{Exam, Stop, Transport, Verdict};
use crate::failure::Failure;

/// 首页。
pub const INDEX: &str = "<!doctype html>\n<html lang=\"zh\"><title>首页</title>你好</html>\n";

/// 样式。
pub const STYLE: &str = "body { color: teal }\n";

/// 大文件的字节数:比两边的套接字缓冲区加起来还大,发不完就停在半路。
pub const LARGE: usize = 16 << 20;

/// 建好网站的文件,启动服务器。
///
/// # Errors
/// 文件写不了,或者服务器启动不了。
pub fn open(exam: &mut Exam) -> Result<SocketAddr, Stop> {
    let root = exam.directory();
    let write = |name: &str, content: &[u8]| fs::write(root.join(name), content);
    write("index.html", INDEX.as_bytes())?;
    write("style.css", STYLE.as_bytes())?;
    fs::create_dir(root.join("sub"))?;
    write("sub/index.html", "<html>里面</html>".as_bytes())?;
    exam.server(Transport::Tcp)
}

/// 每 1 KiB 开头写着自己的位置:少了哪一段、错了位,一看便知。
#[must_use]
pub fn pattern(length: usize) -> Vec<u8> {
    let mut bytes = vec![b'.'; length];
    for (number, block) in bytes.chunks_mut(1 << 10).enumerate() {
        let place = format!("{number} ");
        let shown = place.len().min(block.len());
        block[..shown].copy_from_slice(&place.as_bytes()[..shown]);
    }
    bytes
}

/// 在网站里放一个文件。
///
/// # Errors
/// 写不了。
pub fn put(exam: &Exam, name: &str, content: &[u8]) -> Result<(), Stop> {
    Ok(fs::write(exam.directory().join(name), content)?)
}

/// 新开一条连接,说一个请求,读一个回答。
///
/// # Errors
/// 没有回答,或者回答的写法不对。
pub fn ask(exam: &Exam, server: SocketAddr, request: &[u8]) -> Result<Response, Stop> {
    HttpPeer::ask(exam, server, request)?.response(exam.deadline())
}

/// 要 `target`,直到回答里有校验器:刚刚改过的文件可以先不给,同一刻里它还可能再变。
///
/// # Errors
/// 同 [`ask`];到了期限还没有校验器的,由调用者去看。
pub fn ask_settled(exam: &Exam, server: SocketAddr, target: &str) -> Result<Response, Stop> {
    let deadline = exam.deadline();
    loop {
        let response = ask(exam, server, &get(target))?;
        let settled = response.field("ETag").is_some() && response.field("Last-Modified").is_some();
        if settled || Instant::now() >= deadline {
            return Ok(response);
        }
    }
}

/// 要 `target`,应当得到 `content`。
///
/// # Errors
/// 状态不是 200,或者内容不一样。
pub fn expect_file(exam: &Exam, server: SocketAddr, target: &str, content: &[u8]) -> Verdict {
    let request = get(target);
    let response = ask(exam, server, &request)?;
    same(&request, &response, content)
}

/// 在已经开着的连接上要 `target`,应当得到 `content`。
///
/// # Errors
/// 同 [`expect_file`]。
pub fn expect_on(exam: &Exam, peer: &mut HttpPeer, target: &str, content: &[u8]) -> Verdict {
    let request = get(target);
    peer.send(&request, exam.deadline())?;
    let response = peer.response(exam.deadline())?;
    same(&request, &response, content)
}

/// 首页还在:前面的事没有伤到服务器。
///
/// # Errors
/// 服务器不再回答,或者内容不对。
pub fn still_there(exam: &Exam, server: SocketAddr) -> Verdict {
    let request = get("/");
    let response = ask(exam, server, &request)?;
    status(&request, &response, &[200])
}

/// 回答应当是 200,正文是 `content`。
///
/// # Errors
/// 不是。
pub fn same(request: &[u8], response: &Response, content: &[u8]) -> Verdict {
    status(request, response, &[200])?;
    if response.body == content {
        return Ok(());
    }
    let failure = Failure::new("正文不对").sent(request).expected(content);
    Err(failure.received(Some(&response.body)).into())
}

/// 状态应当是 `wanted` 里的一个。
///
/// # Errors
/// 不是。
pub fn status(request: &[u8], response: &Response, wanted: &[u16]) -> Verdict {
    if wanted.contains(&response.status) {
        return Ok(());
    }
    let wanted: Vec<String> = wanted.iter().map(u16::to_string).collect();
    let text = format!(
        "状态应当是 {},却是 {}",
        wanted.join(" 或 "),
        response.status
    );
    Err(wrong(request, response, &text))
}

/// 字段 `name` 应当合乎 `wanted`;`what` 说应当是什么。
///
/// # Errors
/// 没有这个字段,或者不合。
pub fn field(
    request: &[u8],
    response: &Response,
    name: &str,
    what: &str,
    wanted: impl Fn(&str) -> bool,
) -> Verdict {
    let text = match response.field(name) {
        Some(value) if wanted(value) => return Ok(()),
        Some(value) => format!("{name} 应当{what},却是「{value}」"),
        None => format!("没有 {name} 字段,它应当{what}"),
    };
    Err(wrong(request, response, &text))
}

/// 一个失败:发了什么,回答的头和正文是什么。
#[must_use]
pub fn wrong(request: &[u8], response: &Response, what: &str) -> Stop {
    let whole = [response.head.as_slice(), &response.body].concat();
    let failure = Failure::new(what).sent(request).received(Some(&whole));
    failure.into()
}

/// 在 `root` 里建一个指向 `target` 的链接;这里的系统建不了,是 `false`。
///
/// # Errors
/// 应当建得了,却没有建成。
pub fn link(root: &Path, name: &str, target: &Path) -> Result<bool, Stop> {
    // Windows 上建符号链接要管理员。
    #[cfg(unix)]
    std::os::unix::fs::symlink(target, root.join(name))?;
    let _ = (root, name, target);
    Ok(cfg!(unix))
}
