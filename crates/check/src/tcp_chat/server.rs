//! 聊天室服务器的检查。

use std::net::SocketAddr;

use crate::exam::{Exam, Stop, Transport, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::tcp_chat::member::{Member, Way, frame};
use crate::tcp_peer::{End, TcpPeer};

/// 从 tcp-chat 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "26-tcp-chat.md",
    since: "tcp-chat",
    until: None,
    options: &[],
    run: welcome,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "welcome",
        title: "说出昵称,受到欢迎",
        why: "第一帧是昵称;服务器用「* 欢迎,」说它接受了",
        hint: "4 字节长度(网络字节序)+ UTF-8 正文,收发都一样",
        run: welcome,
        ..BASE
    },
    Case {
        id: "to-all",
        title: "一个人说,别人都听到,自己不再听一遍",
        why: "聊天室是一对多:服务器替大家转发",
        hint: "收到一句,向名单上除了他自己以外的每个人发「昵称:文字」",
        run: to_all,
        ..BASE
    },
    Case {
        id: "same-order",
        title: "两个人同时说,旁听的人看到同样的次序",
        why: "次序不一样,就不是同一场对话",
        hint: "转发一句的时候锁住名单,一句转发完再转发下一句",
        run: same_order,
        ..BASE
    },
    Case {
        id: "name-taken",
        title: "重复的昵称不行,换一个可以",
        why: "两个同名的人,别人分不清是谁说的;大小写不同也算重复",
        hint: "查名单和加入名单要在同一把锁里",
        run: name_taken,
        ..BASE
    },
    Case {
        id: "bad-name",
        title: "看不见的、太长的、冒充通知的昵称都不行",
        why: "昵称会显示在每个人的屏幕上:控制字符能清屏,零宽字符能冒充别人",
        hint: "按显示宽度限制长度,拒绝控制字符、空白和 : * ! / 这些有用处的符号",
        run: bad_name,
        ..BASE
    },
    Case {
        id: "notices",
        title: "来了、走了、断了,大家都知道,各说一次",
        why: "对方是关闭还是复位,服务器看到的不一样,别人都应当知道他不在了",
        hint: "读到末尾、读出错,都走同一条离开的路",
        run: notices,
        ..BASE
    },
    Case {
        id: "who",
        title: "/who 列出在场的人",
        why: "后来的人不知道谁在",
        hint: "命令只回答问的人",
        run: who,
        ..BASE
    },
    Case {
        id: "private",
        title: "/msg 只有对方听到",
        why: "私聊发给了别人,就不是私聊",
        hint: "按昵称找到那一位,只写给他",
        run: private,
        ..BASE
    },
    Case {
        id: "rename",
        title: "/nick 改名,旧名字让出来",
        why: "改名也要唯一,别人要知道",
        hint: "名单里先删旧的,再加新的,在同一把锁里",
        run: rename,
        ..BASE
    },
    Case {
        id: "unknown-command",
        title: "没有的命令是错误,不会当成话说出去",
        why: "打错一个字母的 /msg,不能变成对所有人说",
        hint: "以 / 开头又不认得的,只回答他「! ……」",
        run: unknown_command,
        ..BASE
    },
    Case {
        id: "history",
        title: "晚来的人看到最后几句",
        why: "一进来什么也不知道,接不上话",
        hint: "留着最后几句,欢迎之后发给他",
        run: history,
        ..BASE
    },
    Case {
        id: "split",
        title: "一个字节一个字节地来,几帧连在一起来,都认得出",
        why: "字节流没有边界,帧才有;一次接收可能是半帧,也可能是三帧",
        hint: "攒着收到的字节,够一帧取一帧",
        run: split,
        ..BASE
    },
    Case {
        id: "huge",
        title: "说自己有 4 GB 的帧,断开他,别人不受影响",
        why: "照着对方说的长度分配内存,谁都能用四个字节撑死服务器",
        hint: "先检查上限,再分配",
        run: huge,
        ..BASE
    },
    Case {
        id: "not-text",
        title: "不是 UTF-8 的一句告诉他没有发出,他还能接着说",
        why: "一个坏字节不该让人掉线,也不该变成乱码发给大家",
        hint: "解码失败只回答他「! ……」",
        run: not_text,
        ..BASE
    },
    Case {
        id: "control",
        title: "控制字符到不了别人的屏幕",
        why: "原样转发 ESC,一个人就能清掉所有人的屏幕",
        hint: "转发之前换成 \\u{1b} 这样的写法",
        run: control,
        ..BASE
    },
    Case {
        id: "lines",
        title: "nc 用户按行加入,和分帧的人说得上话",
        why: "手边只有 nc 的人也能来;第一个字节不是 0,就是按行",
        hint: "帧的长度不超过 4096,所以第一个字节总是 0",
        run: lines,
        ..BASE
    },
    Case {
        id: "long-line",
        title: "一行超过 4096 字节,告诉他,跳过这一行,后面的照常",
        why: "一直没有换行的人,不能让服务器一直替他存着",
        hint: "攒到上限还没有换行,就只记着它太长,到行尾再回答「! ……」",
        run: long_line,
        ..BASE
    },
    Case {
        id: "last-words",
        title: "昵称、一句话和流的末尾一起到:话大家听到,他走了大家也知道",
        why: "printf '老王\\n再见' | nc 就是这样;没有认出末尾,他就一直占着昵称",
        hint: "读到 0 个字节才是末尾;边缘触发时,末尾和最后的话只有一个通知。末尾以前的半行也算一句",
        run: last_words,
        ..BASE
    },
    Case {
        id: "half-frame",
        title: "有人只发来半帧就不动了,别人照常说话",
        why: "等他的后半帧时,不能让别人也等着",
        hint: "每位成员自己的接收缓冲区、自己的线程(或者事件循环)",
        run: half_frame,
        ..BASE
    },
    Case {
        id: "not-reading",
        title: "有人一直不收,请他离开,别人一句不少",
        why: "他的缓冲区满了:等他,全场停住;丢几句,他看到的和别人不一样",
        hint: "每位成员一个有上限的发送队列,满了就断开他,告诉大家",
        run: not_reading,
        ..BASE
    },
    Case {
        id: "closing",
        title: "Ctrl-C:已经收下的话发完,告诉大家,再关闭",
        why: "收下了又丢掉的话,谁也不知道它丢了",
        hint: "先关闭监听,写完每个人的队列,再 shutdown 写方向",
        run: closing,
        ..BASE
    },
];

