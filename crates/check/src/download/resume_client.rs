//! 断点续传的客户端:断在哪里都能接上,不对的一个字节也不认。

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::download::hostile::HOSTILE;
use crate::download::pattern;
use crate::download::resume::{DIGEST, GET, LIST, STAT, frame, receive};
use crate::exam::{Exam, FILE, Stop, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::tcp_peer::{TcpHost, TcpPeer};

/// 等客户端连来,隔这么久看看它是不是已经结束了。
const GLANCE: Duration = Duration::from_millis(20);

/// 从 download-resume 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "34-download-resume.md",
    since: "download-resume",
    until: None,
    options: &[],
    run: saves,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "saves",
        title: "问、收、核对摘要,存成文件",
        why: "这是全部的约定",
        hint: "STAT,GET,DIGEST;摘要一样才改成最后的名字",
        run: saves,
        ..BASE
    },
    Case {
        id: "empty",
        title: "空文件:存成空文件",
        why: "0 个字节也要核对、也要存",
        hint: "长度是 0 就不必 GET",
        run: empty,
        ..BASE
    },
    Case {
        id: "statuses",
        title: "服务器说没有、不给:说出来,不建文件",
        why: "建一个空文件,用户以为下载成功了",
        hint: "状态不是 0 就报告,sys.exit(1)",
        run: statuses,
        ..BASE
    },
    Case {
        id: "resumes",
        title: "断在第 1、1,000、4,999 个字节:说对已经有多少,接上",
        why: "断了就从头来,大文件永远下不完",
        hint: "have 是已有的字节,带上它们的摘要",
        run: resumes,
        ..BASE
    },
    Case {
        id: "told-anew",
        title: "服务器不认已有的:从头收,还是对的",
        why: "接在错的后面,整个文件都是错的",
        hint: "回答里的 from 是 start,就从 start 写起",
        run: told_anew,
        ..BASE
    },
    Case {
        id: "wrong-digest",
        title: "收齐了,摘要却不对:从头来一次,还不对就失败,不改名",
        why: "字节在路上、磁盘上都可能出错;错的内容不能用最后的名字",
        hint: "核对之后才 rename",
        run: wrong_digest,
        ..BASE
    },
    Case {
        id: "changed",
        title: "文件变了(状态 6):再问,下载新的",
        why: "接着旧的下,前一半旧后一半新",
        hint: "状态 6 就丢掉已有的,重新 STAT",
        run: changed,
        ..BASE
    },
    Case {
        id: "changed-unseen",
        title: "摘要不同,是因为文件刚刚又变了:接着下新的,不算错",
        why: "已经交给系统的字节会跟着文件变;收齐了才看得出来,服务器并没有错",
        hint: "摘要不同就再 STAT 一次:换了版本,和状态 6 一样办",
        run: changed_unseen,
        ..BASE
    },
    Case {
        id: "always-changing",
        title: "文件一直在变:试几次就说出来,不会没完没了",
        why: "没有上限的重试是死循环",
        hint: "数着重来的次数",
        run: always_changing,
        ..BASE
    },
    Case {
        id: "wrong-from",
        title: "服务器说的起点不可能:不信",
        why: "照着它写,文件中间就有一个洞",
        hint: "from 只能是 start 或 start + have",
        run: wrong_from,
        ..BASE
    },
    Case {
        id: "impossible-size",
        title: "服务器说文件有 2^64 - 1 字节:不信,不占内存和磁盘",
        why: "长度是陌生人说的",
        hint: "不要照着它说的长度分配",
        run: impossible_size,
        ..BASE
    },
    Case {
        id: "short",
        title: "说好 5,000 字节,每次都少给:不算收齐",
        why: "少一个字节也不是这个文件",
        hint: "数着收,没有收满就是断了",
        run: short,
        ..BASE
    },
    Case {
        id: "nonsense",
        title: "看不懂的回答、4 GiB 的一帧:说出来,退出码不是 0",
        why: "服务器也不能相信",
        hint: "先检查长度,再占内存",
        run: nonsense,
        ..BASE
    },
    Case {
        id: "working",
        title: "服务器说还在算(状态 9):接着等;没有进展就不等",
        why: "大文件的摘要要算很久;可也不能永远等下去",
        hint: "状态 9 的数字要越来越大",
        run: working,
        ..BASE
    },
    Case {
        id: "keeps-old",
        title: "没有下载成功,以前的文件还在",
        why: "先清空旧文件再去下载,失败了就两样都没有",
        hint: "写在 NAME.part 里,最后才改名",
        run: keeps_old,
        ..BASE
    },
    Case {
        id: "latest",
        title: "已经有一样的:只核对摘要,不再传",
        why: "同样的命令运行两次,第二次应当什么也不做",
        hint: "大小一样就比摘要",
        run: latest,
        ..BASE
    },
];

