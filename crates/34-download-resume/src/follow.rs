//! 跟着接收算摘要:收完的时候,摘要也差不多算完了。

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::digest::Running;
use crate::part::Part;
use crate::protocol::Digest;

/// 摘要赶上了收到的字节,等这么久再看。
const FOLLOW: Duration = Duration::from_millis(2);

/// 跟在接收的后面算整个文件的摘要;`over` 而没有收齐是 `None`。
pub fn follow(part: &Part, size: u64, over: &AtomicBool) -> io::Result<Option<Digest>> {
    let mut running = Running::new();
    loop {
        // 先看结束了没有,再看收到哪里:反过来会漏掉最后收到的。
        let ended = over.load(Ordering::Acquire);
        let ready = part.contiguous();
        if running.hashed < ready {
            if !running.advance(&part.file, 0, ready)? {
                return Ok(None);
            }
        } else if ready == size {
            return Ok(Some(running.finish()));
        } else if ended {
            return Ok(None);
        } else {
            thread::park_timeout(FOLLOW);
        }
    }
}
