//! 进门:先握手,再说口令,都要在期限以内。通过以前,不运行什么,也不为他多占内存。

use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use byteorder::{NetworkEndian, ReadBytesExt};
use common::frame::FrameWriter;
use rustls::{Error as TlsError, ServerConfig, ServerConnection};

use crate::farewell::{alert, farewell};
use crate::gate::Gate;
use crate::protocol::MAX_REPLY;
use crate::reader::Reader;
use crate::reply::Reply;
use crate::request::Request;
use crate::token::LONGEST;
use crate::wire::Wire;

/// 大门,和门外的路。
pub struct Entrance {
    /// TLS 的设置;`None` 是不加密。
    pub config: Option<Arc<ServerConfig>>,
    /// 看口令的。
    pub gate: Gate,
    /// 握手和说口令一共最多这么久。
    pub patience: Duration,
}

/// 为什么没有让他进来。
#[derive(Debug)]
pub struct Refusal(pub String);

impl Entrance {
    /// 让从 `peer` 来的客户进来,给出读的一头;连接已经加密,口令已经对了。
    ///
    /// # Errors
    /// 没有让他进来;连接已经挂断。
    pub fn admit(
        &self,
        raw: Arc<TcpStream>,
        peer: SocketAddr,
    ) -> Result<(Arc<Wire>, Reader), Refusal> {
        let mut connection = None;
        if let Some(config) = &self.config {
            let new = ServerConnection::new(Arc::clone(config));
            connection = Some(new.map_err(|error| Refusal(error.to_string()))?.into());
        }
        let wire = Arc::new(Wire::new(raw, connection));
        let mut reader = Reader::new(Arc::clone(&wire));
        reader.deadline = Some(Instant::now() + self.patience);
        let admitted = self.question(&wire, &mut reader, peer);
        if let Err(refusal) = admitted {
            wire.hang_up();
            return Err(refusal);
        }
        reader.deadline = None;
        Ok((wire, reader))
    }

    /// 还没有握手的人听得懂的最后一句话。
    pub fn last_words(&self, text: &str) -> Vec<u8> {
        match self.config {
            Some(_) => alert(),
            None => farewell(text),
        }
    }

    fn question(&self, wire: &Wire, reader: &mut Reader, peer: SocketAddr) -> Result<(), Refusal> {
        let prepared = wire.set_write_timeout(Some(self.patience));
        let shaken = prepared.and_then(|()| reader.handshake());
        shaken.map_err(|error| Refusal(format!("握手没有做成:{}", reason(&error))))?;
        if !self.gate.is_locked() {
            return Ok(());
        }
        let heard = hear_token(reader);
        let given = heard.map_err(|error| Refusal(format!("没有说口令:{}", reason(&error))))?;
        let Some(wait) = self.gate.turn(peer.ip(), Instant::now()) else {
            tell(wire, "口令错得太多,过一会儿再试");
            return Err(Refusal("口令错得太多,没有看".to_owned()));
        };
        thread::sleep(wait);
        if !self.gate.admits(peer.ip(), &given) {
            tell(wire, "口令不对");
            return Err(Refusal("口令不对".to_owned()));
        }
        Ok(())
    }
}

/// 他的第一帧应当是口令。长度先看再收,一个字节也不多读:后面的归以后。
fn hear_token(reader: &mut Reader) -> io::Result<Vec<u8>> {
    let length = reader.read_u32::<NetworkEndian>()? as usize;
    if !(1..=1 + LONGEST).contains(&length) {
        let text = format!("第一帧有 {length} 字节,不是口令");
        return Err(io::Error::new(ErrorKind::InvalidInput, text));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    match Request::decode(&body) {
        Ok(Request::Token(token)) => Ok(token.to_vec()),
        _ => Err(io::Error::new(ErrorKind::InvalidInput, "第一帧不是口令")),
    }
}

/// 告诉他为什么。他不收就算了。
pub fn tell(mut wire: &Wire, why: &str) {
    let mut body = Vec::new();
    Reply::Error(why).encode(&mut body);
    let _ = FrameWriter::new(MAX_REPLY).write(&mut wire, &body);
}

/// 一句话说清楚哪里不对。
fn reason(error: &io::Error) -> String {
    let inner = error.get_ref();
    if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<TlsError>()) {
        return match error {
            TlsError::InvalidMessage(_) => format!("说的不是 TLS({error})"),
            TlsError::PeerIncompatible(_) => format!("不会 TLS 1.3 或者没有共同的算法({error})"),
            TlsError::AlertReceived(alert) => format!("对方不接着做({alert:?})"),
            error => format!("{error}"),
        };
    }
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => "太慢".to_owned(),
        ErrorKind::UnexpectedEof if inner.is_none() => "对方挂断了".to_owned(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => "对方挂断了".to_owned(),
        _ => error.to_string(),
    }
}