/// 只有聊天室认得的选项,单独一条线。
pub const LIMIT_CASES: &[Case] = &[
    Case {
        id: "heartbeat",
        title: "没有声音就问一声;回答了就留下,不回答就请他离开",
        why: "拔掉网线的人不会说再见:不问,他就永远在名单上",
        hint: "发空帧,几次没有回音就断开",
        options: &["--heartbeat", "1"],
        run: heartbeat,
        ..BASE
    },
    Case {
        id: "idle-lines",
        title: "按行来的人太久不说话,告诉他,请他离开",
        why: "nc 不会回答心跳,只能看他说不说话",
        hint: "记着最后一次收到字节的时刻",
        options: &["--idle", "1"],
        run: idle_lines,
        ..BASE
    },
    Case {
        id: "crowded",
        title: "人满了,告诉新来的",
        why: "每位成员都要内存和描述符,总有个上限",
        hint: "满了就说一声再关闭",
        options: &["--max-members", "1"],
        run: crowded,
        ..BASE
    },
];

/// 服务器,和两位已经互相看见的成员。
fn two(exam: &mut Exam) -> Result<(SocketAddr, Member, Member), Stop> {
    let server = exam.server(Transport::Tcp)?;
    let mut first = Member::join(exam, server, "小明")?;
    let second = Member::join(exam, server, "小红")?;
    first.expect(exam, "* 小红 来了")?;
    Ok((server, first, second))
}

fn welcome(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    Member::join(exam, server, "小明").map(drop)
}

fn to_all(exam: &mut Exam) -> Verdict {
    let (server, mut first, mut second) = two(exam)?;
    let mut third = Member::join(exam, server, "Bob")?;
    first.expect(exam, "* Bob 来了")?;
    second.expect(exam, "* Bob 来了")?;
    first.say(exam, "大家好")?;
    second.expect(exam, "小明:大家好")?;
    third.expect(exam, "小明:大家好")?;
    // 自己的话不再听一遍:下一句是别人的。
    second.say(exam, "你好")?;
    first.expect(exam, "小红:你好")
}

