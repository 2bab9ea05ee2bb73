//! 聊天室客户端的检查。

use crate::exam::{Exam, Stop, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::tcp_chat::member::{Member, Way, frame};
use crate::tcp_peer::TcpHost;

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
    run: joins,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "joins",
        title: "连上以后先说昵称,再把每一行发出去",
        why: "双方都是帧:4 字节长度(网络字节序)+ UTF-8 正文",
        hint: "struct.pack(\"!I\", len(body)) + body,一次 sendall",
        run: joins,
        ..BASE
    },
    Case {
        id: "shows",
        title: "别人的话随到随显示",
        why: "收和打字同时进行:不能等打完一行才看得到",
        hint: "收和发各用一个线程",
        run: shows,
        ..BASE
    },
    Case {
        id: "in-pieces",
        title: "一帧分几段到,合成一句显示;几帧一起到,分成几句",
        why: "字节流没有边界,帧才有",
        hint: "先收满 4 字节的长度,再收满正文",
        run: in_pieces,
        ..BASE
    },
    Case {
        id: "heartbeat",
        title: "服务器问「还在吗」(空帧),回答一个空帧",
        why: "不回答,服务器就当你掉线了",
        hint: "收到长度 0 的帧,发一个长度 0 的帧,不显示",
        run: heartbeat,
        ..BASE
    },
    Case {
        id: "control",
        title: "控制字符不会打乱屏幕",
        why: "服务器也不能相信",
        hint: "显示之前换成 \\u{1b} 这样的写法",
        run: control,
        ..BASE
    },
    Case {
        id: "end-of-input",
        title: "输入结束,把话说完,道别,正常结束",
        why: "管道里喂进来的每一行都要发出去,再走",
        hint: "发 /quit,一直收到服务器关闭",
        run: end_of_input,
        ..BASE
    },
    Case {
        id: "refused-name",
        title: "昵称不行,说出来,退出码不是 0",
        why: "没有人在键盘前,不能再问;也不能把下一句话当成昵称发出去",
        hint: "第一句回答不是「* 欢迎,」开头,就报告它,sys.exit(1)",
        run: refused_name,
        ..BASE
    },
    Case {
        id: "huge",
        title: "服务器说有 4 GB 的一帧,说出来,不会照着分配内存",
        why: "长度是对方说的:先检查,再分配",
        hint: "长度超过上限就报告,断开",
        run: huge,
        ..BASE
    },
    Case {
        id: "reconnects",
        title: "连接断了,再连,报上原来的昵称;中间打的字不丢",
        why: "网络断一下是常事,不该让人重新来过",
        hint: "打印一行,里面有「断了」;过一会儿再连(1、2、4……秒);没有发出的行留着",
        run: reconnects,
        ..BASE
    },
];

/// 启动客户端,等它连来、报上昵称,欢迎它。
fn start(exam: &mut Exam, host: &TcpHost) -> Result<Member, Stop> {
    exam.client(host.address()?)?;
    welcome(exam, host)
}

fn welcome(exam: &mut Exam, host: &TcpHost) -> Result<Member, Stop> {
    let mut member = named(exam, host)?;
    member.say(exam, "* 欢迎,小明。在场 1 人:小明")?;
    Ok(member)
}

/// 连来的客户端应当先报上昵称。
fn named(exam: &mut Exam, host: &TcpHost) -> Result<Member, Stop> {
    let accepted = host.accept(exam.deadline())?;
    let peer = accepted.ok_or_else(|| exam.failure("客户端没有连来"))?;
    let mut member = Member::on(peer, Way::Frames);
    member.expect(exam, "小明")?;
    Ok(member)
}

fn type_line(exam: &mut Exam, text: &str) -> Verdict {
    exam.terminal()?.type_line(text);
    Ok(())
}

fn shown(exam: &mut Exam, text: &str) -> Verdict {
    let what = format!("没有显示「{text}」");
    exam.wait_line(&what, |line| line == text).map(drop)
}

