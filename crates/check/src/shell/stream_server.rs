//! 流式的服务器:输出一出来就到,退出码、中断、标准输入都对。

use std::thread;
use std::time::{Duration, Instant};

use crate::exam::{Exam, Stop, Verdict};
use crate::ladder::Case;
use crate::shell::commands::{self, BOTH, UNKNOWN};
use crate::shell::stream::{
    COMMAND, ECHOES, ERROR, INTERRUPT, LONG, Ran, STDIN, STDIN_END, STDOUT, arrive, command, echo,
    expect, finish, frame, greeted, receive, run, wrong,
};
use crate::tcp_peer::{End, TcpPeer};

/// 从 shell-stream 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "43-shell-stream.md",
    since: "shell-stream",
    until: None,
    options: &[],
    run: hello,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "hello",
        title: "连上就打招呼:版本,编码,目录",
        why: "客户由它知道连对了,也知道满座没有",
        hint: "第 16 种帧:版本 1,编码名长度,编码名,目录",
        run: hello,
        ..BASE
    },
    Case {
        id: "two-streams",
        title: "标准输出和标准错误各是各的",
        why: "合在一起,管道里的下一个程序就把错误当成了结果",
        hint: "两根管道,第 17 种和第 18 种帧",
        run: two_streams,
        ..BASE
    },
    Case {
        id: "codes",
        title: "退出码 0、1、3,没有这个命令",
        why: "成功还是失败,只有退出码说得准",
        hint: "第 21 种帧:怎样结束 u8,数值 u32",
        run: codes,
        ..BASE
    },
    Case {
        id: "as-it-happens",
        title: "命令还在运行,已经打印的就到了",
        why: "等它结束才发,一个小时的命令就一个小时没有消息",
        hint: "读到一些就发一帧,不要 communicate()",
        run: as_it_happens,
        ..BASE
    },
    Case {
        id: "interrupt",
        title: "中断:命令马上结束,连接接着用",
        why: "打错一个 find /,不能只有断开一条路",
        hint: "os.killpg(pid, SIGINT);启动时 start_new_session=True",
        run: interrupt,
        ..BASE
    },
    Case {
        id: "children",
        title: "中断和结束是整个进程组的",
        why: "只杀 shell,它启动的程序还握着管道、占着机器",
        hint: "给进程组发信号,不是给一个进程",
        run: children,
        ..BASE
    },
    Case {
        id: "cd",
        title: "cd 以后的命令在那里运行,说出到了哪里",
        why: "每个命令是一个新的 shell,它的当前目录随它一起没有了",
        hint: "服务器替这条连接记着当前目录",
        run: cd,
        ..BASE
    },
    Case {
        id: "own-directory",
        title: "一位客户 cd,别人还在原来的地方",
        why: "chdir 改的是整个进程的目录",
        hint: "不要 os.chdir,启动命令时给 cwd",
        run: own_directory,
        ..BASE
    },
    Case {
        id: "stdin",
        title: "标准输入一个字节不差地给命令,结束也传到",
        why: "没有它,管道里就用不了",
        hint: "第 2 种帧写进去,第 3 种帧关掉",
        run: stdin,
        ..BASE
    },
    Case {
        id: "no-stdin",
        title: "没有标准输入的命令,一读就是末尾",
        why: "继承服务器的标准输入,cat 就一直等着",
        hint: "stdin=subprocess.DEVNULL",
        run: no_stdin,
        ..BASE
    },
    Case {
        id: "split",
        title: "帧一个字节一个字节地来,照样运行",
        why: "字节流没有边界,一次接收可能只得到半个帧头",
        hint: "收满长度再处理",
        run: split,
        ..BASE
    },
    Case {
        id: "merged",
        title: "命令、标准输入、结束在一次发送里,照样运行",
        why: "一次接收可能得到好几帧",
        hint: "多收的留着,是下一帧的开头",
        run: merged,
        ..BASE
    },
    Case {
        id: "too-late",
        title: "没有命令时的中断和标准输入:不理,接着用",
        why: "命令可能刚刚自己结束,客户还不知道",
        hint: "没有命令就什么也不做",
        run: too_late,
        ..BASE
    },
    Case {
        id: "two-commands",
        title: "上一个还没有结束就发下一个:说出来,挂断",
        why: "两个命令的输出混在一起,谁也分不开",
        hint: "第 22 种帧说明原因",
        run: two_commands,
        ..BASE
    },
    Case {
        id: "nonsense",
        title: "看不懂的、太长的帧:挂断,别人不受影响",
        why: "长度和种类都是陌生人说的",
        hint: "先检查长度,再占内存",
        run: nonsense,
        ..BASE
    },
    Case {
        id: "many",
        title: "三十位客户同时运行命令,各是各的",
        why: "一位接一位地服务,一个慢的命令让所有人等",
        hint: "每位客户一个线程",
        run: many,
        ..BASE
    },
    Case {
        id: "not-reading",
        title: "有人只要输出不收,别人不用等",
        why: "他不收,发送就停住;服务器不能跟着停",
        hint: "每位客户一个线程",
        run: not_reading,
        ..BASE
    },
    Case {
        id: "gone",
        title: "客户走了,他的命令也结束",
        why: "没有人看的命令还占着机器,谁也不知道",
        hint: "另一个线程一直读连接;读到末尾就结束进程组",
        run: gone,
        ..BASE
    },
];

