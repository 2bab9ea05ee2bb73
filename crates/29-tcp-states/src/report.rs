//! 打印结果:表格(一个汉字占两列)和系统调用的错误。

use std::io::{self, ErrorKind};

use unicode_width::UnicodeWidthStr;

use crate::cli;

/// 打印一张表;每一列和它最宽的一格对齐,第一行是表头。
pub fn table(rows: &[Vec<String>]) -> anyhow::Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
        }
        cli::print_line(line.trim_end())?;
    }
    Ok(())
}

/// 系统调用失败的样子:C 和 Python 里的名字,加上中文(errno(3))。
pub fn outcome(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => "EADDRINUSE(地址已被占用)".to_owned(),
        ErrorKind::BrokenPipe => "EPIPE(对方不收了)".to_owned(),
        ErrorKind::ConnectionAborted => "ECONNABORTED(连接已放弃)".to_owned(),
        ErrorKind::ConnectionRefused => "ECONNREFUSED(没有程序监听)".to_owned(),
        ErrorKind::ConnectionReset => "ECONNRESET(对方中断了连接)".to_owned(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => "到了期限,没有结果".to_owned(),
        _ => format!("系统说「{error}」"),
    }
}
