//! 符合性表用的网站:一个目录,里面每一种名字、每一种文件都有。

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// 「连接还在吗」问的一页。
pub(super) const PROBE: &str = "/probe.txt";

/// 藏着的请求要的一页里有这几个字。
pub(super) const HIDDEN: &str = "HIDDEN-PAGE";

/// 收到其中任何一段,就是泄露了根目录以外的文件。
pub(super) const LEAKS: [&str; 4] = ["SECRET", "root:x:0", "[fonts]", "[boot loader]"];

/// 网站里文件的修改时间:1994-11-06 08:49:37 UTC,RFC 9110 §5.6.7 的例子。
const MODIFIED: u64 = 784_111_777;

/// `future.txt` 的修改时间:2037-12-31 23:59:59 UTC。
const FUTURE: u64 = 2_145_916_799;

/// 大文件的长度(字节):一次写不进套接字的缓冲区。
const BIG: usize = 5_000_000;

/// 内容没有讲究的文件:名字,内容。
#[rustfmt::skip]
const FILES: [(&str, &str); 35] = [
    ("index.html", "<!doctype html>\n<meta charset=utf-8>\n<title>首页</title>\n<p>首页\n"),
    ("404.html", "<!doctype html>\n<title>没有</title>\n<p>自己的 404 页\n"),
    ("probe.txt", "the connection is still in step\n"),
    ("hidden.txt", "HIDDEN-PAGE\n"),
    ("letters.txt", "abcdefghijklmnopqrstuvwxyz"),
    ("empty.txt", ""),
    ("中文 名.html", "<!doctype html>\n<p>中文的名字\n"),
    ("目录/index.html", "<!doctype html>\n<p>中文的目录\n"),
    ("sub/index.html", "<!doctype html>\n<p>子目录\n"),
    ("sub/file.txt", "a file in a directory\n"),
    ("bare/note.txt", "a directory without index.html\n"),
    ("a+b.txt", "plus\n"),
    ("a b.txt", "space\n"),
    ("a&b.txt", "ampersand\n"),
    ("a=b,c;d.txt", "sub-delims\n"),
    ("a..b.txt", "two dots\n"),
    ("100%.txt", "percent\n"),
    ("%41.txt", "percent four one\n"),
    ("A.txt", "letter A\n"),
    ("x%2Fy.txt", "percent two F\n"),
    ("~user!$'()@.txt", "unreserved and sub-delims\n"),
    ("noext", "no extension\n"),
    ("future.txt", "from the future\n"),
    ("script.js", "export const answer = 42;\n"),
    ("module.mjs", "export const answer = 42;\n"),
    ("data.json", "{\"answer\": 42}\n"),
    ("image.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>\n"),
    ("image.png", "\u{1}PNG"),
    ("photo.JPG", "JFIF"),
    ("font.woff2", "wOF2"),
    ("video.mp4", "ftyp"),
    ("paper.pdf", "%PDF-"),
    (".secret", "SECRET dotfile\n"),
    (".git/config", "SECRET dot directory\n"),
    ("sub/.hidden", "SECRET dotfile below\n"),
];

/// Windows 不许的名字。
#[rustfmt::skip]
const UNIX_FILES: [(&str, &str); 3] = [
    ("<b>.txt", "angle brackets\n"),
    ("\"q\".txt", "double quotes\n"),
    ("back\\slash.txt", "backslash\n"),
];

/// `page.css` 和它预先压缩的三个版本,依次由 gzip -9、brotli、zstd -19 得到。
#[rustfmt::skip]
const PAGE: [(&str, &[u8]); 4] = [
    ("page.css", include_bytes!("site/page.css")),
    ("page.css.gz", include_bytes!("site/page.css.gz")),
    ("page.css.br", include_bytes!("site/page.css.br")),
    ("page.css.zst", include_bytes!("site/page.css.zst")),
];

/// 在空目录 `directory` 里布置网站,返回它的根目录;旁边是不许出去拿的东西。
///
/// # Errors
/// 写不了文件。
pub fn plant(directory: &Path) -> io::Result<PathBuf> {
    let root = directory.join("site");
    for (name, text) in FILES {
        write(&root.join(name), text.as_bytes())?;
    }
    for (name, text) in UNIX_FILES.iter().filter(|_| cfg!(unix)) {
        write(&root.join(name), text.as_bytes())?;
    }
    for (name, bytes) in PAGE {
        write(&root.join(name), bytes)?;
    }
    write(&root.join("big.bin"), &big())?;
    // 旁边的目录,一个的名字以根目录的名字开头:只比较开头的几个字,就会上当。
    write(&directory.join("outside/secret.txt"), b"SECRET outside\n")?;
    write(
        &directory.join("site-private/secret.txt"),
        b"SECRET next door\n",
    )?;
    links(&root)?;
    let future = SystemTime::UNIX_EPOCH + Duration::from_secs(FUTURE);
    touch(&root.join("future.txt"), future)?;
    Ok(root)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, bytes)?;
    touch(path, SystemTime::UNIX_EPOCH + Duration::from_secs(MODIFIED))
}

fn touch(path: &Path, modified: SystemTime) -> io::Result<()> {
    File::options()
        .write(true)
        .open(path)?
        .set_modified(modified)
}

/// 每 251 个字节重复一次:251 是质数,错开一段就对不上。
fn big() -> Vec<u8> {
    (0..=250_u8).cycle().take(BIG).collect()
}

/// 根目录里面的和通往外面的符号链接。
#[cfg(unix)]
fn links(root: &Path) -> io::Result<()> {
    use std::os::unix::fs::symlink;
    symlink("sub/file.txt", root.join("inner.txt"))?;
    symlink("sub", root.join("inner"))?;
    symlink("../outside/secret.txt", root.join("leak.txt"))?;
    symlink("../outside", root.join("leak"))?;
    symlink(
        root.join("../outside/secret.txt"),
        root.join("leak-absolute.txt"),
    )?;
    symlink("nowhere", root.join("dangling.txt"))?;
    symlink("loop.txt", root.join("loop.txt"))
}

/// 没有管理员权限的 Windows 建不了符号链接:用到它们的几行不做。
#[cfg(not(unix))]
fn links(_: &Path) -> io::Result<()> {
    Ok(())
}
