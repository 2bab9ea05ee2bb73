//! 状态码(RFC 9110 §15)。

/// 状态码。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(pub u16);

impl Status {
    /// 一切正常。
    pub const OK: Self = Self(200);
    /// 做到了,没有正文。
    pub const NO_CONTENT: Self = Self(204);
    /// 文件的一段。
    pub const PARTIAL_CONTENT: Self = Self(206);
    /// 以后都去另一个地址。
    pub const MOVED_PERMANENTLY: Self = Self(301);
    /// 你手里的那一份还能用。
    pub const NOT_MODIFIED: Self = Self(304);
    /// 看不懂的请求。
    pub const BAD_REQUEST: Self = Self(400);
    /// 不许看。
    pub const FORBIDDEN: Self = Self(403);
    /// 没有这个文件。
    pub const NOT_FOUND: Self = Self(404);
    /// 认得这个方法,这里不许用。
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    /// 没有一种编码是客户肯收的。
    pub const NOT_ACCEPTABLE: Self = Self(406);
    /// 请求里的条件不成立。
    pub const PRECONDITION_FAILED: Self = Self(412);
    /// 要的几段都在文件外面。
    pub const RANGE_NOT_SATISFIABLE: Self = Self(416);
    /// 服务器自己出了错。
    pub const INTERNAL_ERROR: Self = Self(500);
    /// 不认得这个方法。
    pub const NOT_IMPLEMENTED: Self = Self(501);
    /// 现在太忙,过一会儿再来。
    pub const SERVICE_UNAVAILABLE: Self = Self(503);

    /// 原因短语:给人看的,程序只看数字(RFC 9112 §4)。
    pub fn reason(self) -> &'static str {
        match self.0 {
            200 => "OK",
            204 => "No Content",
            206 => "Partial Content",
            301 => "Moved Permanently",
            304 => "Not Modified",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            406 => "Not Acceptable",
            408 => "Request Timeout",
            412 => "Precondition Failed",
            413 => "Content Too Large",
            414 => "URI Too Long",
            416 => "Range Not Satisfiable",
            417 => "Expectation Failed",
            421 => "Misdirected Request",
            431 => "Request Header Fields Too Large",
            500 => "Internal Server Error",
            501 => "Not Implemented",
            503 => "Service Unavailable",
            505 => "HTTP Version Not Supported",
            _ => "",
        }
    }
}
