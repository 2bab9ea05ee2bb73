//! 一个线程收,一个线程写:收下一块的时候,上一块正在写进文件。
//!
//! 每个字节比 splice 多抄一次,但是两个核同时干活,收一个大文件要的时间更短(数字在讲义里)。
//! 要核对摘要的时候,另一个核忙着算摘要,就不用它:那时省 CPU 的办法更快。

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::failure::Failure;

/// 一块这么多字节:交接一次要叫醒另一个线程,块太小,时间都花在叫醒上;再大,缓存装不下。
const BLOCK: usize = 512 * 1024;

/// 在两个线程之间轮流用的缓冲区,块。快的一方最多领先这么多,内存也就是这么多块。
const BLOCKS: usize = 4;

/// 收的一方:拿空的缓冲区,交出收到的。
pub struct Blocks {
    free: Receiver<Vec<u8>>,
    /// 缓冲区,和里面有多少字节。
    filled: SyncSender<(Vec<u8>, usize)>,
}

impl Blocks {
    /// 收一次,交给写的一方;返回收了多少字节。
    pub fn pass(
        &self,
        receive: impl FnOnce(&mut [u8]) -> Result<usize, Failure>,
    ) -> Result<usize, Failure> {
        // 写的一方出了错就不再还缓冲区,这里不再收;报告的是它的错误。
        let stopped = || Failure::Interrupted(anyhow::anyhow!("写文件的线程停了"));
        let mut block = self.free.recv().map_err(|_| stopped())?;
        let received = receive(&mut block)?;
        let passed = self.filled.send((block, received));
        passed.map(|()| received).map_err(|_| stopped())
    }
}

/// `receive` 收到的交给另一个线程,按收到的先后 `write`;两边都结束才返回。
pub fn relay(
    mut write: impl FnMut(&[u8]) -> Result<(), Failure> + Send,
    receive: impl FnOnce(Blocks) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (filled, full) = sync_channel::<(Vec<u8>, usize)>(BLOCKS);
    let (give_back, free) = sync_channel(BLOCKS);
    for _ in 0..BLOCKS {
        // 放得下,两头都在,不会失败。
        let _ = give_back.send(vec![0; BLOCK]);
    }
    thread::scope(|scope| {
        let writer = scope.spawn(move || {
            for (block, length) in full {
                write(&block[..length])?;
                // 收的一方结束了,就没有人再要这一块。
                let _ = give_back.send(block);
            }
            Ok(())
        });
        let received = receive(Blocks { free, filled });
        let crashed = |_| Err(anyhow::anyhow!("写文件的线程崩溃了").into());
        writer.join().unwrap_or_else(crashed).and(received)
    })
}
