//! 广播与组播一线的检查:服务器在组里等着回答「谁在」,`find` 认得出真的回答。全部在回环接口上。

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::exam::{self, Exam, Stop, Transport, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::udp_peer::UdpPeer;

const NOTE: &str = "15-udp-cast.md";

/// 检查用的组:与课程约定的不同,正在运行的服务器听不到。
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 80, 81);

/// 回环网络的广播地址。
const BROADCAST: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);

/// 没有回答就再问一次的间隔:程序绑定了端口,还没有来得及加入组时,组播会丢。
const AGAIN: Duration = Duration::from_millis(100);

const WITH_GROUP: &[&str] = &["--group", "239.255.80.81:{free}"];

const SERVER_BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: NOTE,
    since: "udp-cast",
    until: None,
    options: &[],
    run: who,
};

/// 服务器:谁问「谁在」,就报上名字。
pub const SERVER_CASES: &[Case] = &[
    Case {
        id: "who",
        title: "问它「谁在」,它报上名字",
        why: "回答带回询问的编号,问的人才知道答的是哪一个询问",
        hint: "收到 udp-cast? 编号,就回答 udp-cast! 编号 名字",
        run: who,
        ..SERVER_BASE
    },
    Case {
        id: "who-name",
        title: "--name 说报什么名字",
        why: "一个网络里有许多服务器,靠名字分清",
        hint: "名字原样放在编号和一个空格之后",
        options: &["--name", "三号 服务器"],
        run: who_name,
        ..SERVER_BASE
    },
    Case {
        id: "who-else",
        title: "不完全是询问的,照旧原样发回",
        why: "差一个字节就不是询问;猜别人的意思,协议就乱了",
        hint: "编号恰好是 16 个小写的十六进制数字,前后什么也没有",
        run: who_else,
        ..SERVER_BASE
    },
    Case {
        id: "who-multicast",
        title: "向组播组问「谁在」,它从自己的地址回答",
        why: "不加入组就收不到;从自己的地址回答,别人才知道到哪里找它",
        hint: "另开一个套接字绑定组的端口,IP_ADD_MEMBERSHIP 加入组,用原来的套接字回答",
        options: WITH_GROUP,
        run: who_multicast,
        ..SERVER_BASE
    },
    Case {
        id: "who-broadcast",
        title: "向广播地址问「谁在」,它也回答",
        why: "绑定 127.0.0.1 的套接字收不到发往 127.255.255.255 的",
        hint: "再开一个套接字,绑定广播地址(Windows 绑定 0.0.0.0)",
        options: WITH_GROUP,
        run: who_broadcast,
        ..SERVER_BASE
    },
    Case {
        id: "who-shared",
        title: "本机另有程序等在同一个端口上,两个都收到",
        why: "碰头的端口只有一个,本机的服务器可以有几个",
        hint: "绑定之前设 SO_REUSEADDR(macOS 还要 SO_REUSEPORT)",
        options: WITH_GROUP,
        run: who_shared,
        ..SERVER_BASE
    },
    Case {
        id: "who-quiet",
        title: "组里来的不是询问,一概不答",
        why: "对广播来的东西有问必答,两台机器就能互相答到网络瘫痪",
        hint: "组里收到的,先看是不是询问;不是就丢掉,不要发回",
        options: WITH_GROUP,
        run: who_quiet,
        ..SERVER_BASE
    },
];

const FIND_BASE: Case = Case {
    run: find,
    ..SERVER_BASE
};