/// 只有 shell-stream 认得的选项,单独一条线。
pub const LIMIT_CASES: &[Case] = &[
    Case {
        id: "longest",
        title: "运行得太久,结束它,说明原因",
        why: "没有期限,一个 sleep infinity 占着一个座位",
        hint: "到了期限给进程组发信号;第 21 种帧,怎样结束是 2",
        options: &["--longest", "1"],
        run: longest,
        ..BASE
    },
    Case {
        id: "output",
        title: "输出太多,结束它,说明原因",
        why: "一个 yes 每秒几个 GB",
        hint: "数着发出的字节;第 21 种帧,怎样结束是 3",
        options: &["--output", "1"],
        run: output,
        ..BASE
    },
    Case {
        id: "idle",
        title: "太久不说话,请他走;命令在运行就不算",
        why: "沉默的连接占着线程和描述符",
        hint: "给接收一个期限;有命令在运行就再等",
        options: &["--idle", "1"],
        run: idle,
        ..BASE
    },
    Case {
        id: "full",
        title: "满座:说一声,挂断;有人走了就有座位",
        why: "线程数没有上限,一万个连接就是一万个线程",
        hint: "数着正在服务的客户",
        options: &["--customers", "1"],
        run: full,
        ..BASE
    },
];

fn hello(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    echo(exam, &mut peer, "one")?;
    echo(exam, &mut peer, "two")
}

fn two_streams(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    let ran = run(exam, &mut peer, BOTH)?;
    let right = ran.errors.trim_ascii_end() == b"err" && ran.exit == (0, 0);
    match right && ran.output == commands::line("out") {
        true => Ok(()),
        false => Err(wrong(exam, BOTH, &commands::line("out"), &ran).into()),
    }
}

fn codes(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    for code in [0, 1, 3] {
        let line = format!("exit {code}");
        let ran = run(exam, &mut peer, &line)?;
        if ran.exit != (0, code) || !ran.output.is_empty() {
            return Err(wrong(exam, &line, b"", &ran).into());
        }
    }
    let ran = run(exam, &mut peer, UNKNOWN)?;
    let told = String::from_utf8_lossy(&ran.errors).contains(UNKNOWN);
    match told && ran.exit.0 == 0 && ran.exit.1 != 0 {
        true => Ok(()),
        false => Err(wrong(exam, UNKNOWN, b"", &ran).into()),
    }
}

/// 打印一个词、然后没完没了的命令。
///
/// 词由没完没了的那个程序自己打印:由 shell 打印的话,这时它可能还没有启动下一个程序,中断正好落在
/// 两者之间,shell 就当作没有听见(dash 的 -c 如此,在终端上按 Ctrl-C 也一样)。
fn endless(exam: &Exam) -> Result<String, Stop> {
    let path = exam.directory().join("begun.txt");
    std::fs::write(&path, commands::line("begun"))?;
    Ok(match cfg!(windows) {
        true => format!("echo begun& {LONG} >NUL"),
        // 临时目录的名字里没有空格和引号。
        false => format!("tail -f {}", path.display()),
    })
}

/// 运行一个没完没了的命令,等到它打印的词。
fn start(exam: &mut Exam, peer: &mut TcpPeer, line: &str) -> Verdict {
    peer.send(&command(line, false), exam.deadline())?;
    let content = expect(exam, peer, STDOUT)?;
    if content == commands::line("begun") {
        return Ok(());
    }
    let failure = exam.failure("已经打印的一行没有马上到");
    Err(failure.received(Some(&content)).into())
}

