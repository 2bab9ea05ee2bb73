//! 远程命令的客户端:命令发得对,回答显示得全,不上服务器的当。

use std::marker::PhantomData;

use crate::ladder::Case;
use crate::shell::answers::{
    bye, control, cut_character, end_of_input, gbk, gone, in_pieces, long_answer, many, refused,
    shows, silence, strips,
};
use crate::shell::wire::Wire;

/// 一种网线上的样子,它的全部检查。
#[derive(Debug)]
pub struct Cases<W>(PhantomData<W>);

impl<W: Wire> Cases<W> {
    /// 其余各项由每条检查自己写。
    pub const BASE: Case = Case {
        id: "",
        title: "",
        why: "",
        hint: "",
        note: W::NOTE,
        since: W::SINCE,
        until: None,
        options: &[],
        run: shows::<W>,
    };

    /// 与回答的样子无关的。
    const EITHER: Case = Case {
        since: "shell-sticky",
        ..Self::BASE
    };

    /// 要有边界才做得到的。
    const BOUNDED: Case = Case {
        since: W::BOUNDED,
        ..Self::BASE
    };

    /// 全部检查。
    pub const ALL: &[Case] = &[
        Case {
            id: "shows",
            title: "发出命令的字节,显示回答的每一行",
            why: "网线上的命令是 UTF-8 的字节,没有换行;回答可能有许多行",
            hint: "input().strip().encode(),收到以后 print",
            run: shows::<W>,
            ..Self::BASE
        },
        Case {
            id: "strips",
            title: "两头的空白去掉,空行不发",
            why: "TCP 发 0 个字节什么也不会发出,两边就互相等",
            hint: "strip() 以后是空的就 continue",
            run: strips::<W>,
            ..Self::EITHER
        },
        Case {
            id: "many",
            title: "几个命令走同一条连接,一个命令一个回答",
            why: "每个命令重新握手就太慢了",
            hint: "connect 放在循环外面",
            run: many::<W>,
            ..Self::BASE
        },
        Case {
            id: "bye",
            title: "bye(前后可以有空白):告诉服务器,关闭连接,正常结束",
            why: "发出的是去掉空白的,拿去比较的却没有去掉:「bye 」就被当成命令",
            hint: "先 strip(),再比较,再发",
            run: bye::<W>,
            ..Self::EITHER
        },
        Case {
            id: "end-of-input",
            title: "输入结束:关闭连接,正常结束",
            why: "Ctrl-D 会让 input() 抛出 EOFError",
            hint: "接住 EOFError",
            run: end_of_input::<W>,
            ..Self::EITHER
        },
        Case {
            id: "control",
            title: "回答里的控制字符、不合编码的字节,不会打乱屏幕",
            why: "原样打印陌生人的字节,他就能清屏、伪造别的行",
            hint: "换行和制表符以外的控制字符换成 \\x1b 这样的写法;decode 带 errors=\"backslashreplace\"",
            run: control::<W>,
            ..Self::BASE
        },
        Case {
            id: "gbk",
            title: "按 GBK 收发",
            why: "中文 Windows 的 shell 打印的是 GBK",
            hint: "两边说好同一种编码",
            options: &["--encoding", "gbk"],
            run: gbk::<W>,
            ..Self::BASE
        },
        Case {
            id: "refused",
            title: "没有服务器:说出来,退出码不是 0",
            why: "没有接住的异常是一屏看不懂的英文",
            hint: "接住 ConnectionRefusedError",
            run: refused::<W>,
            ..Self::EITHER
        },
        Case {
            id: "gone",
            title: "没有回答就关闭、复位:说出来,退出码不是 0",
            why: "recv 得到 b\"\" 是流的末尾,不是一个空的回答",
            hint: "recv 返回 b\"\" 就报告,结束",
            run: gone::<W>,
            ..Self::EITHER
        },
        Case {
            id: "silence",
            title: "连上了却没有回答,等到期限就说出来",
            why: "没有期限的等待会停在那里",
            hint: "settimeout,超时就报告",
            options: &["--timeout", "1"],
            run: silence::<W>,
            ..Self::EITHER
        },
        Case {
            id: "in-pieces",
            title: "回答一个字节一个字节地来,显示得全",
            why: "一次接收得到几个字节,和对方怎样发没有关系",
            hint: "先知道有多长,再循环收满",
            run: in_pieces::<W>,
            ..Self::BOUNDED
        },
        Case {
            id: "long-answer",
            title: "2,000 字节的回答显示得全,不会冒充下一个",
            why: "没收完的留在缓冲区里,粘在下一个回答的前面:从此都错位",
            hint: "先知道有多长,再循环收满",
            run: long_answer::<W>,
            ..Self::BOUNDED
        },
        Case {
            id: "cut-character",
            title: "一个汉字被 1,024 的边界切开,显示得对",
            why: "汉字的 UTF-8 是三个字节,一次接收可能只到了前两个",
            hint: "收满一个回答再解码",
            run: cut_character::<W>,
            ..Self::BOUNDED
        },
    ];
}
