//! 状态码(RFC 9110 §15)。

/// 状态码。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(pub u16);

impl Status {
    /// 一切正常。
    pub const OK: Self = Self(200);
    /// 看不懂的请求。
    pub const BAD_REQUEST: Self = Self(400);
    /// 没有这个文件。
    pub const NOT_FOUND: Self = Self(404);

    /// 原因短语:给人看的,程序只看数字(RFC 9112 §4)。
    pub fn reason(self) -> &'static str {
        match self.0 {
            200 => "OK",
            400 => "Bad Request",
            404 => "Not Found",
            _ => "",
        }
    }
}