fn same_order(exam: &mut Exam) -> Verdict {
    const EACH: usize = 50;
    let (server, mut first, mut second) = two(exam)?;
    let mut readers = Vec::new();
    for name in ["听众一", "听众二"] {
        readers.push(Member::join(exam, server, name)?);
        let notice = format!("* {name} 来了");
        first.expect(exam, &notice)?;
        second.expect(exam, &notice)?;
    }
    readers[0].expect(exam, "* 听众二 来了")?;
    for number in 0..EACH {
        first.say(exam, &format!("甲{number}"))?;
        second.say(exam, &format!("乙{number}"))?;
    }
    let mut heard = Vec::new();
    for reader in &mut readers {
        let mut lines = Vec::new();
        for _ in 0..2 * EACH {
            lines.push(reader.read(exam)?);
        }
        heard.push(lines);
    }
    for (name, say) in [("小明", "甲"), ("小红", "乙")] {
        let theirs = heard[0].iter().filter(|line| line.starts_with(name));
        let expected = (0..EACH).map(|number| format!("{name}:{say}{number}"));
        if !theirs.cloned().eq(expected) {
            return Err(Failure::new(format!("{name} 的 {EACH} 句话少了或者乱了")).into());
        }
    }
    match heard[0] == heard[1] {
        true => Ok(()),
        false => Err(Failure::new("两位旁听的人看到的次序不一样").into()),
    }
}

fn name_taken(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let _first = Member::join(exam, server, "Bob")?;
    let mut second = Member::connect(exam, server, Way::Frames)?;
    for taken in ["Bob", "bob"] {
        second.say(exam, taken)?;
        second.expect_that(exam, "! ……已经有人用了", |line| {
            line.starts_with("! ")
        })?;
    }
    second.enter(exam, "Bob2")
}

fn bad_name(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let bad = [
        " ",
        "a b",
        "a\x1b[2J",
        "小明\u{200b}",
        "\u{202e}abc",
        "* 通知",
        "小:明",
        "/who",
        "一二三四五六七八九",
        "abcdefghijklmnopq",
        "[私聊]",
    ];
    for name in bad {
        let mut member = Member::connect(exam, server, Way::Frames)?;
        member.say(exam, name)?;
        let what = format!("「{}」不能当昵称", name.escape_debug());
        member.expect_that(exam, &what, |line| line.starts_with("! "))?;
    }
    Member::join(exam, server, "一二三四五六七八").map(drop)
}

fn notices(exam: &mut Exam) -> Verdict {
    let (server, mut first, mut second) = two(exam)?;
    second.say(exam, "/quit")?;
    first.expect(exam, "* 小红 走了")?;
    second.expect_closed(exam)?;
    let third = Member::join(exam, server, "小刚")?;
    first.expect(exam, "* 小刚 来了")?;
    drop(third);
    first.expect_that(exam, "* 小刚 走了", |line| line.starts_with("* 小刚 "))?;
    let fourth = Member::join(exam, server, "小丽")?;
    first.expect(exam, "* 小丽 来了")?;
    fourth.peer.reset()?;
    first.expect_that(exam, "* 小丽 掉线了:连接断了", |line| {
        line.starts_with("* 小丽 ")
    })?;
    // 各说一次:下一句已经是新来的人。
    let _fifth = Member::join(exam, server, "小芳")?;
    first.expect(exam, "* 小芳 来了")
}

fn who(exam: &mut Exam) -> Verdict {
    let (_server, mut first, mut second) = two(exam)?;
    first.say(exam, "/who")?;
    first.expect_that(exam, "* 在场 2 人:小明、小红", |line| {
        line.starts_with("* ")
            && line.contains("2 人")
            && line.contains("小明")
            && line.contains("小红")
    })?;
    // 别人没有听到什么。
    first.say(exam, "问完了")?;
    second.expect(exam, "小明:问完了")
}

fn private(exam: &mut Exam) -> Verdict {
    let (server, mut first, mut second) = two(exam)?;
    let mut third = Member::join(exam, server, "小刚")?;
    first.expect(exam, "* 小刚 来了")?;
    second.expect(exam, "* 小刚 来了")?;
    first.say(exam, "/msg 小红 悄悄话 两个词")?;
    second.expect(exam, "[私聊] 小明:悄悄话 两个词")?;
    first.expect(exam, "[私聊] 发给 小红:悄悄话 两个词")?;
    first.say(exam, "/msg 没有这个人 在吗")?;
    first.expect_that(exam, "! 没有叫「没有这个人」的人", |line| {
        line.starts_with("! ")
    })?;
    first.say(exam, "公开的")?;
    third.expect(exam, "小明:公开的")
}

fn rename(exam: &mut Exam) -> Verdict {
    let (server, mut first, mut second) = two(exam)?;
    second.say(exam, "/nick 小明")?;
    second.expect_that(exam, "! ……已经有人用了", |line| {
        line.starts_with("! ")
    })?;
    second.say(exam, "/nick 小兰")?;
    first.expect(exam, "* 小红 改名为 小兰")?;
    second.expect(exam, "* 小红 改名为 小兰")?;
    second.say(exam, "我是谁")?;
    first.expect(exam, "小兰:我是谁")?;
    Member::join(exam, server, "小红").map(drop)
}

