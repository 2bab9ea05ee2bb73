//! 名字:陌生人说的路径,是不是 `root` 里面的一个普通的名字。服务器这样看请求,客户端这样看列出的名字。

use std::ops::Range;

/// 多数文件系统里,一个名字最多这么多字节(pathconf(3) `_PC_NAME_MAX`)。
const MAX_NAME: usize = 255;

/// 目录最多这么多层:再深的路径超过 `PATH_MAX`,也没有人这样放文件。
pub const MAX_DEPTH: usize = 64;

/// Windows 的设备名:不管在哪个目录、有没有扩展名,打开的都是设备(Microsoft「Naming Files, Paths, and Namespaces」)。
const DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

/// 日志和屏幕上最多写一个名字的这么多字节。
const MAX_SHOWN: usize = 1024;

/// 没有收齐的文件和它的状态:这样结尾的名字不能下载,否则会和别的文件的半成品撞在一起。
pub const PART: &str = ".part";
/// 状态文件加在 [`PART`] 后面的结尾。
pub const STATE: &str = ".part.state";

/// 名字超过这么多字节,加上结尾就放不下了,半成品换一个短的名字。
const LONG_NAME: usize = 235;

/// 存成 `name` 的文件,没有收齐时和它的状态叫什么。
pub fn partial(name: &str) -> (String, String) {
    let stem = match name.len() > LONG_NAME {
        true => blake3::hash(name.as_bytes()).to_hex()[..32].to_owned(),
        false => name.to_owned(),
    };
    (format!("{stem}{PART}"), format!("{stem}{STATE}"))
}

/// 检查过的路径:从 root 算起,一段一段都是普通的名字。空的就是 root。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// 检查一个路径;不合规矩就是 `None`。
    pub fn new(path: &[u8]) -> Option<Self> {
        let path = str::from_utf8(path).ok()?;
        let plain = path.is_empty() || path.split('/').all(is_plain);
        let shallow = path.split('/').count() <= MAX_DEPTH;
        (plain && shallow).then(|| Self(path.to_owned()))
    }

    /// root。
    pub fn root() -> Self {
        Self(String::new())
    }

    /// 目录里的一项。
    pub fn join(&self, name: &[u8]) -> Option<Self> {
        // 一项就是一段:服务器列出的名字里不能再有 /。
        let name = str::from_utf8(name).ok().filter(|name| is_plain(name))?;
        let path = match self.0.is_empty() {
            true => name.to_owned(),
            false => format!("{}/{name}", self.0),
        };
        Self::new(path.as_bytes())
    }

    /// 写成一行。
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// 所在的各层目录,和最后一段;root 没有最后一段。
    pub fn split(&self) -> (impl Iterator<Item = &str>, &str) {
        let (parents, base) = self.0.rsplit_once('/').unwrap_or(("", &self.0));
        (parents.split('/').filter(|part| !part.is_empty()), base)
    }

    /// 会不会和别的文件的半成品撞名。大小写不同的名字,在有的系统上是同一个。
    pub fn is_partial(&self) -> bool {
        let lower = self.0.to_lowercase();
        lower.ends_with(PART) || lower.ends_with(STATE)
    }
}

/// 是不是一个普通的名字:在哪个系统上都只有一个意思,都不会走出目录。
fn is_plain(name: &str) -> bool {
    let special = |character: char| character.is_control() || "/\\:*?\"<>|".contains(character);
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    !name.is_empty()
        && name.len() <= MAX_NAME
        && !name.contains(special)
        // 末尾的点和空格,Windows 会悄悄去掉;`.` 和 `..` 也在这里。
        && !name.ends_with(['.', ' '])
        && !is_device(stem)
}

/// `CON`、`COM1`、`lpt9` ……;Windows 把上标的 ¹²³ 也当作数字。
fn is_device(stem: &str) -> bool {
    let upper = stem.to_uppercase();
    let port = upper.strip_prefix("COM").or(upper.strip_prefix("LPT"));
    let numbered = port.is_some_and(|rest| {
        let mut rest = rest.chars();
        rest.next()
            .is_some_and(|digit| "0123456789¹²³".contains(digit))
            && rest.next().is_none()
    });
    numbered || DEVICES.contains(&upper.as_str())
}

/// 名字在日志和屏幕上怎样写:不是 UTF-8 的字节、控制字符、看不见的字符,写成看得见的样子。
pub fn shown(name: &[u8]) -> String {
    let name = &name[..name.len().min(MAX_SHOWN)];
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            match is_invisible(character) {
                true => text.extend(character.escape_default()),
                false => text.push(character),
            }
        }
        text.push_str(&chunk.invalid().escape_ascii().to_string());
    }
    text
}

/// 控制字符、零宽字符、书写方向标记:能清屏,能把名字倒过来写。
fn is_invisible(character: char) -> bool {
    const FORMATS: [Range<u32>; 4] = [
        0x200b..0x2010,
        0x2028..0x2030,
        0x2060..0x2070,
        0xfeff..0xff00,
    ];
    let code = u32::from(character);
    character.is_control() || FORMATS.iter().any(|range| range.contains(&code))
}