/// 运行一个没完没了的命令,等到它打印的词。
fn start_long(exam: &mut Exam, peer: &mut TcpPeer) -> Verdict {
    let line = endless(exam)?;
    start(exam, peer, &line)
}

fn as_it_happens(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    start_long(exam, &mut peer)
}

fn interrupt(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    start_long(exam, &mut peer)?;
    peer.send(&frame(INTERRUPT, b""), exam.deadline())?;
    let ran = finish(exam, &mut peer)?;
    // SIGINT 是 2(signal(7))。
    if cfg!(unix) && ran.exit != (1, 2) {
        return Err(wrong(exam, LONG, b"", &ran).into());
    }
    echo(exam, &mut peer, "after")
}

fn children(exam: &mut Exam) -> Verdict {
    if !cfg!(unix) {
        return Ok(());
    }
    let (_, mut peer) = greeted(exam)?;
    let inner = endless(exam)?;
    let line = format!("sh -c 'sh -c \"{inner}; echo\"; sleep 100'; sleep 100");
    start(exam, &mut peer, &line)?;
    peer.send(&frame(INTERRUPT, b""), exam.deadline())?;
    let ran = finish(exam, &mut peer)?;
    if ran.exit != (1, 2) {
        return Err(wrong(exam, &line, b"", &ran).into());
    }
    // 后台的也算:命令结束,它留下的进程握着管道,不能等它们。
    let ran = run(exam, &mut peer, "sleep 100 & echo left")?;
    match ran.output == b"left\n" && ran.exit == (0, 0) {
        true => Ok(()),
        false => Err(wrong(exam, "sleep 100 & echo left", b"left\n", &ran).into()),
    }
}

/// 换到检查自己的目录;那里有一个文件,内容是 here。
fn enter(exam: &mut Exam, peer: &mut TcpPeer) -> Verdict {
    std::fs::write(exam.directory().join("marker.txt"), "here")?;
    let line = commands::enters(&exam.directory().display().to_string());
    let ran = run(exam, peer, &line)?;
    let name = exam.directory().file_name().unwrap_or_default();
    let told = ran.directory.as_deref().unwrap_or_default();
    let there = told.ends_with(&*name.to_string_lossy());
    match there && ran.exit == (0, 0) && ran.output.is_empty() {
        true => Ok(()),
        false => Err(wrong(exam, &line, b"", &ran).into()),
    }
}

fn cd(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    enter(exam, &mut peer)?;
    // 换不成的,留在原来的地方。
    let ran = run(exam, &mut peer, "cd no-such-directory")?;
    if ran.exit.0 != 0 || ran.exit.1 == 0 || ran.directory.is_some() || ran.errors.is_empty() {
        return Err(wrong(exam, "cd no-such-directory", b"", &ran).into());
    }
    let show = commands::shows("marker.txt");
    let ran = run(exam, &mut peer, &show)?;
    match ran.output == b"here" {
        true => Ok(()),
        false => Err(wrong(exam, &show, b"here", &ran).into()),
    }
}

fn own_directory(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = greeted(exam)?;
    let mut other = arrive(exam, server)?;
    enter(exam, &mut peer)?;
    let show = commands::shows("marker.txt");
    let ran = run(exam, &mut other, &show)?;
    match ran.output.is_empty() && ran.exit != (0, 0) {
        true => Ok(()),
        false => Err(wrong(exam, &show, b"", &ran).into()),
    }
}

fn stdin(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    // Windows 的 findstr 只认得文字。
    let bytes: Vec<u8> = match cfg!(windows) {
        true => b"one\r\ntwo\r\n".to_vec(),
        false => (0..100_000_u32).map(|n| (n % 251) as u8).collect(),
    };
    peer.send(&command(ECHOES, true), exam.deadline())?;
    for part in bytes.chunks(60_000) {
        peer.send(&frame(STDIN, part), exam.deadline())?;
    }
    peer.send(&frame(STDIN_END, b""), exam.deadline())?;
    let ran = finish(exam, &mut peer)?;
    let right = ran.consumed == bytes.len() as u64 && ran.exit == (0, 0);
    match right && ran.output == bytes {
        true => Ok(()),
        false => Err(wrong(exam, ECHOES, &bytes, &ran).into()),
    }
}

