//! 一位客户的两个线程:一个读([`Reader`]),一个写;和怎样道别。

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::connections::{Connection, Seat};
use crate::event::Leaving;
use crate::protocol;
use crate::reader::{CHUNK, Reader};
use crate::server::{STACK, Server};

/// 道别最多花这么久:把发件箱写完,等对方也关闭。
const LINGER: Duration = Duration::from_secs(3);

/// 系统替每条连接存着的、还没有送到的字节。让系统自己定,一位从来不收的成员就能占几 MB,
/// 好几分钟以后才看得出他收得慢。
const SEND_BUFFER: usize = 64 * 1024;

/// 一次最多写这么多字节:积了一大堆的时候,隔一会儿就知道他还在收。
const PIECE: usize = SEND_BUFFER / 2;

/// Windows 上挂断连接叫不醒正在写的线程,要靠期限;别的系统上不必。
const WRITE_TIMEOUT: Option<Duration> = match cfg!(windows) {
    true => Some(Duration::from_secs(30)),
    false => None,
};

/// 服务一条连接,直到它断开;两个线程都已经结束。
pub fn run(server: &Server, seat: &Seat) {
    let connection = &*seat.connection;
    if connection.crowded {
        return refuse(connection);
    }
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(STACK);
        let writer = builder.spawn_scoped(scope, || write_all(server, connection));
        if let Err(error) = writer {
            return server.complain(error, "开不了新线程");
        }
        let leaving =
            prepare(&connection.stream).and_then(|()| Reader::new(server, connection).listen());
        let leaving = leaving.unwrap_or(Leaving::Broken);
        server.in_room(|room| room.leave(connection.id, leaving));
        see_off(connection);
    });
}

/// 对一条新的连接说好怎样收发。
fn prepare(stream: &TcpStream) -> io::Result<()> {
    // 一行话不大,不等凑满一个报文段再发。
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_send_buffer_size(SEND_BUFFER)?;
    stream.set_write_timeout(WRITE_TIMEOUT)
}

/// 写线程:发件箱里有什么,一次全部拿走;不管有多少行,平常是一次系统调用。
fn write_all(server: &Server, connection: &Connection) {
    let mut stream = &connection.stream;
    let mut bytes = Vec::new();
    while connection.outbox.take(&mut bytes) {
        let mut pieces = bytes.chunks(PIECE);
        let written = pieces.try_for_each(|piece| -> io::Result<()> {
            stream.write_all(piece)?;
            connection.outbox.wrote(piece.len());
            Ok(())
        });
        if let Err(error) = written {
            let leaving = match is_timeout(error.kind()) {
                true => Leaving::Slow,
                false => Leaving::Broken,
            };
            server.in_room(|room| room.leave(connection.id, leaving));
            let _ = stream.shutdown(Shutdown::Both);
            break;
        }
    }
    // 半关闭:话说完了,还在听。
    let _ = stream.shutdown(Shutdown::Write);
    connection.outbox.done();
}

/// 道别:写完发件箱,再读到对方也关闭为止,读到的都不要了。
///
/// 接收缓冲区里还有没读的字节就关闭,TCP 会发 RST,连正在路上的最后一句也毁掉(RFC 2525 §2.17)。
fn see_off(connection: &Connection) {
    let deadline = Instant::now() + LINGER;
    connection.outbox.finish();
    let _ = drain(connection, deadline);
    connection.outbox.wait_done(deadline);
    let _ = connection.stream.shutdown(Shutdown::Both);
}

/// 读完对方还在说的,直到他关闭、出错或到了期限。
fn drain(connection: &Connection, deadline: Instant) -> io::Result<()> {
    let mut stream = &connection.stream;
    let mut scrap = [0; CHUNK];
    loop {
        let remaining = deadline.saturating_duration_since(Instant::now());
        // 剩下的时间是零,这里就返回错误。
        stream.set_read_timeout(Some(remaining))?;
        match stream.read(&mut scrap) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// 人满了:说一声,道别。刚连上,发送缓冲区是空的,一行一定写得下。
fn refuse(connection: &Connection) {
    let line = format!("{}\n", protocol::CROWDED);
    let _ = (&connection.stream).write_all(line.as_bytes());
    let _ = connection.stream.shutdown(Shutdown::Write);
    let _ = drain(connection, Instant::now() + LINGER);
}

/// 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
pub fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
