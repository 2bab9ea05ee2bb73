//! 成员:等在广播地址和组播组上,谁来问「谁在」,就从服务器自己的地址回答他。

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use common::addr::Address;
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::cast::{Cast, Place};
use crate::cli;
use crate::protocol;

/// 能装下任何一个数据报:Windows 把装不下当成接收的错误。
const BUFFER: usize = 65_536;

/// 每隔这么久看一眼服务器结束了没有:人感觉不到,也不费 CPU。
const POLL: Duration = Duration::from_millis(200);

/// 服务器怎样让人找到。
pub struct Identity {
    /// 回答「谁在」时报的名字。
    pub name: String,
    /// 碰头的组;`None` 是大家约定的那一个。
    pub group: Option<Address>,
    /// 上真的网络。
    pub lan: bool,
}

/// 等在一个碰头地址上的套接字。
pub struct Member {
    socket: UdpSocket,
    meeting_point: SocketAddr,
    place: Place,
}

/// 在每个碰头地址上等;有一个等不了只是说一声,一个也等不了才是错误。
pub fn join_all(local: SocketAddr, identity: &Identity) -> anyhow::Result<Vec<Member>> {
    let length = identity.name.len();
    if length > protocol::MAX_NAME {
        bail!("名字有 {length} 字节,最多 {} 字节", protocol::MAX_NAME);
    }
    let place = Place::new(local, identity.group.as_ref(), identity.lan)?;
    let mut members = Vec::new();
    for meeting_point in place.meeting_points() {
        match join(place, meeting_point) {
            Ok(member) => members.push(member),
            Err(error) => cli::report(&error),
        }
    }
    if members.is_empty() {
        bail!("没有一个碰头地址能用,谁也找不到这个服务器");
    }
    Ok(members)
}

/// 建一个等在 `meeting_point` 上的套接字;是组就加入它。
fn join(place: Place, meeting_point: SocketAddr) -> anyhow::Result<Member> {
    let socket = open(place, meeting_point)
        .and_then(|socket| socket.set_read_timeout(Some(POLL)).map(|()| socket))
        .with_context(|| format!("不能在 {meeting_point} 上等"))?;
    Ok(Member {
        socket,
        meeting_point,
        place,
    })
}

/// 本机的几个服务器要等在同一个端口上,所以设地址复用:一个广播或组播,每个套接字都得到一份。
fn open(place: Place, meeting_point: SocketAddr) -> io::Result<UdpSocket> {
    let domain = Domain::for_address(meeting_point);
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    // macOS 和 BSD 要 SO_REUSEPORT 才能绑定完全相同的地址;Linux 上设了它,别的用户反而不能同绑。
    #[cfg(all(unix, not(target_os = "linux")))]
    socket.set_reuse_port(true)?;
    socket.bind(&receive_at(place, meeting_point).into())?;
    match meeting_point.ip() {
        IpAddr::V4(group) if group.is_multicast() => {
            socket.join_multicast_v4(&group, &place.interface_v4())?;
        }
        IpAddr::V4(_) => {}
        IpAddr::V6(group) => socket.join_multicast_v6(&group, place.interface_v6())?,
    }
    // Linux 默认把别的程序加入的组也给绑定「所有地址」的套接字(ip(7)):只要自己加入的。
    #[cfg(target_os = "linux")]
    match domain {
        Domain::IPV4 => socket.set_multicast_all_v4(false)?,
        _ => socket.set_multicast_all_v6(false)?,
    }
    Ok(socket.into())
}

/// 绑定哪个地址,才收得到发往 `meeting_point` 的。
///
/// Linux 可以就绑定它,别的一概不收。Windows 不行,只能绑定「所有地址」,再看是谁发来的。
/// 真的网络有几个广播地址(255.255.255.255、192.168.1.255),也只能绑定「所有地址」。
fn receive_at(place: Place, meeting_point: SocketAddr) -> SocketAddr {
    let port = meeting_point.port();
    let several = place.lan() && Cast::of(meeting_point.ip()) == Cast::Broadcast;
    match meeting_point.ip() {
        IpAddr::V4(_) if cfg!(target_os = "linux") && !several => meeting_point,
        IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, port).into(),
        IpAddr::V6(group) if cfg!(target_os = "linux") => {
            SocketAddrV6::new(group, port, 0, place.interface_v6()).into()
        }
        IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, port).into(),
    }
}

impl Member {
    /// 回答每一个询问,直到 `done`,然后离开。
    ///
    /// 从 `service`(服务器自己的套接字)回答:来问的人从回答的来源就知道到哪里去找它。
    /// 不是询问的一概不理:对广播来的东西有问必答,两台机器就能一问一答地吵到网络瘫痪。
    pub fn answer_all(&self, service: &UdpSocket, name: &str, done: &AtomicBool) {
        let mut buffer = vec![0; BUFFER];
        while !done.load(Ordering::Relaxed) {
            let (length, peer) = match self.socket.recv_from(&mut buffer) {
                Ok(received) => received,
                Err(error) if is_passing(error.kind()) => continue,
                Err(error) => {
                    let context = format!("在 {} 上等询问时", self.meeting_point);
                    return cli::report(&anyhow::Error::new(error).context(context));
                }
            };
            let id = protocol::read_question(&buffer[..length]);
            if let Some(id) = id.filter(|_| self.place.covers(peer)) {
                // 回答不了一位只影响他自己:报告,然后继续。
                if let Err(error) = service.send_to(&protocol::answer(id, name), peer) {
                    let context = format!("回答 {peer} 时");
                    cli::report(&anyhow::Error::new(error).context(context));
                }
            }
        }
        if let Err(error) = self.leave() {
            cli::report(&anyhow::Error::new(error).context("离开组时"));
        }
    }

    /// 离开组。关闭套接字时系统也会替它离开;真的网络上,两种都会告诉路由器(IGMP、MLD)。
    fn leave(&self) -> io::Result<()> {
        let socket = SockRef::from(&self.socket);
        match self.meeting_point.ip() {
            IpAddr::V4(group) if group.is_multicast() => {
                socket.leave_multicast_v4(&group, &self.place.interface_v4())
            }
            IpAddr::V4(_) => Ok(()),
            IpAddr::V6(group) => socket.leave_multicast_v6(&group, self.place.interface_v6()),
        }
    }
}

/// 不要紧的:到了看一眼的时候,程序被暂停过,或者上一个回答没有人收(Windows)。
fn is_passing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock
            | ErrorKind::TimedOut
            | ErrorKind::Interrupted
            | ErrorKind::ConnectionReset
    )
}
