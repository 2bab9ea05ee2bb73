//! 命令行的参数。

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use common::addr::Address;

use crate::limits::Limits;
use crate::server;
use crate::site::Options;

/// 静态网站:浏览器要一个目录里的文件,就给它
#[derive(Parser)]
pub struct Arguments {
    /// 在哪里等浏览器
    #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
    pub listen: Address,

    /// 只给这个目录里的文件
    #[arg(long, value_name = "目录", default_value = ".")]
    pub root: PathBuf,

    /// 目录里没有 index.html,就给出清单;不写就是 404
    #[arg(long)]
    listing: bool,

    /// 点开头的文件和目录也给
    #[arg(long)]
    hidden: bool,

    /// 告诉浏览器怎样缓存,例如 max-age=3600
    #[arg(long, value_name = "值", value_parser = field_value)]
    cache_control: Option<String>,

    /// 不记访问日志
    #[arg(long)]
    pub quiet: bool,

    /// 请求的头,从第一个字节起,最多等这么多秒
    #[arg(long, value_name = "秒", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600))]
    header_timeout: u64,

    /// 请求的正文,最多等这么多秒
    #[arg(long, value_name = "秒", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600))]
    body_timeout: u64,

    /// 等下一个请求,最多这么多秒
    #[arg(long, value_name = "秒", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    idle: u64,

    /// 发送时,浏览器最多这么多秒一个字节也不收
    #[arg(long, value_name = "秒", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600))]
    write_timeout: u64,

    /// 收场时,等正在发送的这么多秒
    #[arg(long, value_name = "秒", default_value = "5", value_parser = clap::value_parser!(u64).range(0..=3600))]
    grace: u64,

    /// 最多同时有几条连接;描述符不够就更少
    #[arg(long, value_name = "N", default_value = "16384", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    connections: u32,

    /// 一条连接上最多几个请求
    #[arg(long, value_name = "N", default_value = "100000", value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,

    /// 请求的正文最多几个字节
    #[arg(long, value_name = "字节", default_value = "1048576")]
    body_limit: u64,

    /// 最多几个工作线程;不写就由程序定
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    workers: Option<u16>,
}

impl Arguments {
    /// 上限和期限。
    pub fn limits(&self) -> Limits {
        Limits {
            header: Duration::from_secs(self.header_timeout),
            body: Duration::from_secs(self.body_timeout),
            idle: Duration::from_secs(self.idle),
            write: Duration::from_secs(self.write_timeout),
            grace: Duration::from_secs(self.grace),
            connections: self.connections as usize,
            requests: self.requests,
            body_size: self.body_limit,
            workers: self
                .workers
                .map_or_else(server::default_workers, usize::from),
        }
    }

    /// 网站的选项。
    pub fn options(&self) -> Options {
        Options {
            listing: self.listing,
            hidden: self.hidden,
            cache_control: self.cache_control.clone(),
        }
    }
}

/// 字段的值:看得见的 ASCII 和空格。换行会变成另一个字段(RFC 9110 §5.5)。
fn field_value(text: &str) -> Result<String, String> {
    let visible = |byte: u8| matches!(byte, b' '..=b'~');
    match !text.trim().is_empty() && text.bytes().all(visible) {
        true => Ok(text.trim().to_owned()),
        false => Err("只能是看得见的 ASCII 字符".to_owned()),
    }
}
