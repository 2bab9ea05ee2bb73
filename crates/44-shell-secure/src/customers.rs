//! 正在服务的客户:限制人数;收场时等他们走完。

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::cli;

/// 正在服务的客户。
pub struct Customers {
    limit: usize,
    streams: Mutex<Vec<Arc<TcpStream>>>,
    /// 有人离开时通知。
    left: Condvar,
}

/// 一位客户的座位:离开作用域时让出来,无论服务得顺利不顺利。
pub struct Seat<'a> {
    /// 和这位客户的连接。
    pub stream: Arc<TcpStream>,
    departure: Departure<'a>,
}

/// 离开座位的最后一步:通知。字段按写下的次序释放,这时连接已经关闭,描述符已经还了。
struct Departure<'a>(&'a Customers);

impl Customers {
    /// 最多同时服务 `limit` 位。
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            streams: Mutex::default(),
            left: Condvar::new(),
        }
    }

    /// 请一位客户入座;满座了就把连接还回来。
    pub fn admit(&self, stream: TcpStream) -> Result<Seat<'_>, TcpStream> {
        let mut streams = self.lock();
        if streams.len() >= self.limit {
            return Err(stream);
        }
        let stream = Arc::new(stream);
        streams.push(Arc::clone(&stream));
        Ok(Seat {
            stream,
            departure: Departure(self),
        })
    }

    /// 等到有一位客户离开,最多等 `longest`;返回有没有等到。
    pub fn wait_for_departure(&self, longest: Duration) -> bool {
        let waited = self.left.wait_timeout(self.lock(), longest);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// 等所有的客户说完,最多等 `longest`;还没有走的,说一声 `farewell`,挂断。
    pub fn see_off(&self, longest: Duration, farewell: &[u8]) {
        let streams = self.lock();
        if !streams.is_empty() {
            let (count, seconds) = (streams.len(), longest.as_secs());
            cli::note(format_args!(
                "不再接待新客户;还有 {count} 位,最多等 {seconds} 秒,再按一次 Ctrl-C 立刻结束"
            ));
        }
        let present = |streams: &mut Vec<_>| !streams.is_empty();
        let waited = self.left.wait_timeout_while(streams, longest, present);
        let (streams, _) = waited.unwrap_or_else(PoisonError::into_inner);
        for stream in streams.iter() {
            dismiss(stream, farewell);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<TcpStream>>> {
        // 持锁时不会恐慌;即使有过,名单也还是好的。
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut streams = self.departure.0.lock();
        streams.retain(|stream| !Arc::ptr_eq(stream, &self.stream));
    }
}

impl Drop for Departure<'_> {
    fn drop(&mut self) {
        self.0.left.notify_all();
    }
}

/// 关门。还在队列里等着的,告诉他们一声;不说的话,他们只会看到连接被复位。
pub fn turn_away(listener: TcpListener, farewell: &[u8]) {
    let ready = listener.set_nonblocking(true);
    while let (Ok(()), Ok((stream, _))) = (&ready, listener.accept()) {
        dismiss(&stream, farewell);
    }
}

/// 告诉对方一声,挂断。正在这条连接上读写的线程会马上得到末尾或错误。
///
/// 尽力而为:对方一直不收,缓冲区就是满的,不能为了道别在这里等他。
pub fn dismiss(stream: &TcpStream, farewell: &[u8]) {
    let told = stream.set_write_timeout(Some(Duration::from_millis(1)));
    let _ = told.and_then(|()| (&*stream).write(farewell));
    let _ = stream.shutdown(Shutdown::Both);
}