/// 下载整个目录,单独一条线。
pub const TREE_CASES: &[Case] = &[
    Case {
        id: "tree",
        title: "目录里的文件都下载,一层一层",
        why: "一个一个地下,总会漏掉",
        hint: "LIST,文件就下载,目录就进去",
        run: tree,
        ..BASE
    },
    Case {
        id: "hostile-list",
        title: "服务器列出一百多个不怀好意的名字:一个也不写,好的照样下载",
        why: "名字是服务器说的:照着写,它就能改你的任何文件",
        hint: "和服务器检查请求一样,检查列出的每一个名字",
        run: hostile_list,
        ..BASE
    },
    Case {
        id: "endless",
        title: "目录里还有目录,没有尽头:不会没完没了",
        why: "服务器可以现编,深度没有上限",
        hint: "给层数一个上限",
        run: endless,
        ..BASE
    },
];

/// 客户端的一个请求,拆开了。
struct Asked {
    action: u8,
    /// 版本:GET 和 DIGEST 才有。
    version: Vec<u8>,
    /// GET 的从、到、已有。
    numbers: [u64; 3],
    digest: Vec<u8>,
    path: String,
}

/// 服务器说什么;`cut` 是说完就挂断。
#[derive(Default)]
struct Said {
    bytes: Vec<u8>,
    cut: bool,
}

impl Said {
    /// 一个状态是 0 的回答。
    fn ok(content: &[u8]) -> Self {
        Self::status(0, content)
    }

    fn status(status: u8, content: &[u8]) -> Self {
        Self {
            bytes: frame(&[&[status], content].concat()),
            cut: false,
        }
    }

    /// 后面再接上这些字节。
    fn then(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    fn cut(mut self) -> Self {
        self.cut = true;
        self
    }
}

/// 一个老实的服务器:只有一个文件。
struct Honest {
    content: Vec<u8>,
    version: [u8; 16],
}

impl Honest {
    fn new(content: Vec<u8>) -> Self {
        let version = *b"version of file.";
        Self { content, version }
    }

    fn answer(&self, asked: &Asked) -> Said {
        match asked.action {
            STAT => self.stat(self.content.len() as u64),
            GET | DIGEST if asked.version != self.version => Said::status(6, b""),
            DIGEST => Said::ok(blake3::hash(&self.content).as_bytes()),
            _ => {
                let [start, end, have] = asked.numbers;
                let held = &self.content[start as usize..(start + have) as usize];
                let same = blake3::hash(held).as_bytes() == asked.digest.as_slice();
                let from = if have > 0 && same {
                    start + have
                } else {
                    start
                };
                self.bytes(from, end)
            }
        }
    }

    fn stat(&self, size: u64) -> Said {
        Said::ok(&[&[0], size.to_be_bytes().as_slice(), &self.version].concat())
    }