fn unknown_command(exam: &mut Exam) -> Verdict {
    let (_server, mut first, mut second) = two(exam)?;
    first.say(exam, "/mgs 小红 打错了")?;
    first.expect_that(exam, "! 没有 /mgs 这个命令", |line| {
        line.starts_with("! ")
    })?;
    first.say(exam, "//斜线开头的话")?;
    second.expect(exam, "小明:/斜线开头的话")
}

fn history(exam: &mut Exam) -> Verdict {
    let (server, mut first, mut second) = two(exam)?;
    for number in 0..30 {
        first.say(exam, &format!("第 {number} 句"))?;
        second.expect(exam, &format!("小明:第 {number} 句"))?;
    }
    let mut late = Member::join(exam, server, "小刚")?;
    let mut heard = Vec::new();
    while heard.last().is_none_or(|line| line != "小明:第 29 句") {
        heard.push(late.read(exam)?);
    }
    match heard.iter().any(|line| line == "小明:第 0 句") {
        false => Ok(()),
        true => Err(Failure::new("三十句全都发了:留着的话没有上限").into()),
    }
}

fn split(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut reader = Member::join(exam, server, "听众")?;
    let mut slow = Member::connect(exam, server, Way::Frames)?;
    for byte in slow.encoded("慢慢说") {
        slow.peer.send(&[byte], exam.deadline())?;
    }
    slow.expect_that(exam, "* 欢迎,慢慢说", |line| {
        line.starts_with("* 欢迎,慢慢说")
    })?;
    reader.expect(exam, "* 慢慢说 来了")?;
    for byte in slow.encoded("一个字节一个字节") {
        slow.peer.send(&[byte], exam.deadline())?;
    }
    reader.expect(exam, "慢慢说:一个字节一个字节")?;
    let mut three: Vec<u8> = ["一", "二", "三"]
        .iter()
        .flat_map(|text| slow.encoded(text))
        .collect();
    three.extend(frame(b""));
    slow.peer.send(&three, exam.deadline())?;
    for text in ["一", "二", "三"] {
        reader.expect(exam, &format!("慢慢说:{text}"))?;
    }
    Ok(())
}

fn huge(exam: &mut Exam) -> Verdict {
    let (_server, mut first, mut second) = two(exam)?;
    // 第一个字节要是 0,才是帧:16 MB,离上限还远得很。
    second
        .peer
        .send(&[0x00, 0xff, 0xff, 0xff], exam.deadline())?;
    first.expect_that(exam, "* 小红 ……", |line| line.starts_with("* 小红 "))?;
    second.expect_closed(exam)?;
    let server = _server;
    let mut third = Member::join(exam, server, "小刚")?;
    first.expect(exam, "* 小刚 来了")?;
    third.peer.send(&[0xff; 4], exam.deadline())?;
    first.expect_that(exam, "* 小刚 ……", |line| line.starts_with("* 小刚 "))?;
    let _fourth = Member::join(exam, server, "小丽")?;
    first.expect(exam, "* 小丽 来了")
}

fn not_text(exam: &mut Exam) -> Verdict {
    let (_server, mut first, mut second) = two(exam)?;
    first.peer.send(&frame(&[0xff, 0xfe]), exam.deadline())?;
    first.expect_that(exam, "! ……不是 UTF-8……", |line| {
        line.starts_with("! ")
    })?;
    first.say(exam, "接着说")?;
    second.expect(exam, "小明:接着说")
}

fn control(exam: &mut Exam) -> Verdict {
    let (_server, mut first, mut second) = two(exam)?;
    first.say(exam, "up\ndown\x1b[2J\r")?;
    second.expect_that(exam, "小明:up\\ndown……", |line| {
        line.contains("up") && line.contains("down") && !line.contains(char::is_control)
    })
}

fn lines(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut framed = Member::join(exam, server, "小明")?;
    let mut plain = Member::connect(exam, server, Way::Lines)?;
    plain.enter(exam, "老王")?;
    framed.expect(exam, "* 老王 来了")?;
    plain
        .peer
        .send("我用 nc\r\n两行一起\n".as_bytes(), exam.deadline())?;
    framed.expect(exam, "老王:我用 nc")?;
    framed.expect(exam, "老王:两行一起")?;
    framed.say(exam, "欢迎")?;
    plain.expect(exam, "小明:欢迎")
}

fn long_line(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut framed = Member::join(exam, server, "小明")?;
    let mut plain = Member::connect(exam, server, Way::Lines)?;
    plain.enter(exam, "老王")?;
    framed.expect(exam, "* 老王 来了")?;
    plain.say(exam, &"长".repeat(2000))?;
    plain.expect_that(exam, "! 一行最多 4096 字节", |line| {
        line.starts_with("! ")
    })?;
    plain.say(exam, "短")?;
    framed.expect(exam, "老王:短")
}

