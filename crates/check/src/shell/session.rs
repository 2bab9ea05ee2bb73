//! 用这一阶段自己的服务器和客户端运行命令:坐在终端前的人看到的对不对。

use crate::ladder::Case;
use crate::shell::seen::{
    cd, empty, errors, exactly, just_above, just_below, long_command, long_errors,
    more_than_a_pipe, one_mib, several, third,
};

const STICKY: &str = "41-shell-sticky.md";
const FRAMED: &str = "42-shell-framed.md";
const STREAM: &str = "43-shell-stream.md";

/// 从 shell-sticky 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "短的回答一次收得完:看不出毛病",
    hint: "命令的字节发过去,收到的打印出来",
    note: STICKY,
    since: "shell-sticky",
    until: None,
    options: &[],
    run: several,
};

/// 从 shell-framed 起通过的检查。
const FRAMED_BASE: Case = Case {
    why: "没收完的留在缓冲区里,粘在下一个回答的前面:从此都错位",
    hint: "先发 4 字节的长度,再发输出;收满长度,再收满输出",
    note: FRAMED,
    since: "shell-framed",
    ..BASE
};

/// 从 shell-stream 起通过的检查。
const STREAM_BASE: Case = Case {
    note: STREAM,
    since: "shell-stream",
    ..BASE
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "several",
        title: "三个短的命令,三个回答,次序对",
        run: several,
        ..BASE
    },
    Case {
        id: "errors",
        title: "标准错误也看得到;没有这个命令,看得到抱怨,接着还能用",
        why: "出了什么错,多半只写在标准错误里",
        hint: "服务器把两样输出都收下",
        // 以后的阶段,标准错误显示在标准错误里。
        until: Some("shell-framed"),
        run: errors,
        ..BASE
    },
    Case {
        id: "size-1023",
        title: "1,023 字节的输出,和下一个命令的回答",
        run: just_below,
        ..BASE
    },
    Case {
        id: "size-1024",
        title: "1,024 字节的输出,和下一个命令的回答",
        run: exactly,
        ..BASE
    },
    Case {
        id: "third",
        title: "第二个命令的输出很长,第三个命令的回答还是它自己的",
        run: third,
        ..FRAMED_BASE
    },
    Case {
        id: "size-1025",
        title: "1,025 字节的输出,和下一个命令的回答",
        run: just_above,
        ..FRAMED_BASE
    },
    Case {
        id: "size-65537",
        title: "65,537 字节的输出,和下一个命令的回答",
        run: more_than_a_pipe,
        ..FRAMED_BASE
    },
    Case {
        id: "size-1mib",
        title: "1 MiB 的输出,和下一个命令的回答",
        run: one_mib,
        ..FRAMED_BASE
    },
    Case {
        id: "errors-65537",
        title: "往标准错误打印 65,537 字节,看得全,不会死锁",
        why: "管道只装得下 65,536 字节:先读完标准输出再读标准错误,两边就互相等",
        hint: "两根管道同时读",
        until: Some("shell-framed"),
        run: long_errors,
        ..FRAMED_BASE
    },
    Case {
        id: "empty",
        title: "什么也不打印的命令,马上可以打下一个",
        why: "发 0 个字节就是没有发:客户端一直等着",
        hint: "有了长度,空的回答是 4 个字节的 0",
        run: empty,
        ..FRAMED_BASE
    },
    Case {
        id: "long-command",
        title: "2,000 字节的命令,也是一个命令",
        why: "服务器收一次最多 1,024 字节:长的被切成两个命令",
        hint: "命令这个方向也要有边界",
        run: long_command,
        ..STREAM_BASE
    },
    Case {
        id: "cd",
        title: "cd 到别处,下一个命令就在那里运行",
        why: "每个命令都是一个新的 shell,它的当前目录随它一起没有了",
        hint: "服务器替这条连接记着当前目录",
        run: cd,
        ..STREAM_BASE
    },
];