fn no_stdin(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    let ran = run(exam, &mut peer, ECHOES)?;
    match ran.output.is_empty() && ran.exit.0 == 0 {
        true => echo(exam, &mut peer, "after"),
        false => Err(wrong(exam, ECHOES, b"", &ran).into()),
    }
}

fn split(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    for byte in command("echo split", false) {
        peer.send(&[byte], exam.deadline())?;
    }
    let ran = finish(exam, &mut peer)?;
    match ran.output == commands::line("split") {
        true => Ok(()),
        false => Err(wrong(exam, "echo split", &commands::line("split"), &ran).into()),
    }
}

fn merged(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    let line = commands::line("merged");
    let all = [
        command(ECHOES, true),
        frame(STDIN, b""),
        frame(STDIN, &line),
        frame(STDIN_END, b""),
    ];
    peer.send(&all.concat(), exam.deadline())?;
    let ran = finish(exam, &mut peer)?;
    match ran.output == line && ran.exit == (0, 0) {
        true => Ok(()),
        false => Err(wrong(exam, ECHOES, &line, &ran).into()),
    }
}

fn too_late(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    for _ in 0..2 {
        let late = [
            frame(INTERRUPT, b""),
            frame(STDIN, b"nobody reads this\n"),
            frame(STDIN_END, b""),
            frame(STDIN_END, b""),
        ];
        peer.send(&late.concat(), exam.deadline())?;
        echo(exam, &mut peer, "still")?;
    }
    Ok(())
}

/// 应当说一句,然后挂断。
fn expect_farewell(exam: &mut Exam, peer: &mut TcpPeer, sent: &[u8]) -> Verdict {
    let told = expect(exam, peer, ERROR)?;
    if str::from_utf8(&told).is_ok_and(|text| !text.is_empty()) {
        return expect_over(exam, peer, sent);
    }
    let failure = exam.failure("挂断之前应当说一句为什么").sent(sent);
    Err(failure.received(Some(&told)).into())
}

/// 应当挂断。
fn expect_over(exam: &mut Exam, peer: &mut TcpPeer, sent: &[u8]) -> Verdict {
    match peer.receive_all(exam.deadline())?.end {
        End::Eof | End::Reset => Ok(()),
        _ => Err(exam.failure("没有挂断").sent(sent).into()),
    }
}

fn two_commands(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = greeted(exam)?;
    start_long(exam, &mut peer)?;
    let second = command("echo second", false);
    peer.send(&second, exam.deadline())?;
    expect_farewell(exam, &mut peer, &second)?;
    let mut next = arrive(exam, server)?;
    echo(exam, &mut next, "next")
}

fn nonsense(exam: &mut Exam) -> Verdict {
    let (server, mut witness) = greeted(exam)?;
    let bad: [Vec<u8>; 10] = [
        vec![0; 4],
        frame(0, b""),
        frame(5, b"?"),
        frame(255, b""),
        frame(COMMAND, b""),
        frame(COMMAND, &[0]),
        frame(COMMAND, &[0, 0xff]),
        frame(COMMAND, b"\0echo\0hi"),
        vec![0xff; 4],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
    ];
    for bytes in bad {
        let mut peer = arrive(exam, server)?;
        peer.send(&bytes, exam.deadline())?;
        expect_farewell(exam, &mut peer, &bytes)?;
    }
    echo(exam, &mut witness, "fine")
}

fn many(exam: &mut Exam) -> Verdict {
    let (server, first) = greeted(exam)?;
    let mut peers = vec![first];
    for _ in 1..30 {
        peers.push(arrive(exam, server)?);
    }
    for (number, peer) in peers.iter_mut().enumerate() {
        let line = command(&format!("echo {number}"), false);
        peer.send(&line, exam.deadline())?;
    }
    for (number, peer) in peers.iter_mut().enumerate().rev() {
        let ran = finish(exam, peer)?;
        let expected = commands::line(&number.to_string());
        if ran.output != expected || ran.exit != (0, 0) {
            return Err(wrong(exam, &format!("echo {number}"), &expected, &ran).into());
        }
    }
    Ok(())
}

