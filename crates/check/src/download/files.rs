//! 用这一阶段自己的服务器和客户端传文件:到手的对不对,程序说得对不对。

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::download::pattern;
use crate::exam::{Exam, FILE, Stop, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::terminal::Terminal;

const ONCE: &str = "31-download-once.md";
const STREAM: &str = "32-download-stream.md";
const FRAMED: &str = "33-download-framed.md";

/// 从 download-once 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: ONCE,
    since: "download-once",
    until: None,
    options: &[],
    run: one,
};

/// 从 download-stream 起通过的检查。
const STREAM_BASE: Case = Case {
    note: STREAM,
    since: "download-stream",
    why: "一次接收最多取走缓冲区那么多;文件有多长,和一次得到多少没有关系",
    hint: "循环 recv,直到返回 b\"\"(或者收满说好的长度)",
    ..BASE
};

/// 从 download-framed 起通过的检查。
const FRAMED_BASE: Case = Case {
    note: FRAMED,
    since: "download-framed",
    ..BASE
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "size-1",
        title: "1 字节的文件",
        why: "最小的文件也是文件",
        hint: "收到的原样写进文件,用二进制方式打开",
        run: one,
        ..BASE
    },
    Case {
        id: "size-1023",
        title: "1,023 字节的文件",
        why: "比一次接收的上限少一个字节",
        hint: "收到的原样写进文件,用二进制方式打开",
        run: just_below,
        ..BASE
    },
    Case {
        id: "size-1024",
        title: "1,024 字节的文件",
        why: "恰好是一次接收的上限:看不出毛病",
        hint: "收到的原样写进文件,用二进制方式打开",
        run: exactly,
        ..BASE
    },
    Case {
        id: "size-1025",
        title: "1,025 字节的文件",
        run: just_above,
        ..STREAM_BASE
    },
    Case {
        id: "size-5000",
        title: "5,000 字节的文件",
        run: five_thousand,
        ..STREAM_BASE
    },
    Case {
        id: "size-8mib",
        title: "8 MiB 的文件",
        run: eight_mib,
        ..STREAM_BASE
    },
    Case {
        id: "size-0",
        title: "空文件也是文件:存成空文件,正常结束",
        why: "没有长度,空文件和没有这个文件都是 0 个字节,分不清",
        hint: "先说状态和长度,再发内容",
        run: empty,
        ..FRAMED_BASE
    },
    Case {
        id: "missing",
        title: "没有这个文件:说出来,不建文件,退出码不是 0",
        why: "建一个空文件,用户以为下载成功了",
        hint: "确认服务器有,再建文件",
        run: missing,
        ..BASE
    },
    Case {
        id: "directory",
        title: "目录不能下载:说出来,服务器继续",
        why: "打开目录再读会出错;没有接住,服务器就退出",
        hint: "打开之前看看是不是普通文件",
        run: directory,
        ..BASE
    },
    Case {
        id: "socket",
        title: "不是普通文件的(套接字、管道、设备)不能下载",
        why: "打开一个管道可能永远停在那里,打开设备可能改变它",
        hint: "打开之前看看是不是普通文件",
        run: socket,
        ..BASE
    },
    Case {
        id: "outside",
        title: "目录外面的文件拿不到",
        why: "路径穿越(CWE-22):../ 和绝对路径能读到服务器上的任何文件",
        hint: "名字里有分隔符、盘符、.. 就拒绝",
        run: outside,
        ..BASE
    },
    Case {
        id: "symlink",
        title: "指向外面的符号链接不跟着走",
        why: "名字很普通,打开的却是外面的文件",
        hint: "换成真正的路径,看它还在不在目录里",
        run: symlink,
        ..FRAMED_BASE
    },
    Case {
        id: "again",
        title: "下载三次,三次都对;已经有的文件换成新的",
        why: "服务一位就结束、接着旧文件往后写,都是常见的错",
        hint: "accept 放进循环;写之前清空旧的",
        run: again,
        ..BASE
    },
    Case {
        id: "keeps-old",
        title: "没有下载成功,以前的文件还在",
        why: "先清空旧文件再去下载,失败了就两样都没有",
        hint: "先写到临时文件,收齐了再改名",
        run: keeps_old,
        ..BASE
    },
];