/// `find`:问「谁在」,列出回答了的。
pub const FIND_CASES: &[Case] = &[
    Case {
        id: "find",
        title: "列出回答了的服务器:地址和名字",
        why: "地址是回答的来源,不在回答的内容里:内容可以乱写",
        hint: "发 udp-cast? 编号,收 udp-cast! 编号 名字,打印 recvfrom 给的地址和名字",
        run: find,
        ..FIND_BASE
    },
    Case {
        id: "find-multicast",
        title: "问组播组,几个服务器都列出",
        why: "一个询问有许多回答;收到一个就走,别的就看不到了",
        hint: "选定组播的网卡(IP_MULTICAST_IF),一直收到期限为止",
        run: find_multicast,
        ..FIND_BASE
    },
    Case {
        id: "find-broadcast",
        title: "问广播地址",
        why: "没有打开 SO_BROADCAST,系统不让往广播地址发",
        hint: "setsockopt(SOL_SOCKET, SO_BROADCAST, 1)",
        run: find_broadcast,
        ..FIND_BASE
    },
    Case {
        id: "find-once",
        title: "同一个服务器回答几次,只列一次",
        why: "广播和组播都听到的服务器回答两次;数据报自己也会重复",
        hint: "以地址为键,记下已经有的",
        run: find_once,
        ..FIND_BASE
    },
    Case {
        id: "find-id",
        title: "编号不对的、不像回答的,不算",
        why: "没有看到询问的人也能发数据报来冒充;他猜不中编号",
        hint: "编号每次随机,比对了才算",
        run: find_id,
        ..FIND_BASE
    },
    Case {
        id: "find-escape",
        title: "名字里的控制字符不会打乱屏幕",
        why: "名字是陌生人写的:换行能伪造一行,ESC 能清屏",
        hint: "打印之前把控制字符换成 \\n、\\x1b 这样的写法",
        run: find_escape,
        ..FIND_BASE
    },
    Case {
        id: "find-none",
        title: "没有人回答,到期就结束,退出码不是 0",
        why: "脚本要知道找到了没有",
        hint: "等够了就打印错误,以退出码 1 结束",
        run: find_none,
        ..FIND_BASE
    },
    Case {
        id: "find-noise",
        title: "一直有人发来杂物,也按时结束",
        why: "每收到一个就重新等一遍,期限就永远到不了",
        hint: "先算好期限,每次只等剩下的时间",
        run: find_noise,
        ..FIND_BASE
    },
];

/// 询问的写法。
fn question(id: u64) -> Vec<u8> {
    format!("udp-cast? {id:016x}").into_bytes()
}

/// 回答的写法。
fn answer(id: &str, name: &str) -> Vec<u8> {
    format!("udp-cast! {id} {name}").into_bytes()
}

/// 问一次;到了 `deadline` 没有回答就是 `None`。回答了别的询问的不算。
fn ask_once(
    peer: &UdpPeer,
    to: SocketAddr,
    id: u64,
    deadline: Instant,
) -> Result<Option<(Vec<u8>, SocketAddr)>, Stop> {
    peer.send(&question(id), to)?;
    let wanted = format!("udp-cast! {id:016x} ");
    let stale = |received: &[u8]| {
        received.starts_with(b"udp-cast! ") && !received.starts_with(wanted.as_bytes())
    };
    loop {
        match peer.receive(deadline)? {
            Some((received, _)) if stale(&received) => {}
            received => return Ok(received),
        }
    }
}

/// 一直问到有回答:它的内容和来源。
fn ask(
    exam: &mut Exam,
    peer: &UdpPeer,
    to: SocketAddr,
) -> Result<(u64, Vec<u8>, SocketAddr), Stop> {
    let deadline = exam.deadline();
    for id in 0x0123_4567_89ab_cd00.. {
        let soon = deadline.min(Instant::now() + AGAIN);
        if let Some((received, from)) = ask_once(peer, to, id, soon)? {
            return Ok((id, received, from));
        }
        if Instant::now() >= deadline {
            break;
        }
    }
    let failure = exam.failure(format!("向 {to} 问「谁在」,没有回答"));
    Err(failure.sent(&question(0)).received(None).into())
}

/// 从 `to` 问到的必须是 `server` 自己的回答;名字不限就是 `None`。
fn expect_answer(
    exam: &mut Exam,
    peer: &UdpPeer,
    to: SocketAddr,
    server: SocketAddr,
    name: Option<&str>,
) -> Verdict {
    let (id, received, from) = ask(exam, peer, to)?;
    let head = answer(&format!("{id:016x}"), name.unwrap_or_default());
    let right = match name {
        Some(_) => received == head,
        None => received.starts_with(&head),
    };
    if !right {
        let failure = exam.failure("回答的写法不对").sent(&question(id));
        return Err(failure.expected(&head).received(Some(&received)).into());
    }
    if from != server {
        let what = format!("回答来自 {from},不是它监听的地址 {server}");
        return Err(exam.failure(what).received(Some(&received)).into());
    }
    Ok(())
}