fn joins(exam: &mut Exam) -> Verdict {
    let mut member = start(exam, &TcpHost::open()?)?;
    type_line(exam, "你好")?;
    member.expect(exam, "你好")?;
    type_line(exam, "")?;
    type_line(exam, "第二句")?;
    member.expect(exam, "第二句")
}

fn shows(exam: &mut Exam) -> Verdict {
    let mut member = start(exam, &TcpHost::open()?)?;
    for text in ["小红:在吗", "* 小刚 来了", "小红:说话呀"] {
        member.say(exam, text)?;
        shown(exam, text)?;
    }
    Ok(())
}

fn in_pieces(exam: &mut Exam) -> Verdict {
    let mut member = start(exam, &TcpHost::open()?)?;
    for byte in frame("小红:慢慢说".as_bytes()) {
        member.peer.send(&[byte], exam.deadline())?;
    }
    shown(exam, "小红:慢慢说")?;
    let long = format!("小红:{}", "长".repeat(1000));
    let mut three = frame("小红:一".as_bytes());
    three.extend(frame("小红:二".as_bytes()));
    three.extend(frame(long.as_bytes()));
    member.peer.send(&three, exam.deadline())?;
    shown(exam, "小红:一")?;
    shown(exam, "小红:二")?;
    shown(exam, &long)
}

fn heartbeat(exam: &mut Exam) -> Verdict {
    let mut member = start(exam, &TcpHost::open()?)?;
    member.peer.send(&frame(b""), exam.deadline())?;
    let answer = member.read_raw(exam)?;
    if answer.is_empty() {
        return Ok(());
    }
    let failure = exam.failure("心跳的回答应当是一个空帧");
    Err(failure.received(Some(answer.as_bytes())).into())
}

fn control(exam: &mut Exam) -> Verdict {
    let mut member = start(exam, &TcpHost::open()?)?;
    member.say(exam, "小红:up\n\x1b[2Jdown")?;
    let line = exam.wait_line("没有显示「up」", |line| line.contains("up"))?;
    if line.contains("down") && !line.contains(char::is_control) {
        return Ok(());
    }
    Err(Failure::new("控制字符原样打印").printed(&line).into())
}

fn end_of_input(exam: &mut Exam) -> Verdict {
    let mut member = start(exam, &TcpHost::open()?)?;
    type_line(exam, "一")?;
    type_line(exam, "二")?;
    exam.terminal()?.end_input();
    for text in ["一", "二", "/quit"] {
        member.expect(exam, text)?;
    }
    member.say(exam, "小红:慢走")?;
    drop(member);
    shown(exam, "小红:慢走")?;
    exam.wait_exit(|status| status.success(), "道别以后,应当正常结束")
}

fn refused_name(exam: &mut Exam) -> Verdict {
    let host = TcpHost::open()?;
    exam.client(host.address()?)?.type_line("不该发出的话");
    let mut member = named(exam, &host)?;
    member.say(exam, "! 昵称「小明」已经有人用了")?;
    exam.wait_line("昵称不行,程序却没有说", |line| {
        line.contains("已经有人用了")
    })?;
    exam.terminal()?.end_input();
    exam.wait_exit(|status| !status.success(), "昵称不行,退出码不应当是 0")
}

fn huge(exam: &mut Exam) -> Verdict {
    let host = TcpHost::open()?;
    let mut member = start(exam, &host)?;
    member.peer.send(&[0xff; 4], exam.deadline())?;
    exam.wait_line("收到 4 GB 的帧,程序却没有说", |line| {
        ["错误", "帧", "断"].iter().any(|word| line.contains(word))
    })?;
    member.expect_closed(exam)
}

fn reconnects(exam: &mut Exam) -> Verdict {
    let host = TcpHost::open()?;
    let mut member = start(exam, &host)?;
    type_line(exam, "断之前")?;
    member.expect(exam, "断之前")?;
    drop(member);
    exam.wait_line("连接断了,程序却没有说", |line| {
        line.contains("断了")
    })?;
    type_line(exam, "断的时候")?;
    let mut again = welcome(exam, &host)?;
    again.expect(exam, "断的时候")?;
    type_line(exam, "接上以后")?;
    again.expect(exam, "接上以后")
}