/// 这一阶段的服务器,和它的目录。
struct Server {
    _terminal: Terminal,
    address: String,
    root: PathBuf,
}

/// 一次下载的结局。
struct Fetched {
    ok: bool,
    saved: Option<Vec<u8>>,
    printed: String,
}

/// 启动服务器。
fn serve(exam: &Exam) -> Result<Server, Stop> {
    let root = exam.directory().join("root");
    fs::create_dir_all(&root)?;
    let path = root.to_string_lossy().into_owned();
    let argv = exam.tool(&["server", "127.0.0.1:0", "--root", &path])?;
    let terminal = Terminal::start(&argv)?;
    let line = terminal.output().read_line(exam.deadline())?;
    let line = String::from_utf8_lossy(&line).into_owned();
    let Some(address) = line.strip_prefix("监听 ") else {
        let what = "服务器的第一行应当是「监听 IP:PORT」";
        return Err(Failure::new(what).printed(&line).into());
    };
    Ok(Server {
        _terminal: terminal,
        address: address.to_owned(),
        root,
    })
}

impl Server {
    fn put(&self, name: &str, content: &[u8]) -> Result<(), Stop> {
        Ok(fs::write(self.root.join(name), content)?)
    }

    /// 用客户端下载 `name`,存成 `output`。
    fn fetch(&self, exam: &Exam, name: &str, output: &Path) -> Result<Fetched, Stop> {
        let path = output.to_string_lossy().into_owned();
        let argv = exam.tool(&["client", &self.address, name, "--output", &path])?;
        let mut client = Terminal::start(&argv)?;
        client.end_input();
        let Some(status) = client.wait(exam.deadline())? else {
            return Err(Failure::new(format!("下载「{name}」的客户端没有结束")).into());
        };
        client
            .output()
            .wait_end(Instant::now() + crate::exam::PATIENCE)?;
        Ok(Fetched {
            ok: status.success(),
            saved: fs::read(output).ok(),
            printed: client.last_words(),
        })
    }
}

/// 下载一个 `length` 字节的文件,应当一个字节不差。
fn expect_whole(exam: &mut Exam, length: usize) -> Verdict {
    let server = serve(exam)?;
    let content = pattern(length);
    server.put(FILE, &content)?;
    let fetched = server.fetch(exam, FILE, &exam.directory().join("out"))?;
    same(&fetched, &content)
}

fn same(fetched: &Fetched, content: &[u8]) -> Verdict {
    let what = match &fetched.saved {
        None => "没有存成文件".to_owned(),
        Some(_) if !fetched.ok => "存对了没有不知道,退出码却不是 0".to_owned(),
        Some(saved) if saved == content => return Ok(()),
        Some(saved) if content.starts_with(saved) => format!(
            "文件有 {} 字节,只存下前 {} 字节,退出码还是 0",
            content.len(),
            saved.len()
        ),
        Some(_) => "存下的内容不一样".to_owned(),
    };
    let failure = Failure::new(what)
        .expected(content)
        .printed(&fetched.printed);
    Err(failure.received(fetched.saved.as_deref()).into())
}

/// 应当说出来,不建文件,以失败结束。
fn refused(fetched: &Fetched, what: &str) -> Verdict {
    let problem = match &fetched.saved {
        Some(saved) => format!("{what},却存下了一个 {} 字节的文件", saved.len()),
        None if fetched.ok => format!("{what},退出码却是 0"),
        None if fetched.printed.is_empty() => format!("{what},却什么也没有说"),
        None => return Ok(()),
    };
    Err(Failure::new(problem).printed(&fetched.printed).into())
}