/// 启动服务器;不认得这条检查的选项,就启动不了,也是没有通过。
fn start_server(exam: &mut Exam) -> Result<SocketAddr, Stop> {
    exam.server(Transport::Udp).map_err(|stop| match stop {
        Stop::Broken(error) => Failure::new(format!("带着这些选项启动不了:{error:#}")).into(),
        stop => stop,
    })
}

/// 检查自己的套接字:组播只从回环接口出去。
fn asker() -> Result<UdpPeer, Stop> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let options = SockRef::from(&socket);
    options.set_multicast_if_v4(&Ipv4Addr::LOCALHOST)?;
    options.set_broadcast(true)?;
    Ok(UdpPeer::from(socket))
}

fn who(exam: &mut Exam) -> Verdict {
    let server = start_server(exam)?;
    expect_answer(exam, &UdpPeer::open()?, server, server, None)
}

fn who_name(exam: &mut Exam) -> Verdict {
    let server = start_server(exam)?;
    expect_answer(exam, &UdpPeer::open()?, server, server, Some("三号 服务器"))
}

fn who_else(exam: &mut Exam) -> Verdict {
    let server = start_server(exam)?;
    let peer = UdpPeer::open()?;
    expect_answer(exam, &peer, server, server, None)?;
    let near: [&[u8]; 7] = [
        b"udp-cast? ",
        b"udp-cast? 123",
        b"udp-cast? 0123456789ABCDEF",
        b"udp-cast? 0123456789abcdef\n",
        b"udp-cast? +123456789abcdef",
        b"udp-cast! 0123456789abcdef x",
        b"hello",
    ];
    for payload in near {
        peer.send(payload, server)?;
        let received = peer.receive(exam.deadline())?.map(|(received, _)| received);
        if received.as_deref() != Some(payload) {
            let failure = exam.failure("不是询问,应当原样发回");
            let failure = failure.sent(payload).expected(payload);
            return Err(failure.received(received.as_deref()).into());
        }
    }
    Ok(())
}

fn who_multicast(exam: &mut Exam) -> Verdict {
    let server = start_server(exam)?;
    let group = SocketAddr::from((GROUP, exam.free_port()));
    expect_answer(exam, &asker()?, group, server, None)
}

fn who_broadcast(exam: &mut Exam) -> Verdict {
    let server = start_server(exam)?;
    // macOS 的回环接口没有广播;Windows 的没有试过。
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let everyone = SocketAddr::from((BROADCAST, exam.free_port()));
    expect_answer(exam, &asker()?, everyone, server, None)
}

fn who_shared(exam: &mut Exam) -> Verdict {
    let group = SocketAddr::from((GROUP, exam.free_port()));
    let member = member(group)?;
    let server = start_server(exam)?;
    expect_answer(exam, &asker()?, group, server, None)?;
    match member.receive(exam.deadline())? {
        Some(_) => Ok(()),
        None => Err(exam
            .failure("它启动以后,先等在这个端口上的程序就收不到了")
            .into()),
    }
}

fn who_quiet(exam: &mut Exam) -> Verdict {
    let server = start_server(exam)?;
    let group = SocketAddr::from((GROUP, exam.free_port()));
    // 先确定它已经在组里,再换一个干净的套接字。
    expect_answer(exam, &asker()?, group, server, None)?;
    let peer = asker()?;
    let junk: [&[u8]; 5] = [
        b"",
        b"hello",
        b"udp-cast? 0123456789ABCDEF",
        b"udp-cast! 0123456789abcdef x",
        &[0xff; 2000],
    ];
    for payload in junk {
        peer.send(payload, group)?;
    }
    let id = 0xfeed_0000_0000_0001;
    let received = ask_once(&peer, group, id, exam.deadline())?;
    let received = received.map(|(received, _)| received);
    let head = answer(&format!("{id:016x}"), "");
    match received {
        Some(received) if received.starts_with(&head) => Ok(()),
        received => {
            let failure = exam.failure("先来的几个都不是询问,第一个回答应当是答最后那个询问的");
            let failure = failure.sent(&question(id)).expected(&head);
            Err(failure.received(received.as_deref()).into())
        }
    }
}

