//! 客户端去见服务器:连上,握手,认得才说口令。

use std::io::{self, ErrorKind, IsTerminal};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use common::addr::Address;
use rustls::pki_types::ServerName;
use rustls::{
    AlertDescription, CertificateError, ClientConnection, Connection, Error as TlsError, OtherError,
};

use crate::cli::{self, Hinted};
use crate::fingerprint::Fingerprint;
use crate::keepalive;
use crate::known::Known;
use crate::options::Meeting;
use crate::reader::Reader;
use crate::state::State;
use crate::trust::{self, Stranger, Unusable};
use crate::wire::Wire;

/// 我们认的是指纹,不是名字;TLS 的客户端却一定要有一个。
const NAME: &str = "shell-secure.invalid";

/// 一条认过的连接:写的一头和读的一头。
pub type Met = (Arc<Wire>, Reader);

/// 连到 `server`,认它。每个地址、以及握手,最多 `timeout`。
///
/// # Errors
/// 连不上,握手没有做成,或者不认得它。
pub fn meet(
    server: &Address,
    timeout: Duration,
    meeting: &Meeting,
    state: &State,
) -> anyhow::Result<Met> {
    if meeting.no_tls {
        return in_the_open(server, timeout);
    }
    let known = Known::load(state)?;
    let before = known.get(server);
    let expected = meeting.fingerprint.or(before);
    let met = shake(server, timeout, expected);
    let Err(Some(Stranger(found))) = met.as_ref().map_err(|error| error.downcast_ref().copied())
    else {
        if met.is_ok() && before != expected {
            remember(known, server, expected)?;
        }
        return met;
    };
    if let Some(wanted) = meeting.fingerprint {
        bail!("{server} 的指纹是 {found},不是 --fingerprint 说的 {wanted}");
    }
    if let Some(before) = before {
        return Err(changed(server, state, before, found));
    }
    accept(server, found, meeting.accept_new)?;
    // 刚才那一次到「不认得」为止,对方还没有证明私钥是它的:再握一次手,这次认这个指纹。
    let met = shake(server, timeout, Some(found))?;
    remember(known, server, Some(found))?;
    Ok(met)
}

fn remember(known: Known, server: &Address, found: Option<Fingerprint>) -> anyhow::Result<()> {
    match found {
        Some(found) => known.remember(server, found),
        None => Ok(()),
    }
}

/// 不加密的连接:在本机上看网线上的字节用。
fn in_the_open(server: &Address, timeout: Duration) -> anyhow::Result<Met> {
    let stream = dial(server, timeout)?;
    if !stream.peer_addr()?.ip().to_canonical().is_loopback() {
        bail!("{server} 不在本机,不加密就不连");
    }
    stream.set_read_timeout(Some(timeout))?;
    let wire = Arc::new(Wire::new(Arc::new(stream), None));
    Ok((Arc::clone(&wire), Reader::new(wire)))
}

fn dial(server: &Address, timeout: Duration) -> anyhow::Result<TcpStream> {
    let mut result = Err(ErrorKind::NotFound.into());
    // 一个名字可能有几个地址:依次试,直到有一个连得上。
    for address in server.resolve()? {
        result = TcpStream::connect_timeout(&address, timeout);
        if result.is_ok() {
            break;
        }
    }
    let stream = result.with_context(|| format!("连不上 {server}"))?;
    keepalive::set(&stream)?;
    Ok(stream)
}

/// 连上,握手;只认 `expected`。
fn shake(
    server: &Address,
    timeout: Duration,
    expected: Option<Fingerprint>,
) -> anyhow::Result<Met> {
    let config = Arc::new(trust::configure(expected)?);
    let name = ServerName::try_from(NAME).context("名字不合规矩")?;
    let connection = Connection::from(ClientConnection::new(config, name)?);
    let stream = dial(server, timeout)?;
    stream.set_write_timeout(Some(timeout))?;
    let wire = Arc::new(Wire::new(Arc::new(stream), Some(connection)));
    let mut reader = Reader::new(Arc::clone(&wire));
    reader.deadline = Some(Instant::now() + timeout);
    let shaken = reader.handshake();
    shaken.map_err(|error| explain(error, server))?;
    reader.deadline = None;
    wire.set_read_timeout(Some(timeout))?;
    wire.set_write_timeout(None)?;
    Ok((wire, reader))
}

