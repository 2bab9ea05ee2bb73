//! 类型:Content-Type 由扩展名来定,不看内容(RFC 9110 §8.3)。
//!
//! 看内容来猜,一份用户交上来的文字就可能被当成网页运行。

#[cfg(test)]
mod tests;

/// 没有扩展名,或者不认得:一串字节。
const UNKNOWN: &str = "application/octet-stream";

/// 不叫 text/、却是文字的类型。
const TEXTUAL: [&str; 3] = [
    "application/json",
    "application/xml",
    "application/manifest+json",
];

/// 不是文字、压缩了也会小很多的类型。
const COMPRESSIBLE: [&str; 5] = [
    "application/wasm",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/x-icon",
];

/// 一个文件的类型。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Type {
    /// 类型/子类型。
    pub name: &'static str,
    /// 是文字:要说 charset,不说的话浏览器要猜,中文就可能是乱码。
    pub textual: bool,
}

impl Type {
    /// 名字是 `name` 的文件的类型。
    pub fn of(name: &[u8]) -> Self {
        let guess =
            extension(name).and_then(|extension| mime_guess::from_ext(extension).first_raw());
        let name = match guess.unwrap_or(UNKNOWN) {
            // 表里 .mjs 还是旧的名字(RFC 9239 §6)。
            "application/javascript" => "text/javascript",
            name => name,
        };
        let textual = name.starts_with("text/")
            || name.ends_with("+xml")
            || name.ends_with("+json")
            || TEXTUAL.contains(&name);
        Self { name, textual }
    }

    /// 会不会有压缩好的一份放在旁边。
    pub fn is_compressible(self) -> bool {
        self.textual || COMPRESSIBLE.contains(&self.name)
    }

    /// Content-Type 的值的后一半。
    pub fn charset(self) -> &'static str {
        match self.textual {
            true => "; charset=utf-8",
            false => "",
        }
    }
}

/// 最后一段里最后一个点之后;`.bashrc` 没有扩展名。
fn extension(name: &[u8]) -> Option<&str> {
    let base = name.rsplit(|&byte| byte == b'/').next()?;
    let dot = base.iter().rposition(|&byte| byte == b'.')?;
    match dot {
        0 => None,
        dot => str::from_utf8(&base[dot + 1..]).ok(),
    }
}