/// 等在组里的一个套接字,和别的程序共用端口。
fn member(group: SocketAddr) -> Result<UdpPeer, Stop> {
    let open = || -> io::Result<UdpSocket> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_reuse_address(true)?;
        #[cfg(all(unix, not(target_os = "linux")))]
        socket.set_reuse_port(true)?;
        let everything = SocketAddr::from((Ipv4Addr::UNSPECIFIED, group.port()));
        // Windows 不能绑定组的地址。
        let bound = if cfg!(windows) { everything } else { group };
        socket.bind(&bound.into())?;
        socket.join_multicast_v4(&GROUP, &Ipv4Addr::LOCALHOST)?;
        Ok(socket.into())
    };
    Ok(UdpPeer::from(open()?))
}

/// 等程序问「谁在」:编号(原样)和它的地址。
fn asked(exam: &mut Exam, peer: &UdpPeer) -> Result<(String, SocketAddr), Stop> {
    let Some((received, from)) = peer.receive(exam.deadline())? else {
        return Err(exam.failure("没有收到询问").received(None).into());
    };
    let text = String::from_utf8_lossy(&received).into_owned();
    let id = text.strip_prefix("udp-cast? ").unwrap_or_default();
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if id.len() != 16 || !id.bytes().all(hexadecimal) {
        let failure = exam.failure("询问的写法不对").expected(&question(0));
        return Err(failure.received(Some(&received)).into());
    }
    Ok((id.to_owned(), from))
}

/// 到程序结束为止,它打印的各行。
fn printed(exam: &mut Exam) -> Result<Vec<String>, Stop> {
    let deadline = exam.deadline();
    let terminal = exam.terminal()?;
    let ended = terminal.output().wait_for(deadline, |unread, ended| {
        ended.then(|| (unread.len(), unread.to_vec()))
    });
    match ended {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Ok(text.split('\n').map(str::to_owned).collect())
        }
        Err(_) => Err(exam.failure("等够了应当结束,它却没有").into()),
    }
}

/// 恰好有一行同时有 `address` 和 `name`。
fn expect_listed(lines: &[String], address: SocketAddr, name: &str) -> Verdict {
    let address = address.to_string();
    let listed = lines.iter().filter(|line| line.contains(&address));
    let listed = listed.filter(|line| line.contains(name)).count();
    if listed == 1 {
        return Ok(());
    }
    let what = format!("{address} 的「{name}」应当列出一次,却有 {listed} 次");
    Err(Failure::new(what).printed(&lines.join("\n")).into())
}

fn expect_unlisted(lines: &[String], wrong: &str, what: &str) -> Verdict {
    match lines.iter().any(|line| line.contains(wrong)) {
        false => Ok(()),
        true => Err(Failure::new(what).printed(&lines.join("\n")).into()),
    }
}

fn ends_well(exam: &mut Exam) -> Verdict {
    exam.wait_exit(|status| status.success(), "有服务器回答,应当正常结束")
}

fn find(exam: &mut Exam) -> Verdict {
    let server = UdpPeer::open()?;
    exam.client(server.address()?)?;
    let (id, from) = asked(exam, &server)?;
    server.send(&answer(&id, "三号 服务器"), from)?;
    let lines = printed(exam)?;
    expect_listed(&lines, server.address()?, "三号 服务器")?;
    ends_well(exam)
}

fn find_multicast(exam: &mut Exam) -> Verdict {
    let group = SocketAddr::from((GROUP, exam::free_port()?));
    let member = member(group)?;
    exam.client(group)?;
    let (id, from) = asked(exam, &member)?;
    let servers = [UdpPeer::open()?, UdpPeer::open()?, UdpPeer::open()?];
    for (server, name) in servers.iter().zip(["alpha", "beta", "gamma"]) {
        server.send(&answer(&id, name), from)?;
    }
    let lines = printed(exam)?;
    for (server, name) in servers.iter().zip(["alpha", "beta", "gamma"]) {
        expect_listed(&lines, server.address()?, name)?;
    }
    ends_well(exam)
}