fn not_reading(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = greeted(exam)?;
    let endless = match cfg!(windows) {
        true => "for /l %i in (0,0,1) do @echo y",
        false => "yes",
    };
    peer.send(&command(endless, false), exam.deadline())?;
    expect(exam, &mut peer, STDOUT)?;
    let mut other = arrive(exam, server)?;
    for _ in 0..20 {
        echo(exam, &mut other, "me")?;
    }
    // 他不收,也还听得见他说中断。
    peer.send(&frame(INTERRUPT, b""), exam.deadline())?;
    let ran = finish(exam, &mut peer)?;
    match cfg!(unix) && ran.exit != (1, 2) {
        true => Err(wrong(exam, endless, b"", &Ran::default()).into()),
        false => Ok(()),
    }
}

fn gone(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = greeted(exam)?;
    // 认得出来的一个数,别的检查不会用。
    let mark = format!("1{:05}", exam.free_port());
    let line = match cfg!(windows) {
        true => format!("echo begun& ping -n {mark} 127.0.0.1 >NUL"),
        false => format!("echo begun; sh -c 'sleep {mark}; echo'"),
    };
    peer.send(&command(&line, false), exam.deadline())?;
    expect(exam, &mut peer, STDOUT)?;
    drop(peer);
    let deadline = exam.deadline();
    while is_running(&mark) {
        if Instant::now() >= deadline {
            return Err(exam.failure("客户走了,他的命令还在运行").into());
        }
        thread::park_timeout(Duration::from_millis(20));
    }
    let mut next = arrive(exam, server)?;
    echo(exam, &mut next, "next")
}

/// 有没有一个进程,参数里有 `mark`(proc(5));看不到的系统上不检查。
fn is_running(mark: &str) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return false;
    };
    processes.flatten().any(|process| {
        let words = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let mut words = words.split(|byte| *byte == 0);
        // shell 的命令行里也有它,那是整个一行。
        words.any(|word| word == mark.as_bytes())
    })
}

fn longest(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    let ran = run(exam, &mut peer, LONG)?;
    if ran.exit != (2, 1) {
        return Err(wrong(exam, LONG, b"", &ran).into());
    }
    if cfg!(unix) {
        // 不听劝的,过一会儿强行结束。
        let stubborn = "trap '' TERM; while :; do sleep 1; done";
        let ran = run(exam, &mut peer, stubborn)?;
        if ran.exit != (2, 1) {
            return Err(wrong(exam, stubborn, b"", &ran).into());
        }
    }
    echo(exam, &mut peer, "after")
}

fn output(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = greeted(exam)?;
    let content = commands::lines((1 << 20) + 1);
    let line = commands::prints(exam, "long.txt", &content)?;
    let ran = run(exam, &mut peer, &line)?;
    if ran.exit != (3, 1) || ran.output != content[..1 << 20] {
        let text = format!(
            "输出应当停在 1 MiB,却有 {} 字节;怎样结束、数值是 {:?}",
            ran.output.len(),
            ran.exit
        );
        return Err(exam.failure(text).into());
    }
    // 每个命令重新数起。
    let exact = commands::prints(exam, "exact.txt", &content[..1 << 20])?;
    let ran = run(exam, &mut peer, &exact)?;
    match ran.exit == (0, 0) && ran.output.len() == 1 << 20 {
        true => Ok(()),
        false => Err(exam.failure("正好 1 MiB 的输出应当没有事").into()),
    }
}

fn idle(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = greeted(exam)?;
    let slow = match cfg!(windows) {
        true => "ping -n 3 127.0.0.1 >NUL",
        false => "sleep 1.5",
    };
    let ran = run(exam, &mut peer, slow)?;
    if ran.exit != (0, 0) {
        return Err(wrong(exam, slow, b"", &ran).into());
    }
    expect_farewell(exam, &mut peer, b"")?;
    let mut next = arrive(exam, server)?;
    echo(exam, &mut next, "next")
}

fn full(exam: &mut Exam) -> Verdict {
    let (server, first) = greeted(exam)?;
    let mut second = TcpPeer::connect(server, exam.deadline())?;
    expect_farewell(exam, &mut second, b"")?;
    drop(first);
    let deadline = exam.deadline();
    loop {
        let mut next = TcpPeer::connect(server, exam.deadline())?;
        match receive(exam, &mut next)? {
            Some((ERROR, _)) | None if Instant::now() < deadline => {
                thread::park_timeout(Duration::from_millis(20));
            }
            Some((crate::shell::stream::HELLO, _)) => return echo(exam, &mut next, "next"),
            _ => return Err(exam.failure("有人走了,还是没有座位").into()),
        }
    }
}