fn last_words(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut first = Member::join(exam, server, "小明")?;
    // 是不是一起到,要看运气:多试几次。
    for number in 0..10 {
        let mut brief = TcpPeer::connect(server, exam.deadline())?;
        brief.send(format!("老王{number}\n再见").as_bytes(), exam.deadline())?;
        brief.half_close()?;
        for event in [" 来了", ":再见", " 走了"] {
            let mark = if event.starts_with(':') { "" } else { "* " };
            first.expect(exam, &format!("{mark}老王{number}{event}"))?;
        }
        let received = brief.receive_all(exam.deadline())?;
        if received.end == End::TimedOut {
            return Err(exam.failure("他说完了,服务器也应当关闭连接").into());
        }
    }
    Ok(())
}

fn half_frame(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut stuck = TcpPeer::connect(server, exam.deadline())?;
    stuck.send(&[0, 0], exam.deadline())?;
    let silent = TcpPeer::connect(server, exam.deadline())?;
    let mut first = Member::join(exam, server, "小明")?;
    let mut second = Member::join(exam, server, "小红")?;
    first.expect(exam, "* 小红 来了")?;
    second
        .peer
        .send(&frame("半句".as_bytes())[..6], exam.deadline())?;
    first.say(exam, "照常")?;
    second.expect(exam, "小明:照常")?;
    drop((stuck, silent));
    Ok(())
}

fn not_reading(exam: &mut Exam) -> Verdict {
    /// 两边的套接字缓冲区和发送队列加起来,不会有这么大。
    const ENOUGH: usize = 64 << 20;
    let (server, mut first, mut second) = two(exam)?;
    let _stuck = Member::join(exam, server, "不听")?;
    first.expect(exam, "* 不听 来了")?;
    second.expect(exam, "* 不听 来了")?;
    let text = "x".repeat(4000);
    let gone = "* 不听 掉线了:收得太慢";
    for number in 0..ENOUGH / text.len() {
        first.say(exam, &format!("{number} {text}"))?;
        let mut line = second.read(exam)?;
        if line == gone {
            // 通知和这一句谁先谁后都行。
            return second.expect(exam, &format!("小明:{number} {text}"));
        }
        if line != format!("小明:{number} {text}") {
            line.truncate(40);
            let failure = Failure::new(format!("有人不收的时候,别人少了第 {number} 句"));
            return Err(failure.received(Some(line.as_bytes())).into());
        }
    }
    Err(Failure::new("有一位一直不收,却没有请他离开").into())
}

fn closing(exam: &mut Exam) -> Verdict {
    let (_server, mut first, mut second) = two(exam)?;
    first.say(exam, "最后一句")?;
    second.expect(exam, "小明:最后一句")?;
    // Windows 上没有能发给别的进程的 Ctrl-C,不检查。
    if !cfg!(unix) {
        return Ok(());
    }
    exam.terminal()?.interrupt()?;
    for member in [&mut first, &mut second] {
        member.expect(exam, "* 服务器要关闭了")?;
        member.expect_closed(exam)?;
    }
    drop((first, second));
    exam.wait_exit(|status| status.success(), "Ctrl-C 以后,应当正常结束")
}

fn heartbeat(exam: &mut Exam) -> Verdict {
    let (_server, mut first, mut second) = two(exam)?;
    // 小明每次都回答;小红一声不响。
    for _ in 0..20 {
        match first.read_raw(exam)?.as_str() {
            "" => first.peer.send(&frame(b""), exam.deadline())?,
            line if line.starts_with("* 小红 掉线了") => return second.expect_closed(exam),
            line => {
                let failure = exam.failure("应当只听到心跳和「小红 掉线了」");
                return Err(failure.received(Some(line.as_bytes())).into());
            }
        }
    }
    Err(exam.failure("小红一直没有回答心跳,却还在名单上").into())
}

fn idle_lines(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut plain = Member::connect(exam, server, Way::Lines)?;
    plain.enter(exam, "老王")?;
    plain.expect_closed(exam)
}

fn crowded(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut first = Member::join(exam, server, "小明")?;
    let mut late = Member::connect(exam, server, Way::Lines)?;
    late.expect_that(exam, "! 人满了,请稍后再来", |line| {
        line.starts_with("! ")
    })?;
    late.expect_closed(exam)?;
    first.say(exam, "/who")?;
    first.expect_that(exam, "* 在场 1 人:小明", |line| line.contains("1 人"))
}
