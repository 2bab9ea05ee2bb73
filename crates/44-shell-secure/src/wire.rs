//! 一条连接,加密的或者不加密的。一个线程读,同时另一个线程写。
//!
//! TLS 的收和发共用一份状态,一次只能由一个线程用。锁着它去等网络,一头就会卡住另一头:客户不收,
//! 写的线程等着,读的线程就听不到「中断」。所以锁里只加密、解密,网上的收发都在锁外面:
//! 读:先收密文,再锁着解密;写:锁着加密到缓冲区,放开,再发。「轮到谁发」是另一把锁,密文的次序才不乱。

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use rustls::Connection;

/// 挂断以前说「完了」,最多等这么久:对方的缓冲区多半空着,满了就不说了。
const LAST_WORD: Duration = Duration::from_millis(1);

/// 一条连接。
pub struct Wire {
    /// 下面的 TCP 连接。
    pub raw: Arc<TcpStream>,
    /// 加密的状态;`None` 是不加密。
    pub tls: Option<Tls>,
}

/// 加密的状态。
pub struct Tls {
    /// 只在加密、解密时锁着。
    pub state: Mutex<Connection>,
    /// 轮到谁发;里面是它的密文。
    turn: Mutex<Vec<u8>>,
}

/// TCP 结束了,TLS 却没有说「完了」(close_notify):可能是有人切断的,后面的被截掉了(RFC 8446 §6.1)。
#[derive(Debug, thiserror::Error)]
#[error("连接被切断:没有等到 TLS 的 close_notify")]
pub struct CutOff;

impl Wire {
    /// 不加密的 `raw`,或者用 `tls` 加密。
    pub fn new(raw: Arc<TcpStream>, tls: Option<Connection>) -> Self {
        let tls = tls.map(|connection| Tls {
            state: Mutex::new(connection),
            turn: Mutex::default(),
        });
        Self { raw, tls }
    }

    /// 最多这么久收不到;`None` 是不限。
    ///
    /// # Errors
    /// 系统不肯。
    pub fn set_read_timeout(&self, longest: Option<Duration>) -> io::Result<()> {
        self.raw.set_read_timeout(longest)
    }

    /// 最多这么久发不出;`None` 是不限。
    ///
    /// # Errors
    /// 系统不肯。
    pub fn set_write_timeout(&self, longest: Option<Duration>) -> io::Result<()> {
        self.raw.set_write_timeout(longest)
    }

    /// 说「完了」,挂断。别的线程正堵在发送上的话,就不说了。
    pub fn hang_up(&self) {
        if let Some(tls) = &self.tls
            && let Some(mut ciphertext) = try_lock(&tls.turn)
        {
            lock(&tls.state).send_close_notify();
            let _ = self.raw.set_write_timeout(Some(LAST_WORD));
            let _ = self.send(tls, &mut ciphertext);
        }
        let _ = self.raw.shutdown(Shutdown::Both);
    }

    /// 把要发的密文都发出去。轮到自己了才能用:`ciphertext` 就是凭证。
    fn send(&self, tls: &Tls, ciphertext: &mut Vec<u8>) -> io::Result<()> {
        ciphertext.clear();
        let mut state = lock(&tls.state);
        while state.wants_write() {
            state.write_tls(ciphertext)?;
        }
        drop(state);
        (&*self.raw).write_all(ciphertext)
    }

    /// TLS 自己有话说(握手、警报、换密钥):发出去。别人正在发的话,他发完会再来看。
    ///
    /// # Errors
    /// 断了。
    pub fn send_own(&self, tls: &Tls) -> io::Result<()> {
        while lock(&tls.state).wants_write() {
            let Some(mut ciphertext) = try_lock(&tls.turn) else {
                return Ok(());
            };
            self.send(tls, &mut ciphertext)?;
        }
        Ok(())
    }
}

impl Write for &Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(tls) = &self.tls else {
            return (&*self.raw).write(bytes);
        };
        let mut ciphertext = lock(&tls.turn);
        // 一次只收下一部分(64 KiB):发这一部分时,对方已经在解密上一部分了。
        let length = lock(&tls.state).writer().write(bytes)?;
        self.send(tls, &mut ciphertext)?;
        drop(ciphertext);
        self.send_own(tls)?;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// 锁上。持锁时不会恐慌;即使有过,里面的东西也还是好的。
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 没有人拿着才拿。
fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}