    fn bytes(&self, from: u64, end: u64) -> Said {
        Said::ok(&from.to_be_bytes()).then(&self.content[from as usize..end as usize])
    }
}

/// 拆开一个请求;不合协议就是失败。
fn parse(exam: &mut Exam, body: &[u8]) -> Result<Asked, Stop> {
    let fields = match body.first() {
        Some(&STAT | &LIST) => 0,
        Some(&GET) => 72,
        Some(&DIGEST) => 16,
        _ => body.len(),
    };
    let Some((fields, path)) = body.get(1..).and_then(|rest| rest.split_at_checked(fields)) else {
        let failure = exam.failure("请求不合协议");
        return Err(failure.received(Some(body)).into());
    };
    let number = |index: usize| {
        let bytes = fields.get(16 + 8 * index..24 + 8 * index);
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        u64::from_be_bytes(bytes.unwrap_or_default())
    };
    Ok(Asked {
        action: body[0],
        version: fields.get(..16).unwrap_or_default().to_vec(),
        numbers: [number(0), number(1), number(2)],
        digest: fields.get(40..).unwrap_or_default().to_vec(),
        path: String::from_utf8_lossy(path).into_owned(),
    })
}

/// 启动客户端,扮演服务器,直到它结束;返回它是不是成功了。
fn play(exam: &mut Exam, answer: &mut dyn FnMut(&Asked) -> Said) -> Result<bool, Stop> {
    let host = TcpHost::open()?;
    exam.client(host.address()?)?;
    let deadline = exam.deadline();
    while Instant::now() < deadline {
        if let Some(status) = exam.terminal()?.try_wait()? {
            // Rust 的恐慌以 101 结束;被信号结束的没有退出码。
            return match status.code() {
                None | Some(101) => Err(exam.failure("程序崩溃了").into()),
                Some(code) => Ok(code == 0),
            };
        }
        if let Some(peer) = host.accept(Instant::now() + GLANCE)? {
            converse(exam, peer, answer)?;
        }
    }
    Err(exam.failure("客户端没有结束").into())
}

/// 回答一条连接上的请求,直到客户端走了,或者该挂断了。
fn converse(exam: &mut Exam, mut peer: TcpPeer, answer: &mut dyn FnMut(&Asked) -> Said) -> Verdict {
    while let Some(body) = receive(exam, &mut peer)? {
        let asked = parse(exam, &body)?;
        if asked.path.is_empty() {
            return Err(exam.failure("请求里没有路径").received(Some(&body)).into());
        }
        let said = answer(&asked);
        // 客户端不想听就走了,也是它的自由。
        let sent = peer.send(&said.bytes, exam.deadline());
        if said.cut || sent.is_err() {
            break;
        }
    }
    Ok(())
}

/// 应当成功,存下 `content`。
fn expect_saved(
    exam: &mut Exam,
    content: &[u8],
    answer: &mut dyn FnMut(&Asked) -> Said,
) -> Verdict {
    let success = play(exam, answer)?;
    let saved = fs::read(exam.directory().join("out")).ok();
    if !success {
        return Err(exam.failure("退出码应当是 0").into());
    }
    match saved.as_deref() == Some(content) {
        true => Ok(()),
        false => {
            let failure = exam.failure("退出码是 0,存下的内容却不对");
            Err(failure.expected(content).received(saved.as_deref()).into())
        }
    }
}

/// 应当失败,最后的名字下面没有文件,或者还是 `old`。
fn expect_refused(
    exam: &mut Exam,
    old: Option<&[u8]>,
    answer: &mut dyn FnMut(&Asked) -> Said,
) -> Verdict {
    let success = play(exam, answer)?;
    let saved = fs::read(exam.directory().join("out")).ok();
    if saved.as_deref() != old {
        let failure = exam.failure("最后的名字下面有了不对的文件");
        return Err(failure.received(saved.as_deref()).into());
    }
    match success {
        true => Err(exam.failure("没有下载成功,退出码却是 0").into()),
        false => Ok(()),
    }
}

fn saves(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(5000));
    let mut paths = Vec::new();
    expect_saved(exam, &honest.content, &mut |asked| {
        paths.push(asked.path.clone());
        honest.answer(asked)
    })?;
    match paths.iter().all(|path| path == FILE) {
        true => Ok(()),
        false => Err(Failure::new(format!("路径应当都是「{FILE}」,却有 {paths:?}")).into()),
    }
}

fn empty(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(Vec::new());
    expect_saved(exam, b"", &mut |asked| honest.answer(asked))
}

fn statuses(exam: &mut Exam) -> Verdict {
    for status in [1, 2, 3, 4, 5, 8, 200] {
        expect_refused(exam, None, &mut |_| Said::status(status, b""))?;
    }
    Ok(())
}

fn resumes(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(5000));
    let mut cuts = vec![4999, 1000, 1];
    let mut held = 0;
    let mut mistake = None;
    expect_saved(exam, &honest.content, &mut |asked| {
        if asked.action != GET {
            return honest.answer(asked);
        }
        let expected = blake3::hash(&honest.content[..held as usize]);
        if asked.numbers != [0, 5000, held] || held > 0 && asked.digest != expected.as_bytes() {
            let numbers = asked.numbers;
            mistake.get_or_insert(format!(
                "已经有 {held} 字节,它却说(从、到、已有){numbers:?},或者摘要不对"
            ));
        }
        match cuts.pop() {
            Some(cut) => {
                let said = honest.bytes(held, cut);
                held = cut;
                said.cut()
            }
            None => honest.answer(asked),
        }
    })?;
    mistake.map_or(Ok(()), |mistake| Err(Failure::new(mistake).into()))
}

fn told_anew(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(5000));
    let mut gets = 0;
    expect_saved(exam, &honest.content, &mut |asked| {
        gets += i32::from(asked.action == GET);
        match (asked.action, gets) {
            // 第一次给的是错的,断在一半;第二次不认。
            (GET, 1) => Said::ok(&0u64.to_be_bytes()).then(&[b'?'; 2000]).cut(),
            _ => honest.answer(asked),
        }
    })
}

