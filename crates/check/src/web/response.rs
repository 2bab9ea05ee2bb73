//! 一个回答:从字节里读出状态行、字段和正文(RFC 9112 §4、§5、§6.3)。

/// 回答的头最多这么多字节:没有一个检查要用到更多。
pub const MAX_HEAD: usize = 64 << 10;

/// 正文最多这么多字节:比最大的一条检查用的文件大,不会让写错的长度占满内存。
pub const MAX_BODY: usize = 64 << 20;

/// 一个回答。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// 状态行里的版本,例如 `HTTP/1.1`。
    pub version: String,
    /// 状态码。
    pub status: u16,
    /// 原因短语,可以是空的。
    pub reason: String,
    /// 字段,照到来的次序;名字照原样,值去掉了前后的空格。
    pub fields: Vec<(String, String)>,
    /// 正文。
    pub body: Vec<u8>,
    /// 头的原样,从状态行到空行。
    pub head: Vec<u8>,
}

/// 正文有多长。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// 说好的字节数。
    Known(usize),
    /// 到流的末尾。
    UntilClose,
}

impl Response {
    /// 读懂一个头;`head` 从状态行起,到空行为止(含)。
    ///
    /// # Errors
    /// 写法不对;说明哪里不对。
    pub fn parse(head: &[u8]) -> Result<Self, String> {
        let wrong = |what: &str| format!("回答的头不对:{what}");
        let text = str::from_utf8(head).map_err(|_| wrong("有字节不是 UTF-8"))?;
        let text = text
            .strip_suffix("\r\n\r\n")
            .ok_or_else(|| wrong("没有空行"))?;
        let mut lines = text.split("\r\n");
        let (version, status, reason) = status_line(lines.next().unwrap_or_default())
            .ok_or_else(|| wrong("状态行应当是「HTTP/1.1 三位数字 短语」"))?;
        let mut fields = Vec::new();
        for line in lines {
            fields.push(field(line).ok_or_else(|| wrong(&format!("「{line}」不是一个字段")))?);
        }
        Ok(Self {
            version: version.to_owned(),
            status,
            reason: reason.to_owned(),
            fields,
            body: Vec::new(),
            head: head.to_vec(),
        })
    }

    /// 第一个叫这个名字的字段的值;名字不分大小写。
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|field| field.0.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    /// 叫这个名字的全部字段的值。
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = move |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        self.fields
            .iter()
            .filter(named)
            .map(|(_, value)| value.as_str())
    }

    /// 逗号分开的字段(例如 `Connection`、`Vary`)里有没有 `member`;不分大小写。
    #[must_use]
    pub fn has(&self, name: &str, member: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(','))
            .any(|one| one.trim().eq_ignore_ascii_case(member))
    }

    /// 正文有多长(RFC 9112 §6.3);`to_head` 是「问的是 HEAD」。
    ///
    /// # Errors
    /// 长度写错了、写了两个,或者用了 `Transfer-Encoding`:静态的文件长度总是知道的。
    pub fn length(&self, to_head: bool) -> Result<Length, String> {
        let wrong = |what: &str| what.to_owned();
        if self.field("Transfer-Encoding").is_some() {
            return Err(wrong("回答里有 Transfer-Encoding:静态的文件应当说出长度"));
        }
        let lengths: Vec<&str> = self.all("Content-Length").collect();
        let known = match lengths.as_slice() {
            [] => None,
            [one] if !one.is_empty() && one.bytes().all(|byte| byte.is_ascii_digit()) => {
                let length = one.parse::<usize>().ok();
                Some(length.ok_or_else(|| wrong("Content-Length 太大"))?)
            }
            [_] => return Err(wrong("Content-Length 不是一个十进制数")),
            _ => return Err(wrong("有两个 Content-Length")),
        };
        let bodiless = to_head || self.status < 200 || matches!(self.status, 204 | 304);
        match known {
            _ if bodiless => Ok(Length::Known(0)),
            Some(length) if length > MAX_BODY => Err(wrong("Content-Length 比要的文件大得多")),
            Some(length) => Ok(Length::Known(length)),
            None => Ok(Length::UntilClose),
        }
    }
}

/// `HTTP/1.1 200 OK`:版本、状态码、短语(RFC 9112 §4)。
fn status_line(line: &str) -> Option<(&str, u16, &str)> {
    let (version, rest) = line.split_once(' ')?;
    // 短语可以是空的,它前面的空格不能省。
    let (status, reason) = rest.split_once(' ')?;
    let three = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    let known = matches!(version, "HTTP/1.1" | "HTTP/1.0");
    let status = status.parse().ok().filter(|status| *status >= 100)?;
    (three && known).then_some((version, status, reason))
}

/// `名字: 值`;名字是 token,后面紧跟冒号(RFC 9112 §5)。
fn field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let value = value.trim_matches([' ', '\t']);
    let clean = !value
        .bytes()
        .any(|byte| matches!(byte, 0..=8 | 10..=31 | 127));
    let good = !name.is_empty() && name.bytes().all(token) && clean;
    good.then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(head: &str) -> Option<Response> {
        Response::parse(head.as_bytes()).ok()
    }

    #[test]
    fn reads_a_head() {
        let head = "HTTP/1.1 404 Not Found\r\nContent-Length:  3 \r\nX: a, B\r\n\r\n";
        let Some(response) = parse(head) else {
            panic!("读不懂 {head}");
        };
        assert_eq!(
            (response.status, response.reason.as_str()),
            (404, "Not Found")
        );
        assert_eq!(response.field("content-length"), Some("3"));
        assert!(response.has("x", "b") && !response.has("x", "c"));
        assert_eq!(response.length(false).ok(), Some(Length::Known(3)));
        assert_eq!(response.length(true).ok(), Some(Length::Known(0)));
    }

    #[test]
    fn refuses_what_is_no_head() {
        let heads = [
            "HTTP/1.1 200\r\n\r\n",
            "HTTP/2 200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 +20 OK\r\n\r\n",
            "HTTP/1.1 200 OK\n\n",
            "HTTP/1.1 200 OK\r\nName : x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: x\ny\r\n\r\n",
        ];
        for head in heads {
            assert_eq!(parse(head), None, "{head:?} 应当读不懂");
        }
    }

    #[test]
    fn refuses_wrong_lengths() {
        let fields = [
            "Content-Length: -1",
            "Content-Length: ",
            "Content-Length: 1, 1",
            "Content-Length: 99999999999999999999999",
            "Content-Length: 1\r\nContent-Length: 1",
            "Transfer-Encoding: chunked",
        ];
        for field in fields {
            let response = parse(&format!("HTTP/1.1 200 OK\r\n{field}\r\n\r\n"));
            let length = response.map(|response| response.length(false).ok());
            assert_eq!(length, Some(None), "{field} 应当不对");
        }
    }
}
