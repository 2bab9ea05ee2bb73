//! 一个工作线程照看的一条连接。

use std::sync::Arc;

use crate::pool::Pool;
use crate::seat::Seat;

/// 一个工作线程照看的一条连接;离开作用域就是送走了,无论顺利不顺利。
pub struct Desk<'a> {
    /// 这条连接。
    pub seat: Arc<Seat>,
    number: usize,
    departure: Departure<'a>,
}

/// 送走的最后一步:通知。字段按写下的次序释放,这时连接已经关闭,描述符已经还了。
struct Departure<'a>(&'a Pool);

impl<'a> Desk<'a> {
    /// 第 `number` 个工作线程照看 `seat`。
    pub fn new(pool: &'a Pool, number: usize, seat: Arc<Seat>) -> Self {
        Self {
            seat,
            number,
            departure: Departure(pool),
        }
    }

    /// 工作线程和连接。
    pub fn pool(&self) -> &Pool {
        self.departure.0
    }

    /// 刚来,还没有开口:别处都没有闲着的了,才请它离开。
    pub fn fresh(&self) {
        self.seat.rest(self.pool().now(), true);
    }

    /// 没有话说:从现在起可以让路。
    pub fn rest(&self) {
        self.seat.rest(self.pool().now(), false);
        self.pool().make_room();
    }

    /// 又有话说了:从现在起不要打扰。
    pub fn wake(&self) {
        self.seat.wake();
    }

    /// 下一个回答是不是最后一个:已经请它离开,或者要收场了。
    pub fn is_last(&self) -> bool {
        self.seat.is_ended() || self.pool().is_ending()
    }
}

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        self.pool().leave(self.number, &self.seat);
    }
}

impl Drop for Departure<'_> {
    fn drop(&mut self) {
        self.0.left();
    }
}