fn wrong_digest(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(5000));
    let mut gets = 0;
    expect_refused(exam, None, &mut |asked| {
        gets += i32::from(asked.action == GET);
        match asked.action {
            DIGEST => Said::ok(&[7; 32]),
            _ => honest.answer(asked),
        }
    })?;
    match gets {
        2 => Ok(()),
        gets => Err(Failure::new(format!("应当从头来一次,一共收两次,却收了 {gets} 次")).into()),
    }
}

fn changed(exam: &mut Exam) -> Verdict {
    let old = Honest::new(pattern(5000));
    // 开头一样:已有的字节碰巧对得上,也不能接在后面。
    let mut new = Honest::new(pattern(4000));
    new.content.resize(5000, b'n');
    new.version = *b"another version.";
    let mut gets = 0;
    let mut mistake = None;
    let content = new.content.clone();
    expect_saved(exam, &content, &mut |asked| {
        gets += i32::from(asked.action == GET);
        match (asked.action, gets) {
            (_, 0) => old.answer(asked),
            (GET, 1) => old.bytes(0, 2000).cut(),
            (GET, _) => {
                if asked.numbers != [0, 5000, 0] {
                    let text = format!(
                        "要的(从、到、已有)应当是 [0, 5000, 0],却是 {:?}",
                        asked.numbers
                    );
                    mistake = Some(text);
                }
                new.answer(asked)
            }
            _ => new.answer(asked),
        }
    })?;
    mistake.map_or(Ok(()), |mistake| Err(Failure::new(mistake).into()))
}

fn changed_unseen(exam: &mut Exam) -> Verdict {
    let mut honest = Honest::new(pattern(5000));
    let content = honest.content.clone();
    let mut unseen = 2;
    expect_saved(exam, &content, &mut |asked| {
        let said = honest.answer(asked);
        if asked.action == DIGEST && asked.version == honest.version && unseen > 0 {
            // 回答了旧的摘要,文件接着就变了。
            unseen -= 1;
            honest.version[0] += 1;
            return Said::ok(&[7; 32]);
        }
        said
    })
}

fn always_changing(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(5000));
    expect_refused(exam, None, &mut |asked| match asked.action {
        STAT => honest.answer(asked),
        _ => Said::status(6, b""),
    })
}

fn wrong_from(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(5000));
    for from in [7, 5000, 5001, u64::MAX] {
        let mut gets = 0;
        expect_refused(exam, None, &mut |asked| {
            gets += i32::from(asked.action == GET);
            match asked.action {
                GET => {
                    let rest = usize::try_from(from).ok();
                    let rest = rest.and_then(|from| honest.content.get(from..));
                    Said::ok(&u64::to_be_bytes(from)).then(rest.unwrap_or_default())
                }
                _ => honest.answer(asked),
            }
        })?;
        if gets != 1 {
            let text = format!("起点 {from} 不可能,应当马上说出来,却又要了 {gets} 次");
            return Err(Failure::new(text).into());
        }
    }
    Ok(())
}

fn impossible_size(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(Vec::new());
    expect_refused(exam, None, &mut |asked| match asked.action {
        STAT => honest.stat(u64::MAX),
        _ => Said::default().cut(),
    })
}

fn short(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(5000));
    // 第一次少给,以后连不上。
    let mut gets = 0;
    let refused = expect_refused(exam, None, &mut |asked| {
        gets += i32::from(asked.action == GET);
        match (asked.action, gets) {
            (GET, 1) => honest.bytes(0, 4999).cut(),
            (_, 0) => honest.answer(asked),
            _ => Said::status(5, b"").cut(),
        }
    });
    refused?;
    match fs::read(exam.directory().join("out.part")).map(|part| part.len()) {
        Ok(4999) => Ok(()),
        part => Err(Failure::new(format!(
            "收到的 4,999 字节应当留在 out.part 里,却是 {part:?}"
        ))
        .into()),
    }
}

fn nonsense(exam: &mut Exam) -> Verdict {
    let answers: [&[u8]; 5] = [
        &[0, 0, 0, 0],
        &[0, 0, 0, 2, 0, 0],
        &[0, 0, 0, 1, 77],
        &[255, 255, 255, 255, 0, 0, 0, 0],
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ];
    for bytes in answers {
        expect_refused(exam, None, &mut |_| Said {
            bytes: bytes.to_vec(),
            cut: true,
        })?;
    }
    Ok(())
}

