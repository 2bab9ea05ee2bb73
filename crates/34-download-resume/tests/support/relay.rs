//! 站在客户端和服务器之间转交:服务器的话,说好放过多少字节就放过多少,别的先扣着。
//!
//! 断在哪个字节由测试决定,不看机器快慢。

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;

/// 隔这么久看一眼客户端是不是已经结束了。
const GLANCE: Duration = Duration::from_millis(2);

/// 转交的一方;离开作用域就挂断。
pub struct Relay {
    /// 客户端连到这里。
    pub address: String,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// 服务器的话还可以放过多少字节。
    left: u64,
    /// 正在转交的连接,两头都在。
    streams: Vec<TcpStream>,
    /// 第几次挂断:以前的连接不再转交。
    epoch: u64,
    closed: bool,
}

impl Relay {
    /// 转交给 `server`;一个字节也不放过。
    pub fn new(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (gate, server) = (Arc::new(Gate::default()), server.to_owned());
        let inner = Arc::clone(&gate);
        thread::spawn(move || {
            for client in listener.incoming() {
                if inner.lock().closed {
                    return;
                }
                // 服务器不在:客户端看到的是连接断了。
                if let (Ok(client), Ok(server)) = (client, TcpStream::connect(&server)) {
                    inner.pass(&client, &server).unwrap();
                }
            }
        });
        Self { address, gate }
    }

    /// 从现在起再放过 `bytes` 字节。
    pub fn allow(&self, bytes: u64) {
        self.gate.lock().left = bytes;
        self.gate.changed.notify_all();
    }

    /// 等到说好的都放过了,或者 `over`。
    pub fn wait(&self, mut over: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while self.gate.lock().left > 0 && !over() {
            assert!(Instant::now() < deadline, "说好放过的,一直没有用完");
            thread::park_timeout(GLANCE);
        }
    }

    /// 挂断现在的连接。
    pub fn hang_up(&self) {
        let mut state = self.gate.lock();
        state.epoch += 1;
        for stream in state.streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(state);
        self.gate.changed.notify_all();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.gate.lock().closed = true;
        self.hang_up();
        let _ = TcpStream::connect(&self.address);
    }
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn pass(self: &Arc<Self>, client: &TcpStream, server: &TcpStream) -> io::Result<()> {
        let mut state = self.lock();
        state.streams.push(client.try_clone()?);
        state.streams.push(server.try_clone()?);
        let epoch = state.epoch;
        drop(state);
        let (mut asking, mut asked) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || {
            let _ = io::copy(&mut asking, &mut asked);
            let _ = asked.shutdown(Shutdown::Write);
        });
        let (gate, mut from, mut to) = (Arc::clone(self), server.try_clone()?, client.try_clone()?);
        thread::spawn(move || {
            let _ = gate.answer(&mut from, &mut to, epoch);
            let _ = to.shutdown(Shutdown::Write);
        });
        Ok(())
    }

    fn answer(&self, from: &mut TcpStream, to: &mut TcpStream, epoch: u64) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = from.read(&mut buffer)?;
            if length == 0 {
                return Ok(());
            }
            let mut rest = &buffer[..length];
            while !rest.is_empty() {
                let waiting = |state: &mut State| state.left == 0 && state.epoch == epoch;
                let mut state = self.changed.wait_while(self.lock(), waiting).unwrap();
                if state.epoch != epoch {
                    return Ok(());
                }
                let length = usize::try_from(state.left).unwrap().min(rest.len());
                state.left -= length as u64;
                drop(state);
                to.write_all(&rest[..length])?;
                rest = &rest[length..];
            }
        }
    }
}