fn one(exam: &mut Exam) -> Verdict {
    expect_whole(exam, 1)
}

fn just_below(exam: &mut Exam) -> Verdict {
    expect_whole(exam, 1023)
}

fn exactly(exam: &mut Exam) -> Verdict {
    expect_whole(exam, 1024)
}

fn just_above(exam: &mut Exam) -> Verdict {
    expect_whole(exam, 1025)
}

fn five_thousand(exam: &mut Exam) -> Verdict {
    expect_whole(exam, 5000)
}

fn eight_mib(exam: &mut Exam) -> Verdict {
    expect_whole(exam, 8 << 20)
}

fn empty(exam: &mut Exam) -> Verdict {
    expect_whole(exam, 0)
}

fn missing(exam: &mut Exam) -> Verdict {
    let server = serve(exam)?;
    let fetched = server.fetch(exam, "没有.txt", &exam.directory().join("out"))?;
    refused(&fetched, "没有这个文件")
}

fn directory(exam: &mut Exam) -> Verdict {
    let server = serve(exam)?;
    fs::create_dir(server.root.join("sub"))?;
    let output = exam.directory().join("out");
    refused(&server.fetch(exam, "sub", &output)?, "它是目录")?;
    server.put(FILE, b"still here")?;
    same(&server.fetch(exam, FILE, &output)?, b"still here")
}

fn socket(exam: &mut Exam) -> Verdict {
    let server = serve(exam)?;
    // 只有 Unix 的套接字在目录里看得见。
    #[cfg(unix)]
    let _socket = std::os::unix::net::UnixListener::bind(server.root.join("socket"))?;
    let output = exam.directory().join("out");
    refused(&server.fetch(exam, "socket", &output)?, "它不是普通文件")
}

fn outside(exam: &mut Exam) -> Verdict {
    let server = serve(exam)?;
    let secret = exam.directory().join("secret.txt");
    fs::write(&secret, "外面的秘密")?;
    let output = exam.directory().join("out");
    let absolute = secret.to_string_lossy().into_owned();
    for name in ["../secret.txt", "..\\secret.txt", &absolute] {
        let fetched = server.fetch(exam, name, &output)?;
        refused(&fetched, &format!("「{name}」在目录外面"))?;
    }
    Ok(())
}

fn symlink(exam: &mut Exam) -> Verdict {
    let server = serve(exam)?;
    let secret = exam.directory().join("secret.txt");
    fs::write(&secret, "外面的秘密")?;
    // Windows 上建符号链接要管理员,不检查。
    #[cfg(unix)]
    std::os::unix::fs::symlink(&secret, server.root.join("link"))?;
    let fetched = server.fetch(exam, "link", &exam.directory().join("out"))?;
    refused(&fetched, "链接指向外面")
}

fn again(exam: &mut Exam) -> Verdict {
    let server = serve(exam)?;
    let output = exam.directory().join("out");
    for content in ["第一版,长一些".as_bytes(), b"second", "第三版".as_bytes()] {
        server.put(FILE, content)?;
        same(&server.fetch(exam, FILE, &output)?, content)?;
    }
    Ok(())
}

fn keeps_old(exam: &mut Exam) -> Verdict {
    let server = serve(exam)?;
    let output = exam.directory().join("out");
    fs::write(&output, "以前的")?;
    let fetched = server.fetch(exam, "没有.txt", &output)?;
    if fetched.ok {
        return Err(Failure::new("没有这个文件,退出码却是 0")
            .printed(&fetched.printed)
            .into());
    }
    match fetched.saved.as_deref() {
        Some(saved) if saved == "以前的".as_bytes() => Ok(()),
        saved => {
            let failure = Failure::new("没有下载成功,以前的文件却不见了或者变了");
            Err(failure.expected("以前的".as_bytes()).received(saved).into())
        }
    }
}
