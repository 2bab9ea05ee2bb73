//! 路径怎样变成文件:解码一次、目录、跳转、点开头的名字、符号链接(RFC 3986 §2、§3.3)。

use super::request::{get, get_bytes, raw};
use super::talk::Talk;
use super::{Rule, must, own, should};

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    vec![
        must("3986 §2.1", "path-encoded-letter", "编码的字母就是那个字母", get("/%6cetters.txt").gives("letters.txt")),
        must("3986 §2.1", "path-hex-case", "十六进制不分大小写", get("/%6C%65tters%2Etxt").gives("letters.txt")),
        must("3986 §2.5", "path-chinese", "中文的名字:UTF-8 再编码", get("/%E4%B8%AD%E6%96%87%20%E5%90%8D.html").gives("中文 名.html")),
        must("3986 §2.1", "path-chinese-lower-case", "小写的编码也一样", get("/%e4%b8%ad%e6%96%87%20%e5%90%8d.html").gives("中文 名.html")),
        must("3986 §2.1", "path-space", "%20 是空格", get("/a%20b.txt").gives("a b.txt")),
        must("3986 §2.2", "path-plus", "路径里的 + 就是 +", get("/a+b.txt").gives("a+b.txt")),
        must("3986 §2.2", "path-encoded-plus", "%2B 也是 +", get("/a%2Bb.txt").gives("a+b.txt")),
        must("3986 §2.2", "path-ampersand", "& 就是 &", get("/a&b.txt").gives("a&b.txt")),
        must("3986 §2.1", "path-encoded-ampersand", "%26 也是 &", get("/a%26b.txt").gives("a&b.txt")),
        must("3986 §3.3", "path-sub-delims", "= , ; 可以在名字里", get("/a=b,c;d.txt").gives("a=b,c;d.txt")),
        must("3986 §3.3", "path-all-pchar", "~ ! $ ' ( ) @ 可以在名字里", get("/~user!$'()@.txt").gives("~user!$'()@.txt")),
        must("3986 §2.1", "path-angle", "%3C 和 %3E 是 < 和 >", get("/%3Cb%3E.txt").gives("<b>.txt").needs("<b>.txt")),
        must("3986 §2.1", "path-quote", "%22 是双引号", get("/%22q%22.txt").gives("\"q\".txt").needs("\"q\".txt")),
        must("3986 §2.1", "path-percent", "%25 是 %", get("/100%25.txt").gives("100%.txt")),
        must("3986 §2.4", "path-once", "只解码一次:%2541 是 %41,不是 A", get("/%2541.txt").gives("%41.txt")),
        must("3986 §2.4", "path-letter-of-once", "%41 是 A", get("/%41.txt").gives("A.txt")),
        must("3986 §2.4", "path-once-slash", "只解码一次:%252F 是 %2F", get("/x%252Fy.txt").gives("x%2Fy.txt")),
        must("3986 §2.4", "path-encoded-slash", "%2F 是名字的一部分,不是分隔符", get("/sub%2Ffile.txt").not(&[200, 500])),
        must("3986 §2.4", "path-encoded-question", "%3F 是名字的一部分,不是查询的开头", get("/letters.txt%3Fx=1").not(&[200, 500])),
        must("3986 §2.4", "path-encoded-hash", "%23 是名字的一部分", get("/letters.txt%23x").not(&[200, 500])),
        must("3986 §2.1", "path-bad-percent", "% 后面没有两位:400 或 404", get("/letters.txt%").status(&[400, 404])),
        must("3986 §2.1", "path-one-digit", "% 后面只有一位", get("/letters.txt%4").status(&[400, 404])),
        must("3986 §2.1", "path-not-hex", "% 后面不是十六进制", get("/%zzletters.txt").status(&[400, 404])),
        must("3986 §2.1", "path-percent-u", "%u0041 不是编码", get("/%u0041.txt").status(&[400, 404])),
        must("9110 §17.3", "path-nul", "%00 不许截断名字", get("/letters.txt%00").status(&[400, 404, 403])),
        must("9110 §17.3", "path-nul-extension", "%00 后面接扩展名也不行", get("/letters.txt%00.html").status(&[400, 404, 403])),
        must("9110 §17.3", "path-encoded-crlf", "%0d%0a 不许变成回答里的字段",
            get("/sub%0d%0aX-Injected:%20yes").not(&[200, 500]).without("X-Injected")),
        must("9110 §17.3", "path-encoded-crlf-redirect", "跳转的 Location 里也不许",
            get("/sub?%0d%0aX-Injected:%20yes").not(&[200, 500]).without("X-Injected")),
        should("3986 §2.1", "path-invalid-utf8", "不是 UTF-8 的名字:没有", get("/%ff%fe.txt").status(&[400, 404])),
        own("3986 §2", "path-raw-utf8", "没有编码的中文目录:认得就给对",
            get_bytes("/目录/".as_bytes()).status(&[200, 301, 400]).if_ok("目录/index.html")),
        own("3986 §3.3", "path-long-name", "名字比文件系统许可的长:404", get(&format!("/{}", "n".repeat(300))).status(&[404, 414])),
        own("3986 §3.3", "path-deep", "一千层的路径:404", get(&"/a".repeat(1000)).status(&[404, 414])),
        own("3986 §3.3", "path-dots-inside", "名字里的两个点不是上一层", get("/a..b.txt").gives("a..b.txt")),
        own("3986 §3.3", "path-three-dots", "三个点不是上一层", get("/.../letters.txt").status(&[400, 404])),
        own("3986 §5.2.4", "path-dot", "/./ 可以去掉、跳转、拒绝,不许给错", get("/./letters.txt").status(&[200, 301, 308, 400, 404]).if_ok("letters.txt")),
        own("3986 §5.2.4", "path-dot-dot", "/sub/../ 也一样", get("/sub/../letters.txt").status(&[200, 301, 308, 400, 404]).if_ok("letters.txt")),
        own("3986 §6.2.2.2", "path-encoded-dot-dot", "/sub/%2e%2e/ 也一样", get("/sub/%2e%2e/letters.txt").status(&[200, 301, 308, 400, 404]).if_ok("letters.txt")),
        own("3986 §3.3", "path-dot-dot-semicolon", "..; 不是上一层", get("/sub/..;/letters.txt").status(&[400, 404])),
        own("3986 §3.3", "path-semicolon", "; 后面的参数是名字的一部分", get("/letters.txt;v=1").status(&[404])),
        own("3986 §3.3", "path-backslash", "反斜线不是分隔符", get("/sub%5Cfile.txt").status(&[400, 403, 404])),
        own("3986 §3.3", "path-backslash-name", "反斜线在 Unix 上可以是名字的一部分:给对,或者不给",
            get("/back%5Cslash.txt").status(&[200, 400, 403, 404]).if_ok("back\\slash.txt").needs("back\\slash.txt")),
        own("3986 §3.3", "path-double-slash", "两条斜线:给对、跳转、拒绝都可以", get("/sub//file.txt").status(&[200, 301, 308, 400, 404]).if_ok("sub/file.txt")),
        own("9110 §4.2.3", "directory-index", "目录的首页是 index.html", get("/sub/").gives("sub/index.html")),
        own("9110 §4.2.3", "directory-chinese", "中文的目录", get("/%E7%9B%AE%E5%BD%95/").gives("目录/index.html")),
        own("9110 §15.4.2", "directory-redirect", "目录少了斜线:跳转过去", get("/sub").redirects("/sub/")),
        own("9110 §15.4.2", "directory-redirect-query", "跳转保留查询", get("/sub?x=1&y=%2F").redirects("/sub/?x=1&y=%2F")),
        own("9110 §15.4.2", "directory-redirect-chinese", "跳转到中文的目录:Location 是编码的", get("/%E7%9B%AE%E5%BD%95").redirects("/%E7%9B%AE%E5%BD%95/")),
        must("9110 §10.2.2", "redirect-ascii", "Location 是合文法的 URI:只有 ASCII,没有空格",
            get("/%E7%9B%AE%E5%BD%95?q=%20").check(|seen| match seen.last().field("Location") {
                Some(value) if !value.bytes().all(|byte| byte.is_ascii_graphic()) => Err(format!("Location 不是 URI:{value}")),
                _ => Ok(()),
            })),
        own("9110 §15.4", "redirect-not-open", "//evil 开头的路径不许跳到别的网站", get("//evil.example/..%2fsub").stays_here()),
        own("9110 §15.4", "redirect-not-open-dots", "//evil/../sub 也不许", get("//evil.example/%2e%2e/sub").stays_here()),
        own("9110 §15.4", "redirect-not-open-double", "//sub 也不许", get("//sub").stays_here()),
        own("9110 §15.4", "redirect-not-open-backslash", "/\\evil 也不许", get("/%5Cevil.example/%2e%2e/sub").stays_here()),
        own("9110 §15.4", "redirect-not-open-absolute", "绝对形式的主机不许变成跳转的目标",
            raw("GET http://evil.example//evil.example/%2e%2e/sub HTTP/1.1\r\nHost: test\r\n\r\n").check(|seen| match seen.last().field("Location") {
                Some(value) if value.starts_with("//") => Err(format!("跳到了别的网站:{value}")),
                _ => Ok(()),
            })),
        own("9110 §15.5.5", "directory-no-index", "没有 index.html 的目录:404", get("/bare/").status(&[404])),
        own("9110 §15.5.5", "directory-no-listing", "没有首页的目录不列清单", get("/bare/").never_says("note.txt")),
        own("9110 §15.5.5", "file-slash", "文件名后面有斜线:404", get("/letters.txt/").status(&[404])),
        own("9110 §15.5.5", "file-below-file", "文件下面没有文件:404", get("/letters.txt/x").status(&[404])),
        own("9110 §15.5.5", "dotfile", "点开头的文件:404", get("/.secret").status(&[404])),
        own("9110 §15.5.5", "dotfile-directory", "点开头的目录:404", get("/.git/config").status(&[404])),
        own("9110 §15.5.5", "dotfile-below", "子目录里点开头的文件:404", get("/sub/.hidden").status(&[404])),
        own("9110 §15.5.5", "dotfile-encoded", "编码的点也一样", get("/%2esecret").status(&[404])),
        own("9110 §15.5.5", "dotfile-directory-slash", "点开头的目录也不跳转", get("/.git").status(&[404])),
        own("9110 §17.3", "link-inside", "指向根目录里面的符号链接:给", get("/inner.txt").gives("sub/file.txt").needs("inner.txt")),
        own("9110 §17.3", "link-inside-directory", "目录的符号链接也一样", get("/inner/file.txt").gives("sub/file.txt").needs("inner")),
        own("9110 §17.3", "link-outside", "指向外面的符号链接:404", get("/leak.txt").status(&[403, 404]).needs("leak.txt")),
        own("9110 §17.3", "link-outside-absolute", "绝对路径的也一样", get("/leak-absolute.txt").status(&[403, 404]).needs("leak-absolute.txt")),
        own("9110 §17.3", "link-outside-directory", "经过指向外面的目录:404", get("/leak/secret.txt").status(&[403, 404]).needs("leak")),
        own("9110 §17.3", "link-outside-directory-itself", "指向外面的目录,跳转也不给", get("/leak").status(&[403, 404]).needs("leak")),
        own("9110 §17.3", "link-dangling", "指向没有的文件:404", get("/dangling.txt").status(&[404]).needs("dangling.txt")),
        own("9110 §17.3", "link-loop", "指向自己:404", get("/loop.txt").status(&[403, 404]).needs("loop.txt")),
    ]
}

impl Talk {
    /// 跳转到这个网站的 `target`;Location 可以带方案和主机。
    fn redirects(self, target: &'static str) -> Self {
        self.status(&[301, 302, 307, 308])
            .field_is("Location", "是那个目录", move |value| {
                let rest = value
                    .strip_prefix("http://")
                    .map(|rest| rest.find('/').map_or("", |at| &rest[at..]));
                rest.unwrap_or(value).eq_ignore_ascii_case(target)
            })
    }

    /// 如果跳转,不许跳到别的网站。
    fn stays_here(self) -> Self {
        self.check(|seen| {
            let Some(value) = seen.last().field("Location") else {
                return Ok(());
            };
            let here = value.starts_with("http://test/") || value.starts_with("http://test:");
            let path = value.starts_with('/') && !value[1..].starts_with(['/', '\\']);
            match here || path {
                true => Ok(()),
                false => Err(format!("跳到了别的网站:{value}")),
            }
        })
    }
}