fn working(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(5000));
    let working = |hashed: u64| frame(&[&[9], hashed.to_be_bytes().as_slice()].concat());
    let more = [working(1), working(2000), working(4000)].concat();
    expect_saved(exam, &honest.content, &mut |asked| {
        let mut said = honest.answer(asked);
        if asked.action == DIGEST {
            said.bytes = [more.as_slice(), &said.bytes].concat();
        }
        said
    })?;
    fs::remove_file(exam.directory().join("out"))?;
    expect_refused(exam, None, &mut |asked| match asked.action {
        DIGEST => Said {
            bytes: working(5).repeat(1000),
            cut: false,
        },
        _ => honest.answer(asked),
    })
}

fn keeps_old(exam: &mut Exam) -> Verdict {
    fs::write(exam.directory().join("out"), "以前的")?;
    let honest = Honest::new(pattern(5000));
    expect_refused(
        exam,
        Some("以前的".as_bytes()),
        &mut |asked| match asked.action {
            DIGEST => Said::ok(&[7; 32]),
            _ => honest.answer(asked),
        },
    )
}

fn latest(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(5000));
    fs::write(exam.directory().join("out"), &honest.content)?;
    let mut gets = 0;
    expect_saved(exam, &honest.content, &mut |asked| {
        gets += i32::from(asked.action == GET);
        honest.answer(asked)
    })?;
    match gets {
        0 => Ok(()),
        _ => Err(Failure::new("已经有一样的文件,还是又传了一遍").into()),
    }
}

/// LIST 的一项。
fn entry(kind: u8, name: &[u8]) -> Vec<u8> {
    frame(&[&[kind], [0; 16].as_slice(), name].concat())
}

/// 目录的 STAT。
fn directory() -> Said {
    Said::ok(&[&[1], [0; 24].as_slice()].concat())
}

fn tree(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(5000));
    let success = play(
        exam,
        &mut |asked| match (asked.action, asked.path.as_str()) {
            (STAT, FILE) => directory(),
            (LIST, FILE) => {
                let entries = [entry(0, b"one.txt"), entry(1, "里面".as_bytes())].concat();
                Said::ok(b"").then(&entries).then(&frame(b""))
            }
            (LIST, _) => Said::ok(b"").then(&entry(0, b"two.txt")).then(&frame(b"")),
            _ => honest.answer(asked),
        },
    )?;
    let out = exam.directory().join("out");
    for name in ["one.txt", "里面/two.txt"] {
        if fs::read(out.join(name)).ok().as_ref() != Some(&honest.content) {
            return Err(exam.failure(format!("没有存好 {name}")).into());
        }
    }
    match success {
        true => Ok(()),
        false => Err(exam.failure("都下载了,退出码却不是 0").into()),
    }
}

fn hostile_list(exam: &mut Exam) -> Verdict {
    let honest = Honest::new(pattern(100));
    let mut asked_for = Vec::new();
    let success = play(exam, &mut |asked| match asked.action {
        STAT if asked.path == FILE => directory(),
        LIST => {
            let hostile = HOSTILE
                .iter()
                .flat_map(|name| [entry(0, name), entry(1, name)]);
            let more: [&[u8]; 4] = [b"sub/inner.txt", b"x.part", b"X.PART.STATE", b"good.txt"];
            let more = more.iter().map(|name| entry(0, name));
            let entries: Vec<u8> = hostile.chain(more).flatten().collect();
            Said::ok(b"").then(&entries).then(&frame(b""))
        }
        _ => {
            asked_for.push(asked.path.clone());
            honest.answer(asked)
        }
    })?;
    asked_for.dedup();
    let good = format!("{FILE}/good.txt");
    if asked_for != [good.as_str()] {
        let text = format!("只应当去要 {good},却要了 {asked_for:?}");
        return Err(exam.failure(text).into());
    }
    let root = exam.directory().to_owned();
    let written = (names(&root)?, names(root.join("out"))?);
    if written != (vec!["out".to_owned()], vec!["good.txt".to_owned()]) {
        let text = format!("只应当写下 out/good.txt,却有 {written:?}");
        return Err(exam.failure(text).into());
    }
    match success {
        true => Err(exam.failure("有名字被跳过,退出码却是 0").into()),
        false => Ok(()),
    }
}

fn names(path: impl AsRef<Path>) -> Result<Vec<String>, Stop> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

fn endless(exam: &mut Exam) -> Verdict {
    let mut lists = 0;
    let success = play(exam, &mut |asked| match asked.action {
        STAT => directory(),
        _ => {
            lists += 1;
            Said::ok(b"").then(&entry(1, b"d")).then(&frame(b""))
        }
    })?;
    match success {
        false if lists < 1000 => Ok(()),
        _ => Err(exam
            .failure(format!("进去了 {lists} 层,还以为都下载了"))
            .into()),
    }
}
