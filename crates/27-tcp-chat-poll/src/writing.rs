//! 写:一批事件办完以后,每个人要写的一次写出。

use std::mem;
use std::net::Shutdown;
use std::time::Instant;

use mio::{Interest, Token};

use crate::event::{Kind, Leaving};
use crate::members::Id;
use crate::outbox::Flushed;
use crate::reactor::Reactor;

impl Reactor {
    /// 一批事件办完:房间里发生的事告诉运行服务器的人,再把每个人要写的一次写出。
    ///
    /// 写的时候可能发现又有人断了,大家要知道这件事,就又有要写的:一直到没有为止。
    pub fn settle(&mut self, now: Instant) {
        loop {
            for event in self.room.take_events() {
                self.journal.write(self.describe(&event));
                if event.kind == Kind::Left(Leaving::Slow) {
                    self.hang_up(event.id);
                }
            }
            let mut dirty = mem::take(&mut self.dirty);
            self.outboxes.take_dirty(&mut dirty);
            for id in &dirty {
                self.flush(*id);
            }
            self.dirty = dirty;
            self.outboxes.clear();
            if self.broken.is_empty() {
                return;
            }
            self.bury(now);
        }
    }

    /// 写的时候发现断了的人离开。许多人同时断线,就分几次:大家要知道的一次写不下。
    fn bury(&mut self, now: Instant) {
        while let Some(id) = self.broken.pop() {
            self.drop(id, Leaving::Broken, now);
            if self.outboxes.is_heavy() {
                return;
            }
        }
    }

    /// 把一位成员攒着的写出去;写不完就登记「可写」,写完了再取消:平时不为写打扰事件循环。
    pub fn flush(&mut self, id: Id) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let deaf = connection.outbox.is_high();
        let Ok(flushed) = connection.outbox.flush(&mut connection.stream) else {
            return self.broken.push(id);
        };
        let blocked = flushed == Flushed::Blocked;
        if blocked != connection.blocked {
            connection.blocked = blocked;
            let interest = match blocked {
                true => Interest::READABLE | Interest::WRITABLE,
                false => Interest::READABLE,
            };
            let (registry, stream) = (self.poll.registry(), &mut connection.stream);
            if registry
                .reregister(stream, Token(id as usize), interest)
                .is_err()
            {
                return self.broken.push(id);
            }
        }
        // 刚才太满,没有听他说:事件已经来过,不会再来。
        if deaf && !connection.outbox.is_high() {
            self.again.push(id);
        }
        if flushed == Flushed::Finished {
            let _ = connection.stream.shutdown(Shutdown::Write);
            if connection.ended {
                self.connections.remove(&id);
            }
        }
    }
}
