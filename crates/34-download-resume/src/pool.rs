//! 到一个服务器的各条连接:连上,用完留着,下一位接着用。

use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::congestion;
use crate::connection::Connection;
use crate::failure::Failure;

/// 等对方接受连接最多这么久:握手只要一个往返,操作系统自己却会试上两分钟。
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// 闲了这么久的连接不再用:服务器可能已经嫌它太久没有说话。
const FRESH: Duration = Duration::from_secs(3);

/// 到一个服务器的各条连接:用完还回来,下一位接着用。
pub struct Pool {
    server: Address,
    timeout: Duration,
    algorithm: Option<String>,
    spare: Mutex<Vec<Connection>>,
    /// 连上过:以后连不上,是断了,值得再试。
    reached: AtomicBool,
}

impl Pool {
    /// 还没有连。`timeout` 是每次等服务器的期限。
    pub fn new(server: Address, timeout: Duration, algorithm: Option<String>) -> Self {
        Self {
            server,
            timeout,
            algorithm,
            spare: Mutex::default(),
            reached: AtomicBool::new(false),
        }
    }

    /// 一条能用的连接:有还回来的就用它,没有就新连一条。
    pub fn connection(&self) -> Result<Connection, Failure> {
        let spare = self.lock().pop();
        match spare.filter(|connection| connection.used.elapsed() < FRESH) {
            Some(connection) => Ok(connection),
            None => self.connect(),
        }
    }

    /// 还回一条连接;它应当停在两次问答之间。
    pub fn put_back(&self, connection: Connection) {
        self.lock().push(connection);
    }

    /// 不要还回来的了:断了的时候,它们可能也被挂断了。
    pub fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// 新连一条。
    pub fn connect(&self) -> Result<Connection, Failure> {
        let mut result = Err(ErrorKind::NotFound.into());
        // 一个名字可能有几个地址:依次试,直到有一个连得上。
        for address in self.server.resolve().map_err(anyhow::Error::new)? {
            let domain = Domain::for_address(address);
            let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP));
            let socket = socket.context("建立套接字失败")?;
            if let Some(algorithm) = &self.algorithm {
                congestion::set(&socket, algorithm)?;
            }
            result = socket.connect_timeout(&address.into(), CONNECT_TIMEOUT);
            if result.is_ok() {
                self.reached.store(true, Ordering::Relaxed);
                let stream = TcpStream::from(socket);
                stream
                    .set_read_timeout(Some(self.timeout))
                    .context("设置期限失败")?;
                stream
                    .set_write_timeout(Some(self.timeout))
                    .context("设置期限失败")?;
                return Ok(Connection::new(stream));
            }
        }
        let error = result.err().unwrap_or_else(|| ErrorKind::NotFound.into());
        let error = anyhow::Error::new(error).context(format!("连不上 {}", self.server));
        match self.reached.load(Ordering::Relaxed) {
            true => Err(Failure::Interrupted(error)),
            false => Err(Failure::Fatal(error)),
        }
    }
}
