//! 上限和期限:对方可以是任何人,每一样都要有个头。

use std::time::Duration;

/// 请求行最多这么多字节:RFC 9112 §3 建议至少 8000。超过就是 414(目标太长)或 400。
pub const REQUEST_LINE: usize = 8 * 1024;

/// 所有的字段加起来最多这么多字节:浏览器带上很多 Cookie 也用不到。超过就是 431(RFC 6585 §5)。
pub const FIELDS: usize = 32 * 1024;

/// 最多这么多个字段。
pub const FIELD_COUNT: usize = 100;

/// 监听队列的长度,位:一阵子同时来的,握完手在这里等 `accept`(listen(2));系统自己还有个上限。
pub const BACKLOG: i32 = 1024;

/// 关闭之前,最多再读掉这么多字节:够读完一个发到一半的小请求,不够拿来白费力气。
pub const LINGER_SIZE: usize = 256 * 1024;

/// 关闭之前,最多再等这么久:一个往返足够对方收完回答、关掉自己的一边。
pub const LINGER: Duration = Duration::from_secs(2);

/// 可以从命令行改的上限和期限。
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// 从请求的第一个字节到头完整,最多这么久:一个字节一个字节地拖(slowloris)也只能拖这么久。
    pub header: Duration,
    /// 收请求的正文,最多这么久。
    pub body: Duration,
    /// 两个请求之间(和第一个请求之前),最多沉默这么久。
    pub idle: Duration,
    /// 发送时,对方最多这么久一个字节也不收。
    pub write: Duration,
    /// 收场时,最多等正在发送的这么久。
    pub grace: Duration,
    /// 最多同时有这么多条连接。
    pub connections: usize,
    /// 一条连接上最多这么多个请求。
    pub requests: u32,
    /// 请求的正文最多这么多字节:静态网站用不到它,只是读完丢掉。
    pub body_size: u64,
    /// 工作线程的个数。
    pub workers: usize,
}