/// 第一次见面:让人核对。没有人可问的话,要事先说好。
fn accept(server: &Address, found: Fingerprint, accept_new: bool) -> anyhow::Result<()> {
    if accept_new {
        cli::note(format_args!("记下 {server} 的指纹 {found}"));
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        let text = format!("第一次连 {server},不知道是不是真的;它的指纹是 {found}");
        let hint = "和服务器那边打印的核对,一样就加上 --fingerprint 指纹;在自己的机器上试,可以用 --accept-new".to_owned();
        return Err(Hinted { text, hint }.into());
    }
    cli::note(format_args!(
        "第一次连 {server},它的指纹是\n{found}\n和服务器那边打印的一样吗?一样就输入 yes,记下来:"
    ));
    match cli::read_line()?.as_deref() {
        Some(b"yes" | b"YES" | b"Yes") => Ok(()),
        Some(answer) if answer == "是".as_bytes() => Ok(()),
        _ => bail!("没有核对指纹,不连"),
    }
}

/// 指纹变了:响亮地说。
fn changed(
    server: &Address,
    state: &State,
    before: Fingerprint,
    found: Fingerprint,
) -> anyhow::Error {
    let file = state.path(crate::known::FILE);
    cli::note(format_args!(
        "\
!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!
!! 危险:{server} 的指纹变了
!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!
可能有人冒充服务器,想偷看你的口令和命令;也可能服务器换了证书。
记着的(在 {}):{before}
现在的:{found}
口令没有发出去。",
        file.display()
    ));
    let text = format!("{server} 的指纹和记着的不一样,不连");
    let hint = "问管服务器的人。真的换了,就从服务器那边的屏幕上抄新的指纹,加上 --fingerprint 新指纹 再连一次".to_owned();
    Hinted { text, hint }.into()
}

/// 握手没有做成,为什么。
fn explain(error: io::Error, server: &Address) -> anyhow::Error {
    let inner = error.get_ref();
    let Some(tls) = inner.and_then(|inner| inner.downcast_ref::<TlsError>()) else {
        let text = match error.kind() {
            ErrorKind::UnexpectedEof => format!("{server} 没有做完握手就挂断了"),
            ErrorKind::WouldBlock | ErrorKind::TimedOut => format!("{server} 一直没有做完握手"),
            _ => return anyhow::Error::new(error).context("握手时连接断了"),
        };
        let hint = "它可能不是 shell-secure 的服务器,也可能正忙着".to_owned();
        return Hinted { text, hint }.into();
    };
    match tls {
        TlsError::InvalidCertificate(CertificateError::Other(OtherError(reason))) => {
            match (reason.downcast_ref(), reason.downcast_ref()) {
                (Some(stranger), _) => anyhow::Error::new::<Stranger>(*stranger),
                (_, Some(unusable)) => anyhow::Error::new::<Unusable>(*unusable),
                _ => anyhow!("{tls}"),
            }
        }
        TlsError::InvalidCertificate(_) => {
            anyhow!("服务器拿着认得的证书,却没有它的私钥:它是冒充的({tls})")
        }
        TlsError::InvalidMessage(_) => Hinted {
            text: format!("{server} 说的不是 TLS"),
            hint: "它可能是 shell-stream,或者 shell-secure server --no-tls".to_owned(),
        }
        .into(),
        TlsError::AlertReceived(AlertDescription::InternalError) => {
            anyhow!("服务器现在不接待:可能满座了,也可能正要关闭")
        }
        _ => anyhow!("和 {server} 的握手没有做成:{tls}"),
    }
}
