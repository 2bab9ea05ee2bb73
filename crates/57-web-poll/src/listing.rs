//! 目录的清单:给人看的网页,或者给程序看的 JSON。
//!
//! 名字是别人起的:写进 HTML 要转义,写进链接要编码,不然一个文件名就能在别人的浏览器里运行脚本。

#[cfg(test)]
mod tests;

use std::fmt::Write;
use std::io;

use crate::clock;
use crate::pages::{self, escape};
use crate::path::{RelativePath, encode, is_dotted};
use crate::response::{Fields, Response};
use crate::root::{Directory, Entry, Found, Kind, Root};
use crate::status::Status;

/// 最多列出这么多项,大约两三兆字节的网页;几百万个文件的目录也只占这么多内存和时间。
const MAX_ENTRIES: usize = 10_000;

/// IMF-fixdate 里的月份。
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// 清单。
#[derive(Debug)]
pub struct Listing {
    entries: Vec<Entry>,
    complete: bool,
}

impl Listing {
    /// 列出 `root` 里面叫 `path` 的 `directory`:目录在前,各按名字(码点)排。
    ///
    /// 客户取不到的不列:点开头的(除非 `hidden`),通到外面的链接,管道……
    ///
    /// # Errors
    /// 读目录出错。
    pub fn new(
        root: &Root,
        directory: &Directory,
        path: &RelativePath,
        hidden: bool,
    ) -> io::Result<Self> {
        let mut entries = Vec::new();
        let mut complete = true;
        directory.each(|mut entry| {
            if entry.kind == Kind::Link {
                follow(root, path, &mut entry);
            }
            let shown = hidden || !is_dotted(&entry.name);
            let reachable = entry.kind != Kind::Other && !entry.name.contains(&b'\\');
            if shown && reachable {
                complete = entries.len() < MAX_ENTRIES;
                if complete {
                    entries.push(entry);
                }
            }
            complete
        })?;
        entries.sort_by(|one, other| {
            let key = |entry: &Entry| entry.kind != Kind::Directory;
            key(one)
                .cmp(&key(other))
                .then_with(|| one.name.cmp(&other.name))
        });
        Ok(Self { entries, complete })
    }

    /// 网页。
    pub fn html(&self, path: &RelativePath) -> Response {
        let mut title = format!("/{}", escape(&text(&path.name)));
        if !path.name.is_empty() {
            title.push('/');
        }
        let mut page = format!(
            "<!doctype html>\n<html lang=\"zh\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
             <h1>{title}</h1>\n<table>\n<tr><th>名字<th>大小(字节)<th>修改时间(UTC)\n"
        );
        if !path.name.is_empty() {
            page.push_str("<tr><td><a href=\"../\">../</a><td><td>\n");
        }
        for entry in &self.entries {
            row(&mut page, entry);
        }
        page.push_str("</table>\n");
        if !self.complete {
            // 写进 String 不会出错。
            let _ = writeln!(page, "<p>太多了,只列出 {MAX_ENTRIES} 项</p>");
        }
        page.push_str("</html>\n");
        pages::html(Status::OK, self.fields(), page)
    }

    /// JSON:一个数组,字段和 nginx 的 autoindex_format json 一样。
    pub fn json(&self) -> Response {
        let mut list = String::from("[");
        for (place, entry) in self.entries.iter().enumerate() {
            list.push_str(if place == 0 { "\n" } else { ",\n" });
            list.push_str("{\"name\":");
            push_quoted(&mut list, &String::from_utf8_lossy(&entry.name));
            let date = clock::date(entry.stamp.modified());
            let _ = match entry.kind {
                Kind::Directory => write!(list, ",\"type\":\"directory\",\"mtime\":\"{date}\"}}"),
                _ => write!(
                    list,
                    ",\"type\":\"file\",\"mtime\":\"{date}\",\"size\":{}}}",
                    entry.stamp.size
                ),
            };
        }
        list.push_str("\n]\n");
        let kind = "application/json; charset=utf-8";
        pages::document(Status::OK, self.fields(), kind, list)
    }

    /// 没有列完的,程序也要能知道。
    fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        if !self.complete {
            fields.add("X-Listing-Truncated", MAX_ENTRIES.to_string());
        }
        fields
    }
}

/// 链接指着什么:和有人来取它时一样地走。
fn follow(root: &Root, path: &RelativePath, entry: &mut Entry) {
    let found = root.find(&path.join(&entry.name).name);
    entry.kind = match found {
        Ok(Found::Directory(_)) => Kind::Directory,
        Ok(Found::File(_, stamp)) => {
            entry.stamp = stamp;
            Kind::File
        }
        _ => Kind::Other,
    };
}

fn row(page: &mut String, entry: &Entry) {
    let (slash, size) = match entry.kind {
        Kind::Directory => ("/", String::new()),
        _ => ("", entry.stamp.size.to_string()),
    };
    let (link, name) = (encode(&entry.name), escape(&text(&entry.name)));
    let time = time(entry.stamp.modified());
    let _ = writeln!(
        page,
        "<tr><td><a href=\"{link}{slash}\">{name}{slash}</a><td>{size}<td>{time}"
    );
}

/// 给人看的名字:不是 UTF-8 的字节和控制字符换成替代字符。
fn text(name: &[u8]) -> String {
    let visible = |character: char| match character.is_control() {
        true => char::REPLACEMENT_CHARACTER,
        false => character,
    };
    String::from_utf8_lossy(name).chars().map(visible).collect()
}

/// `2026-11-20 19:25`,从 `Fri, 20 Nov 2026 19:25:50 GMT` 改写。
fn time(seconds: u64) -> String {
    let date = clock::date(seconds);
    let month = MONTHS.iter().position(|&month| month == &date[8..11]);
    let month = month.map_or(0, |place| place + 1);
    format!(
        "{}-{month:02}-{} {}",
        &date[12..16],
        &date[5..7],
        &date[17..22]
    )
}

/// JSON 的字符串(RFC 8259 §7)。
fn push_quoted(text: &mut String, name: &str) {
    text.push('"');
    for character in name.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\0'..='\x1f' => {
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            plain => text.push(plain),
        }
    }
    text.push('"');
}
