//! 远程命令的服务器:运行了,回答得一个字节不差,谁也关不掉它。

use std::marker::PhantomData;

use crate::exam::{Exam, Verdict};
use crate::ladder::{Case, LATER};
use crate::shell::commands::{self, BOTH};
use crate::shell::rude::{
    ask, bye, bytes, command_in_pieces, echo, empty, half_close, idle, long, long_errors, next,
    silent, two_at_once, unknown,
};
use crate::shell::wire::Wire;
use crate::tcp_server::connect;

/// 一种网线上的样子,它的全部检查。
#[derive(Debug)]
pub struct Cases<W>(PhantomData<W>);

impl<W: Wire> Cases<W> {
    /// 其余各项由每条检查自己写。
    const BASE: Case = Case {
        id: "",
        title: "",
        why: "",
        hint: "",
        note: W::NOTE,
        since: W::SINCE,
        until: None,
        options: &[],
        run: hello::<W>,
    };

    /// 命令的方向也要有边界,或者要同时服务许多人。
    const LATER_BASE: Case = Case {
        since: LATER,
        ..Self::BASE
    };

    /// 只有我们的程序认得的选项,单独一条线。
    pub const LIMITS: &[Case] = &[Case {
        id: "idle",
        title: "太久不说话的客户,请他走,下一位不用再等",
        why: "一次只服务一位:他不说话,后面的人就永远等着",
        hint: "给接收一个期限(settimeout),到了就关闭这条连接",
        options: &["--idle", "1"],
        run: idle::<W>,
        ..Self::BASE
    }];

    /// 全部检查。
    pub const ALL: &[Case] = &[
        Case {
            id: "hello",
            title: "运行一个命令,回答是它打印的",
            why: "这是这个服务器的全部约定",
            hint: "subprocess 带 shell=True,收下输出,发回去",
            run: hello::<W>,
            ..Self::BASE
        },
        Case {
            id: "several",
            title: "同一条连接上的三个命令,三个回答",
            why: "每个命令重新握手就太慢了",
            hint: "recv 放进循环",
            run: several::<W>,
            ..Self::BASE
        },
        Case {
            id: "both",
            title: "标准错误也在回答里",
            why: "出了什么错,多半只写在标准错误里",
            hint: "两样都收下;次序照这一阶段的约定",
            run: both::<W>,
            ..Self::BASE
        },
        Case {
            id: "unknown",
            title: "没有这个命令:回答是 shell 的抱怨,服务器继续",
            why: "打错字是常事",
            hint: "shell 会把「没有这个命令」写到标准错误",
            run: unknown::<W>,
            ..Self::BASE
        },
        Case {
            id: "empty",
            title: "什么也没有打印的命令,也有回答",
            why: "发 0 个字节就是没有发:客户分不清「没有输出」和「还没有运行完」",
            hint: "有了长度,空的回答是 4 个字节的 0",
            since: W::BOUNDED,
            run: empty::<W>,
            ..Self::BASE
        },
        Case {
            id: "long",
            title: "1 MiB 的输出,一个字节不少",
            why: "一次 send 可能只发出一部分",
            hint: "用 sendall",
            run: long::<W>,
            ..Self::BASE
        },
        Case {
            id: "errors-65537",
            title: "往标准错误打印 65,537 字节,不会死锁",
            why: "管道只装得下 65,536 字节:先读完标准输出再读标准错误,两边就互相等",
            hint: "用 communicate(),它同时读两根管道",
            run: long_errors::<W>,
            ..Self::BASE
        },
        Case {
            id: "bytes",
            title: "不是文字的命令,服务器不会因此退出",
            why: "decode 抛出的异常没有接住,一位客户就能关掉服务器",
            hint: "接住 UnicodeDecodeError,回答一句,或者挂断",
            run: bytes::<W>,
            ..Self::BASE
        },
        Case {
            id: "bye",
            title: "bye 不是命令:服务器挂断,不运行它",
            why: "把 bytes 和 str 相比永远是 False,bye 就被拿去运行",
            hint: "b\"bye\" == \"bye\" 是 False:两边要是同一种类型",
            run: bye::<W>,
            ..Self::BASE
        },
        Case {
            id: "half-close",
            title: "说完就关掉自己的方向,还是得到回答,然后挂断",
            why: "不认得流的末尾,循环就停不下来:一秒启动上千个 shell",
            hint: "recv 返回 b\"\" 就 break",
            run: half_close::<W>,
            ..Self::BASE
        },
        Case {
            id: "next",
            title: "一位走了、复位了、不听回答就走了,都不影响下一位",
            why: "没有接住的异常会让整个服务器退出",
            hint: "每位客户的收发都放进 try",
            run: next::<W>,
            ..Self::BASE
        },
        Case {
            id: "silent",
            title: "前面一位不说话,后面的不用等",
            why: "一次只服务一位,谁都能占着它",
            hint: "每位客户一个线程",
            run: silent::<W>,
            ..Self::LATER_BASE
        },
        Case {
            id: "command-in-pieces",
            title: "命令分两段到,也是一个命令",
            why: "一次接收可能只得到半个命令,运行的就是另一个命令",
            hint: "命令这个方向也要有边界",
            run: command_in_pieces::<W>,
            ..Self::LATER_BASE
        },
        Case {
            id: "two-at-once",
            title: "连着发两个命令,有两个回答",
            why: "两个命令在一次接收里,就被当成一个",
            hint: "命令这个方向也要有边界",
            run: two_at_once::<W>,
            ..Self::LATER_BASE
        },
    ];
}

fn hello<W: Wire>(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    echo::<W>(exam, &mut peer, "one")
}

fn several<W: Wire>(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    for word in ["one", "two", "three"] {
        echo::<W>(exam, &mut peer, word)?;
    }
    Ok(())
}

fn both<W: Wire>(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    let (out, err) = (commands::line("out"), commands::line("err"));
    let merged = [err.as_slice(), &out].concat();
    ask(exam, &mut peer, BOTH, &W::pack(&out, &err, &merged))
}