fn find_broadcast(exam: &mut Exam) -> Verdict {
    // 别的系统的回环接口没有广播,或者没有试过。
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let everyone = SocketAddr::from((BROADCAST, exam::free_port()?));
    let member = UdpPeer::from(UdpSocket::bind(everyone)?);
    exam.client(everyone)?;
    let (id, from) = asked(exam, &member)?;
    let server = UdpPeer::open()?;
    server.send(&answer(&id, "alpha"), from)?;
    let lines = printed(exam)?;
    expect_listed(&lines, server.address()?, "alpha")?;
    ends_well(exam)
}

fn find_once(exam: &mut Exam) -> Verdict {
    let server = UdpPeer::open()?;
    exam.client(server.address()?)?;
    let (id, from) = asked(exam, &server)?;
    for _ in 0..5 {
        server.send(&answer(&id, "alpha"), from)?;
    }
    let lines = printed(exam)?;
    expect_listed(&lines, server.address()?, "alpha")?;
    ends_well(exam)
}

fn find_id(exam: &mut Exam) -> Verdict {
    let server = UdpPeer::open()?;
    let stranger = UdpPeer::open()?;
    exam.client(server.address()?)?;
    let (id, from) = asked(exam, &server)?;
    let guess = match id.starts_with('0') {
        true => id.replacen('0', "1", 1),
        false => format!("0{}", &id[1..]),
    };
    let upper = format!("{id}0");
    for forged in [
        answer(&guess, "forged"),
        answer("", "forged"),
        answer(&upper, "forged"),
        b"udp-cast! forged".to_vec(),
        b"forged".to_vec(),
        Vec::new(),
    ] {
        stranger.send(&forged, from)?;
    }
    server.send(&answer(&id, "genuine"), from)?;
    let lines = printed(exam)?;
    expect_unlisted(&lines, "forged", "编号不对的也列出来了")?;
    let stranger = stranger.address()?.to_string();
    expect_unlisted(&lines, &stranger, "列出了没有回答的人")?;
    expect_listed(&lines, server.address()?, "genuine")?;
    ends_well(exam)
}

fn find_escape(exam: &mut Exam) -> Verdict {
    let server = UdpPeer::open()?;
    exam.client(server.address()?)?;
    let (id, from) = asked(exam, &server)?;
    server.send(&answer(&id, "up\r\ndown\x1b[2J\u{9b}2J"), from)?;
    let lines = printed(exam)?;
    expect_unlisted(&lines, "\x1b", "控制字符 ESC 原样打印")?;
    expect_unlisted(&lines, "\u{9b}", "控制字符 CSI 原样打印")?;
    let listed = lines.iter().find(|line| line.contains("up"));
    if !listed.is_some_and(|line| line.contains("down")) {
        let what = "换行原样打印,一个名字成了两行";
        return Err(Failure::new(what).printed(&lines.join("\n")).into());
    }
    expect_listed(&lines, server.address()?, "up")?;
    ends_well(exam)
}

fn find_none(exam: &mut Exam) -> Verdict {
    let silent = UdpPeer::open()?;
    exam.client(silent.address()?)?;
    asked(exam, &silent)?;
    printed(exam)?;
    exam.wait_exit(|status| !status.success(), "没有人回答,应当以出错结束")
}

fn find_noise(exam: &mut Exam) -> Verdict {
    let server = UdpPeer::open()?;
    exam.client(server.address()?)?;
    let (id, from) = asked(exam, &server)?;
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            // 对方结束以后发送会失败,那也就不用发了。
            while !ended.load(Ordering::Relaxed) && server.send(b"noise", from).is_ok() {
                thread::park_timeout(Duration::from_millis(1));
            }
        });
        let verdict = server
            .send(&answer(&id, "alpha"), from)
            .map_err(Stop::from)
            .and_then(|()| printed(exam));
        ended.store(true, Ordering::Relaxed);
        expect_listed(&verdict?, server.address()?, "alpha")?;
        ends_well(exam)
    })
}
