//! 寻找:问一声「谁在」,把一段时间内的回答列出来。

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use common::addr::Address;
use socket2::SockRef;

use crate::answers::{Answers, Question};
use crate::cast::{Cast, Place};
use crate::cli;
use crate::protocol;

/// 比最长的回答大就够了;更大的数据报不是回答,被截断也无妨。
const BUFFER: usize = 512;

/// 怎样找。
pub struct Search {
    /// 只问这一个地址;`None` 是问大家碰头的地方。
    pub target: Option<Address>,
    /// 等多久。
    pub wait: Duration,
    /// 组播最多走几段路。
    pub ttl: u8,
    /// 组播也送给本机的成员。
    pub loop_back: bool,
}

/// 询问,等 `search.wait`,列出回答了的服务器。
pub fn run(place: &Place, search: &Search) -> anyhow::Result<()> {
    let targets = match &search.target {
        Some(target) => vec![place.choose(target)?],
        None => place.meeting_points(),
    };
    let socket = open(place, search)?;
    let questions = ask(&socket, &targets)?;
    let answers = collect(&socket, &questions, search.wait)?;
    answers.show(search.wait)
}

/// 建一个发询问的套接字:打开广播的开关,选定组播从哪块网卡出去、最多走几段路。
fn open(place: &Place, search: &Search) -> anyhow::Result<UdpSocket> {
    let local = place.local();
    let socket = UdpSocket::bind(local).with_context(|| format!("绑定 {local} 失败"))?;
    let options = SockRef::from(&socket);
    if local.is_ipv4() {
        options.set_broadcast(true)?;
        options.set_multicast_if_v4(&place.interface_v4())?;
        options.set_multicast_ttl_v4(u32::from(search.ttl))?;
        options.set_multicast_loop_v4(search.loop_back)?;
    } else {
        options.set_multicast_if_v6(place.interface_v6())?;
        options.set_multicast_hops_v6(u32::from(search.ttl))?;
        options.set_multicast_loop_v6(search.loop_back)?;
    }
    Ok(socket)
}

/// 向每个目标发一个询问;有一个发不出去只是说一声。
fn ask(socket: &UdpSocket, targets: &[SocketAddr]) -> anyhow::Result<Vec<Question>> {
    let local = socket.local_addr()?;
    // 先打印,再发送:终端再慢,也不算进往返时间。
    for target in targets {
        let cast = Cast::of(target.ip());
        cli::note(format_args!("从 {local} 询问 {target}({cast})"));
    }
    let mut questions = Vec::new();
    for &target in targets {
        let (id, cast, sent) = (unguessable(), Cast::of(target.ip()), Instant::now());
        match socket.send_to(&protocol::question(id), target) {
            Ok(_) => questions.push(Question { id, cast, sent }),
            Err(error) => cli::report(&not_sent(error, target)),
        }
    }
    if questions.is_empty() {
        bail!("一个询问也没有发出去");
    }
    Ok(questions)
}

fn not_sent(error: std::io::Error, target: SocketAddr) -> anyhow::Error {
    // Linux 的回环接口没有 IPv6 组播的路由;加上路由,也没有人收得到(实测)。
    if error.kind() == ErrorKind::NetworkUnreachable && target.is_ipv6() {
        let text = format!("没有去 {target} 的路由");
        let hint =
            "Linux 的回环没有 IPv6 组播:改用 IPv4,或者用真的网卡,--lan --bind [fe80::…%网卡]:0";
        let hint = hint.to_owned();
        return cli::Hinted { text, hint }.into();
    }
    anyhow::Error::new(error).context(format!("询问 {target} 失败"))
}

/// 没有看到询问的人猜不中的编号,也就冒充不了回答。标准库没有随机数,哈希表的种子是随机的。
fn unguessable() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// 收回答,直到 `wait` 用完。
fn collect(socket: &UdpSocket, questions: &[Question], wait: Duration) -> anyhow::Result<Answers> {
    let deadline = Instant::now() + wait;
    let mut answers = Answers::default();
    let mut buffer = [0; BUFFER];
    loop {
        // 每次都看期限:一直有人发,也不会等过头。
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(answers);
        }
        socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match socket.recv_from(&mut buffer) {
            Ok((length, server)) => answers.add(&buffer[..length], server, questions),
            // 数据报比缓冲区大,Windows 当成错误。
            Err(error) if error.raw_os_error() == Some(WSAEMSGSIZE) => answers.strange += 1,
            Err(error) if is_passing(error.kind()) => {}
            Err(error) => return Err(error).context("接收回答失败"),
        }
    }
}

/// Windows 收到装不下的数据报时报告的错误(WSAEMSGSIZE)。
const WSAEMSGSIZE: i32 = 10040;

/// 到了期限,程序被暂停过,或者对方主机说没有这个端口(Windows)。
fn is_passing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock
            | ErrorKind::TimedOut
            | ErrorKind::Interrupted
            | ErrorKind::ConnectionReset
    )
}
