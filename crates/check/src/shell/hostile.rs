//! 说谎的、说了一半的服务器:长度是负数、大得离谱,长度和正文没有发完就断了。

use crate::exam::{Exam, Stop, Verdict};
use crate::ladder::Case;
use crate::shell::answers::shown;
use crate::shell::client::Cases;
use crate::shell::commands;
use crate::shell::wire::{Framed, Wire};
use crate::tcp_client::{expect, expect_complaint, reply, start};
use crate::tcp_peer::TcpPeer;

/// 只有长度才会出的毛病。
const BASE: Case = Cases::<Framed>::BASE;

/// 有长度的客户端的全部检查。
pub const CASES: &[Case] = &joined::<{ COMMON.len() + OWN.len() }>();

/// 与没有长度的相同的。
const COMMON: &[Case] = Cases::<Framed>::ALL;

/// 另外的。
const OWN: &[Case] = &[
    Case {
        id: "empty-answer",
        title: "空的回答也是回答:什么也不显示,接着下一个",
        why: "长度是 0,再去接收就永远等下去",
        hint: "长度是 0 就不要再 recv",
        run: empty_answer,
        ..BASE
    },
    Case {
        id: "merged",
        title: "两个回答在一次发送里,各是各的",
        why: "recv(1024) 会多收,吃掉下一个回答的长度",
        hint: "正文最多收还差的那么多:recv(min(1024, 还差的))",
        run: merged,
        ..BASE
    },
    Case {
        id: "mebibyte",
        title: "1 MiB 的回答,最后一行也显示",
        why: "一次接收远远收不完",
        hint: "循环 recv,直到收满长度",
        run: mebibyte,
        ..BASE
    },
    Case {
        id: "negative",
        title: "长度是 -1:说出来,退出码不是 0",
        why: "有符号的长度可以是负数;没有检查,循环一次也不进,或者停不下来",
        hint: "长度不在 0 到上限之间,就断开",
        run: negative,
        ..BASE
    },
    Case {
        id: "huge",
        title: "长度是 2,147,483,647:说出来,退出码不是 0",
        why: "照着对方说的长度分配内存、等着收满,谁都能用四个字节拖住客户端",
        hint: "长度超过上限就断开",
        run: huge,
        ..BASE
    },
    Case {
        id: "cut-header",
        title: "长度只到了两个字节就断了:说出来,退出码不是 0",
        why: "recv(4) 可能只得到两个字节,struct.unpack 就抛异常",
        hint: "循环收满 4 个字节;recv 返回 b\"\" 就报告",
        run: cut_header,
        ..BASE
    },
    Case {
        id: "cut-body",
        title: "正文没有收满就断了:说出来,退出码不是 0",
        why: "半个回答不是回答;没有认出末尾,循环就停不下来",
        hint: "recv 返回 b\"\" 就报告还差多少",
        run: cut_body,
        ..BASE
    },
];

/// 两段接在一起。
const fn joined<const N: usize>() -> [Case; N] {
    let mut all = [BASE; N];
    let mut index = 0;
    while index < N {
        all[index] = match index < COMMON.len() {
            true => COMMON[index],
            false => OWN[index - COMMON.len()],
        };
        index += 1;
    }
    all
}

/// 等客户端连来,发来命令,给它这些字节。
fn answer(exam: &mut Exam, commands: &[&str], bytes: &[u8]) -> Result<TcpPeer, Stop> {
    let mut peer = start(exam, commands)?;
    expect(exam, &mut peer, commands[0].as_bytes())?;
    reply(exam, &mut peer, bytes)?;
    Ok(peer)
}

/// 这些字节以后就关闭,应当说出毛病。
fn complains(exam: &mut Exam, bytes: &[u8], what: &str) -> Verdict {
    let peer = answer(exam, &["show"], bytes)?;
    drop(peer);
    expect_complaint(exam, what)
}

fn empty_answer(exam: &mut Exam) -> Verdict {
    let mut peer = answer(exam, &["nothing", "next"], &Framed::answer(b""))?;
    expect(exam, &mut peer, b"next")?;
    reply(exam, &mut peer, &Framed::answer(b"NEXT\n"))?;
    shown(exam, "NEXT")
}

fn merged(exam: &mut Exam) -> Verdict {
    let first = Framed::answer(&[commands::lines(1100), b"\n".to_vec()].concat());
    let both = [first, Framed::answer(b"2ND\n")].concat();
    let mut peer = answer(exam, &["first", "second"], &both)?;
    expect(exam, &mut peer, b"second")?;
    shown(exam, "line 1")?;
    shown(exam, "2ND")
}

fn mebibyte(exam: &mut Exam) -> Verdict {
    let body = [commands::lines(1 << 20).as_slice(), b"\nLAST\n"].concat();
    let peer = answer(exam, &["long"], &Framed::answer(&body))?;
    shown(exam, "line 1")?;
    shown(exam, "LAST")?;
    drop(peer);
    Ok(())
}

fn negative(exam: &mut Exam) -> Verdict {
    complains(exam, &(-1_i32).to_le_bytes(), "长度是负数")
}

fn huge(exam: &mut Exam) -> Verdict {
    let peer = answer(exam, &["show"], &i32::MAX.to_le_bytes())?;
    // 连接还开着:不是因为断了才说的。
    expect_complaint(exam, "长度大得离谱")?;
    drop(peer);
    Ok(())
}

fn cut_header(exam: &mut Exam) -> Verdict {
    complains(exam, &[3, 0], "长度没有收完就断了")
}

fn cut_body(exam: &mut Exam) -> Verdict {
    let whole = Framed::answer(b"one\ntwo\n");
    complains(exam, &whole[..8], "正文没有收完就断了")
}
