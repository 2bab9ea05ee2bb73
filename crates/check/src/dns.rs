//! DNS 客户端一线的检查:问得对,认得出自己的回答,坏报文伤不到它。

use crate::dns_server::{Ended, Query, framed, message, name, record, reply, serve};
use crate::exam::{Exam, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::udp_peer::UdpPeer;

const NOTE: &str = "17-dns-query.md";

/// 问的域名。
const ASKED: &str = "www.example.test";

/// 真的回答,和冒充的:都是文档专用的地址(RFC 5737)。
const REAL: [u8; 4] = [192, 0, 2, 7];
const FORGED: [u8; 4] = [198, 51, 100, 66];

/// 问题里的域名总在第 12 字节:指向它的指针。
const ASKED_NAME: &[u8] = &[0xc0, 12];

/// 标志:装不下(TC)。
const TRUNCATED: u16 = 0x0200;

const A: u16 = 1;

/// 什么选项也不要的检查,其余各项由每条检查自己写。域名从标准输入读。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: NOTE,
    since: "dns-query",
    until: None,
    options: &[],
    run: question,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "question",
        title: "问题合乎格式:头 12 字节,域名、类型、类",
        why: "差一个字节,服务器就看不懂,多数干脆不理",
        hint: "struct.pack(\"!6H\", id, 0x0100, 1, 0, 0, 0),后面是域名、类型 1、类 1",
        run: question,
        ..BASE
    },
    Case {
        id: "long-name",
        title: "255 字节的域名也问得出",
        why: "每个标签最多 63 字节,整个域名最多 255 字节,恰好到顶的也是合法的",
        hint: "每个标签前写它自己的长度,不要写死",
        run: long_name,
        ..BASE
    },
    Case {
        id: "answer",
        title: "显示回答里的地址",
        why: "回答里的域名几乎总是压缩的:两个字节的指针,指回问题里的域名",
        hint: "长度字节的高两位是 11 就是指针,后 14 位是从报文开头数的位置",
        run: answer,
        ..BASE
    },
    Case {
        id: "many",
        title: "一个域名有几个地址,都显示",
        why: "域名和地址不是一一对应;只取第一个,别的服务器就白开了",
        hint: "按头里的条数循环",
        run: many,
        ..BASE
    },
    Case {
        id: "alias",
        title: "跟着别名走,显示最后的地址",
        why: "CDN 上的域名几乎都是别名;回答里先是 CNAME,后面才是地址",
        hint: "不是 A 记录的,按它自己的长度跳过去",
        run: alias,
        ..BASE
    },
    Case {
        id: "aaaa",
        title: "IPv6 地址",
        why: "双栈的网络里,浏览器先问的往往是 AAAA",
        hint: "类型 28,内容 16 字节",
        options: &["--type", "AAAA"],
        run: aaaa,
        ..BASE
    },
    Case {
        id: "mx",
        title: "邮件服务器,连同优先级;内容里的域名也会压缩",
        why: "指针从报文开头数,不是从内容开头数",
        hint: "解码域名时手里要有整个报文",
        options: &["--type", "MX"],
        run: mx,
        ..BASE
    },
    Case {
        id: "txt",
        title: "文字记录;控制字符不碰终端",
        why: "谁都能在自己的域名下写任何字节,原样打印就是让他控制你的终端",
        hint: "打印之前把控制字符换掉",
        options: &["--type", "TXT"],
        run: txt,
        ..BASE
    },
    Case {
        id: "ptr",
        title: "从地址反查域名",
        why: "反查是另一棵树:192.0.2.7 要问 7.2.0.192.in-addr.arpa",
        hint: "地址的四段倒过来,加上 .in-addr.arpa",
        options: &["--type", "PTR"],
        run: ptr,
        ..BASE
    },
    Case {
        id: "ns",
        title: "域名的服务器;标签里的怪字节换成看得见的写法",
        why: "标签可以是任何字节(RFC 2181 §11),包括点和控制字符",
        hint: "标签里的点写成 \\.,看不见的字节写成 \\027",
        options: &["--type", "NS"],
        run: ns,
        ..BASE
    },
    Case {
        id: "soa",
        title: "一个区的开头:两个域名和五个数",
        why: "区的版本和「没有」可以缓存多久都在这里",
        hint: "两个域名解码完,后面是五个 32 位的数",
        options: &["--type", "SOA"],
        run: soa,
        ..BASE
    },
    Case {
        id: "unpredictable",
        title: "编号和源端口每次都换",
        why: "猜得中编号和端口的人,不用在路上就能冒充服务器(RFC 5452)",
        hint: "编号用 secrets.randbelow(65536),每次新开一个套接字",
        run: unpredictable,
        ..BASE
    },
    Case {
        id: "wrong-id",
        title: "编号不对的不算回答",
        why: "编号是问和答之间唯一的暗号:迟到的、冒充的都靠它认出来",
        hint: "头两个字节与自己发的比较,不同就接着等",
        run: wrong_id,
        ..BASE
    },
    Case {
        id: "wrong-question",
        title: "问题不对的不算回答",
        why: "编号碰巧相同,问的却是别的域名或别的类型:照收就写错了地址",
        hint: "回答里带回的问题也要比较,字母不分大小写",
        run: wrong_question,
        ..BASE
    },
    Case {
        id: "own-question",
        title: "自己的问题被原样送回,不算回答",
        why: "对方也许是个回声服务器:编号和问题都对,QR 却是 0",
        hint: "标志的最高位(QR)是 1 才是回答",
        run: own_question,
        ..BASE
    },
    Case {
        id: "stranger",
        title: "别的地址发来的不算回答",
        why: "不看来源,谁都能抢先回答",
        hint: "先 connect(服务器),或者比较 recvfrom 给的地址",
        run: stranger,
        ..BASE
    },
    Case {
        id: "garbage",
        title: "空的、残缺的、乱七八糟的数据报,不理会",
        why: "一个坏数据报就让程序出错退出,等于谁都能让它查不成",
        hint: "读不懂头和问题的,当作没有收到,接着等",
        run: garbage,
        ..BASE
    },
    Case {
        id: "pointer-loop",
        title: "指针绕成圈:说出错误,不停住,不崩溃",
        why: "照着指针一直走,一个 50 字节的回答就能让程序转到死",
        hint: "指针只许指向更前面;或者数着跳了几次",
        run: pointer_loop,
        ..BASE
    },
    Case {
        id: "lies",
        title: "条数、长度说谎:说出错误,不停住,不崩溃",
        why: "报文里的每个数都是对方写的,不能先信它再取内存、取字节",
        hint: "每次取字节之前,先看够不够",
        run: lies,
        ..BASE
    },
    Case {
        id: "largest",
        title: "很大的 UDP 回答收得全",
        why: "缓冲区只有 512 字节,多出的部分没有声音地丢了",
        hint: "recv(65535)",
        run: largest,
        ..BASE
    },
    Case {
        id: "edns",
        title: "用 EDNS 说自己收得下多大的回答",
        why: "不说就只有 512 字节;说得太大,分片了更容易丢",
        hint: "附加一条记录:根、类型 41、类写成 1232、TTL 0、长度 0",
        run: edns,
        ..BASE
    },
    Case {
        id: "no-edns",
        title: "服务器不认识 EDNS,就不带它再问",
        why: "老的服务器见到不认识的东西,回一个 FORMERR",
        hint: "返回码 1 或 4 时,去掉附加的记录再问一遍(RFC 6891 §7)",
        run: no_edns,
        ..BASE
    },
    Case {
        id: "truncated",
        title: "装不下(TC)就改用 TCP",
        why: "UDP 上只有一部分,当成全部就少了地址",
        hint: "连接同一个地址的 TCP,报文前加两个字节的长度;一次 recv 不一定收得全",
        run: truncated,
        ..BASE
    },
    Case {
        id: "tcp-cut",
        title: "TCP 上断在半路:说出错误,不拿一半当全部",
        why: "recv 返回 0 是对方关了,不是收齐了",
        hint: "按长度收满,提前结束就是错误",
        run: tcp_cut,
        ..BASE
    },
    Case {
        id: "retry",
        title: "没有回答就再问",
        why: "UDP 会丢,不再问一遍,丢一个就查不到",
        hint: "recv 超时就再发一次,最多几次",
        run: retry,
        ..BASE
    },
    Case {
        id: "silence",
        title: "一直没有回答,问过几遍就说出来",
        why: "没有期限的等待会永远停在那里",
        hint: "settimeout,问两三遍还没有就报告,退出码不是 0",
        run: silence,
        ..BASE
    },
    Case {
        id: "no-such-name",
        title: "没有这个域名,说清楚",
        why: "「没有这个域名」和「查不出来」不是一回事:前一个是确定的回答",
        hint: "返回码(标志的低 4 位)是 3",
        run: no_such_name,
        ..BASE
    },
    Case {
        id: "no-such-record",
        title: "域名在,没有这一类记录,说清楚",
        why: "返回码 0、没有记录:说成「没有这个域名」就错了",
        hint: "返回码是 0 而条数是 0",
        run: no_such_record,
        ..BASE
    },
    Case {
        id: "server-failure",
        title: "服务器查不出来,说清楚",
        why: "过一会儿也许就好了;当成「没有这个域名」会误导人",
        hint: "返回码是 2",
        run: server_failure,
        ..BASE
    },
];

/// TCP 上没有回答的检查。
fn no_tcp(_: &Query) -> Vec<u8> {
    Vec::new()
}

/// 问 [`ASKED`],在 UDP 上这样回答。
fn ask(
    exam: &mut Exam,
    replies: impl FnMut(&Query) -> Vec<Vec<u8>>,
) -> Result<Ended, crate::exam::Stop> {
    serve(exam, ASKED, replies, no_tcp)
}

/// 一条 A 记录。
fn address(octets: [u8; 4]) -> Vec<u8> {
    record(ASKED_NAME, A, &octets)
}

/// 真的回答。
fn real(query: &Query) -> Vec<u8> {
    reply(query, 0, &[address(REAL)])
}

/// 程序应当正常结束,打印了这些字。
fn shows(ended: &Ended, wanted: &[&str]) -> Verdict {
    // 显示了回答(冒充的也算)却是错的,比退出码更要紧,先说它。
    if ended.printed.contains("198.51.100.66") {
        let failure = Failure::new("把不该收的回答当了真");
        return Err(failure.printed(&ended.printed).into());
    }
    for text in wanted {
        if !ended.printed.contains(text) {
            let failure = Failure::new(format!("没有显示 {text}"));
            return Err(failure.printed(&ended.printed).into());
        }
    }
    if !ended.status.success() {
        let failure = Failure::new("查到了,应当正常结束");
        return Err(failure.printed(&ended.printed).into());
    }
    Ok(())
}

/// 程序应当以出错结束,不是崩溃;说了其中一个词。
fn fails(ended: &Ended, words: &[&str]) -> Verdict {
    let Ended {
        status, printed, ..
    } = ended;
    let crashed = ["panicked", "Traceback", "RecursionError"];
    let what = if status.success() {
        "没有查到,却说一切正常(退出码 0)".to_owned()
    } else if status.code().is_none() || crashed.iter().any(|word| printed.contains(word)) {
        "程序崩溃了".to_owned()
    } else if !words.iter().any(|word| printed.contains(word)) {
        format!("没有说清楚:应当有 {} 中的一个词", words.join("、"))
    } else {
        return Ok(());
    };
    Err(Failure::new(what).printed(printed).into())
}

fn question(exam: &mut Exam) -> Verdict {
    let ended = ask(exam, |query| vec![real(query)])?;
    expect_question(&ended, ASKED, A)
}

fn expect_question(ended: &Ended, name: &str, kind: u16) -> Verdict {
    let what = match ended.queries.first() {
        None => "没有问".to_owned(),
        Some(query) if query.name != name => {
            format!("应当问 {name},却问了 {}", query.name)
        }
        Some(query) if query.kind != kind => {
            format!("应当问类型 {kind},却问了 {}", query.kind)
        }
        Some(_) => return Ok(()),
    };
    Err(Failure::new(what).printed(&ended.printed).into())
}

fn long_name(exam: &mut Exam) -> Verdict {
    // 63 字节的标签三个,61 字节的一个:连同长度和末尾的 0,正好 255 字节。
    let label = "a".repeat(63);
    let asked = format!("{label}.{label}.{label}.{}", "b".repeat(61));
    let ended = serve(exam, &asked, |query| vec![real(query)], no_tcp)?;
    expect_question(&ended, &asked, A)?;
    shows(&ended, &["192.0.2.7"])
}

fn answer(exam: &mut Exam) -> Verdict {
    let ended = ask(exam, |query| vec![real(query)])?;
    shows(&ended, &["192.0.2.7"])
}

fn many(exam: &mut Exam) -> Verdict {
    let records = [7, 8, 9].map(|last| address([192, 0, 2, last]));
    let ended = ask(exam, |query| vec![reply(query, 0, &records)])?;
    shows(&ended, &["192.0.2.7", "192.0.2.8", "192.0.2.9"])
}

fn alias(exam: &mut Exam) -> Verdict {
    let target = name("edge.cdn.test");
    let records = [record(ASKED_NAME, 5, &target), record(&target, A, &REAL)];
    let ended = ask(exam, |query| vec![reply(query, 0, &records)])?;
    shows(&ended, &["edge.cdn.test", "192.0.2.7"])
}

fn aaaa(exam: &mut Exam) -> Verdict {
    let mut octets = [0; 16];
    octets[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
    octets[15] = 7;
    let records = [record(ASKED_NAME, 28, &octets)];
    let ended = ask(exam, |query| vec![reply(query, 0, &records)])?;
    expect_question(&ended, ASKED, 28)?;
    shows(&ended, &["2001:db8::7"])
}

fn mx(exam: &mut Exam) -> Verdict {
    // mail 加上指针:问题里的域名去掉 www(4 字节),在第 16 字节。
    let content = [b"\0\x0a\x04mail".as_slice(), &[0xc0, 16]].concat();
    let records = [record(ASKED_NAME, 15, &content)];
    let ended = ask(exam, |query| vec![reply(query, 0, &records)])?;
    expect_question(&ended, ASKED, 15)?;
    shows(&ended, &["10", "mail.example.test"])
}

fn txt(exam: &mut Exam) -> Verdict {
    let content = b"\x05hello\x0aup\x1b[2Jdown";
    let records = [record(ASKED_NAME, 16, content)];
    let ended = ask(exam, |query| vec![reply(query, 0, &records)])?;
    expect_question(&ended, ASKED, 16)?;
    shows(&ended, &["hello", "up", "down"])?;
    no_escape(&ended)
}

/// ESC 没有原样打印出来。
fn no_escape(ended: &Ended) -> Verdict {
    if ended.printed.contains('\x1b') {
        let failure = Failure::new("控制字符 ESC 原样打印");
        return Err(failure.printed(&ended.printed).into());
    }
    Ok(())
}

fn ptr(exam: &mut Exam) -> Verdict {
    let records = [record(ASKED_NAME, 12, &name("host.example.test"))];
    let replies = |query: &Query| vec![reply(query, 0, &records)];
    let ended = serve(exam, "192.0.2.7", replies, no_tcp)?;
    expect_question(&ended, "7.2.0.192.in-addr.arpa", 12)?;
    shows(&ended, &["host.example.test"])
}

fn ns(exam: &mut Exam) -> Verdict {
    let content = [b"\x06a.b\x1b[J".as_slice(), &name("example.test")].concat();
    let records = [record(ASKED_NAME, 2, &content)];
    let ended = ask(exam, |query| vec![reply(query, 0, &records)])?;
    expect_question(&ended, ASKED, 2)?;
    shows(&ended, &["a\\.b", "example.test"])?;
    no_escape(&ended)
}

fn soa(exam: &mut Exam) -> Verdict {
    let mut content = [name("ns1.example.test"), name("root.example.test")].concat();
    for number in [2_026_112_001_u32, 7200, 3600, 1_209_600, 300] {
        content.extend(number.to_be_bytes());
    }
    let records = [record(ASKED_NAME, 6, &content)];
    let ended = ask(exam, |query| vec![reply(query, 0, &records)])?;
    expect_question(&ended, ASKED, 6)?;
    shows(
        &ended,
        &["ns1.example.test", "2026112001", "1209600", "300"],
    )
}

fn unpredictable(exam: &mut Exam) -> Verdict {
    const RUNS: usize = 4;
    let mut ids = Vec::new();
    let mut ports = Vec::new();
    for _ in 0..RUNS {
        let ended = ask(exam, |query| vec![real(query)])?;
        shows(&ended, &["192.0.2.7"])?;
        ids.extend(ended.queries.first().map(|query| query.id));
        ports.extend(ended.queries.first().map(|query| query.from.port()));
    }
    // 四个 16 位的数碰巧全同,或者碰巧一个接一个,机会都不到一百万亿分之一。
    let steps: Vec<u16> = ids.windows(2).map(|w| w[1].wrapping_sub(w[0])).collect();
    let what = if steps.iter().all(|step| *step <= 1) {
        format!("编号猜得中:{ids:?}")
    } else if ports.windows(2).all(|pair| pair[0] == pair[1]) {
        format!("源端口总是 {}", ports[0])
    } else {
        return Ok(());
    };
    Err(Failure::new(what).into())
}

fn wrong_id(exam: &mut Exam) -> Verdict {
    let forged = |query: &Query| {
        message(
            query.id.wrapping_add(1),
            0x8180,
            &query.question,
            &[address(FORGED)],
        )
    };
    let ended = ask(exam, |query| vec![forged(query), real(query)])?;
    shows(&ended, &["192.0.2.7"])
}

fn wrong_question(exam: &mut Exam) -> Verdict {
    let ended = ask(exam, |query| {
        let other_name = [name("www.example.tess"), vec![0, 1, 0, 1]].concat();
        let other_kind = [name(ASKED), vec![0, 28, 0, 1]].concat();
        let forged = |question: &[u8]| message(query.id, 0x8180, question, &[address(FORGED)]);
        vec![forged(&other_name), forged(&other_kind), real(query)]
    })?;
    shows(&ended, &["192.0.2.7"])
}

fn own_question(exam: &mut Exam) -> Verdict {
    let ended = ask(exam, |query| {
        // 只有 QR 是 0,别的都像回答。
        let echo = message(query.id, 0x0100, &query.question, &[address(FORGED)]);
        vec![echo, real(query)]
    })?;
    shows(&ended, &["192.0.2.7"])
}

fn stranger(exam: &mut Exam) -> Verdict {
    let other = UdpPeer::open()?;
    let mut sent = Ok(());
    let ended = ask(exam, |query| {
        let forged = reply(query, 0, &[address(FORGED)]);
        sent = other.send(&forged, query.from);
        vec![real(query)]
    })?;
    sent?;
    shows(&ended, &["192.0.2.7"])
}

fn garbage(exam: &mut Exam) -> Verdict {
    let ended = ask(exam, |query| {
        let short = real(query)[..9].to_vec();
        let noise = (0..200_u16)
            .map(|n| n.wrapping_mul(73).to_be_bytes()[1])
            .collect();
        vec![Vec::new(), vec![0xff], short, noise, real(query)]
    })?;
    shows(&ended, &["192.0.2.7"])
}

fn pointer_loop(exam: &mut Exam) -> Verdict {
    // 回答从 12 + 问题的长度处开始:指向自己;指向后面那一个,那一个再指回来。
    let loops: [fn(u8) -> Vec<u8>; 3] = [
        |at| vec![0xc0, at],
        |at| vec![0xc0, at + 2, 0xc0, at],
        |at| vec![1, b'a', 0xc0, at],
    ];
    for owner in loops {
        let ended = ask(exam, |query| {
            let at = u8::try_from(12 + query.question.len()).unwrap_or_default();
            vec![reply(query, 0, &[record(&owner(at), A, &REAL)])]
        })?;
        fails(&ended, &["错误", "rror"])?;
    }
    Ok(())
}

fn lies(exam: &mut Exam) -> Verdict {
    let lies: [fn(&Query) -> Vec<u8>; 4] = [
        // 说有 65,535 条,只有一条。
        |query| {
            let mut bytes = real(query);
            bytes[6..8].fill(0xff);
            bytes
        },
        // 内容说有 65,535 字节。
        |query| {
            let mut bytes = real(query);
            let length = bytes.len();
            bytes[length - 6..length - 4].fill(0xff);
            bytes
        },
        // A 记录只有 3 字节。
        |query| reply(query, 0, &[record(ASKED_NAME, A, &[192, 0, 2])]),
        // 断在记录中间。
        |query| {
            let mut bytes = real(query);
            bytes.truncate(bytes.len() - 9);
            bytes
        },
    ];
    for lie in lies {
        let ended = ask(exam, |query| vec![lie(query)])?;
        fails(&ended, &["错误", "rror"])?;
    }
    Ok(())
}

fn largest(exam: &mut Exam) -> Verdict {
    // 每条 16 字节,连同头和问题,不到 65,507 字节。
    let records: Vec<Vec<u8>> = (0..4000_u16)
        .map(|n| {
            let [high, low] = n.to_be_bytes();
            address([10, 9, high, low])
        })
        .collect();
    let ended = ask(exam, |query| vec![reply(query, 0, &records)])?;
    shows(&ended, &["10.9.0.0", "10.9.15.159"])
}

fn edns(exam: &mut Exam) -> Verdict {
    let records = (0..70).map(|n| address([10, 9, 8, n])).collect::<Vec<_>>();
    let ended = ask(exam, |query| vec![reply(query, 0, &records)])?;
    let size = ended.queries.first().and_then(|query| query.size);
    let what = match size {
        Some(512..=4096) => return shows(&ended, &["10.9.8.69"]),
        Some(size) => format!("EDNS 说收得下 {size} 字节,应当在 512 到 4,096 之间"),
        None => "问题里没有 EDNS(附加一条类型 41 的记录)".to_owned(),
    };
    Err(Failure::new(what).into())
}

fn no_edns(exam: &mut Exam) -> Verdict {
    let ended = ask(exam, |query| match query.size {
        // 老的服务器只回一个头。
        Some(_) => vec![message(query.id, 0x8181, &[], &[])],
        None => vec![real(query)],
    })?;
    shows(&ended, &["192.0.2.7"])
}

fn truncated(exam: &mut Exam) -> Verdict {
    let whole = (0..200).map(|n| address([10, 9, 8, n])).collect::<Vec<_>>();
    let ended = serve(
        exam,
        ASKED,
        |query| vec![reply(query, TRUNCATED, &whole[..1])],
        |query| framed(&reply(query, 0, &whole)),
    )?;
    if ended.connections == 0 {
        let failure = Failure::new("回答装不下(TC),却没有改用 TCP");
        return Err(failure.printed(&ended.printed).into());
    }
    shows(&ended, &["10.9.8.0", "10.9.8.199"])
}

fn tcp_cut(exam: &mut Exam) -> Verdict {
    let ended = serve(
        exam,
        ASKED,
        |query| vec![reply(query, TRUNCATED, &[])],
        |query| {
            let mut whole = framed(&reply(query, 0, &[address(REAL), address(FORGED)]));
            whole.truncate(whole.len() - 16);
            whole
        },
    )?;
    if ended.connections == 0 {
        let failure = Failure::new("回答装不下(TC),却没有改用 TCP");
        return Err(failure.printed(&ended.printed).into());
    }
    fails(&ended, &["错误", "rror"])
}

fn retry(exam: &mut Exam) -> Verdict {
    let mut lost = false;
    let ended = ask(exam, |query| {
        if !lost {
            lost = true;
            return Vec::new();
        }
        vec![real(query)]
    })?;
    if ended.queries.len() < 2 {
        let failure = Failure::new("问了一遍,没有回答,就没有再问");
        return Err(failure.printed(&ended.printed).into());
    }
    shows(&ended, &["192.0.2.7"])
}

fn silence(exam: &mut Exam) -> Verdict {
    let ended = ask(exam, |_| Vec::new())?;
    if ended.queries.len() < 2 {
        let failure = Failure::new("问了一遍,没有回答,就没有再问");
        return Err(failure.printed(&ended.printed).into());
    }
    fails(&ended, &["没有回答", "超时", "imeout", "imed out"])
}

fn no_such_name(exam: &mut Exam) -> Verdict {
    let ended = ask(exam, |query| vec![reply(query, 3, &[])])?;
    fails(&ended, &["NXDOMAIN", "这个域名", "不存在"])
}

fn no_such_record(exam: &mut Exam) -> Verdict {
    let ended = ask(exam, |query| vec![reply(query, 0, &[])])?;
    if ["NXDOMAIN", "没有这个域名", "域名不存在"]
        .iter()
        .any(|word| ended.printed.contains(word))
    {
        let failure = Failure::new("域名是有的,只是没有这一类记录");
        return Err(failure.printed(&ended.printed).into());
    }
    fails(&ended, &["没有", "NODATA"])
}

fn server_failure(exam: &mut Exam) -> Verdict {
    let ended = ask(exam, |query| vec![reply(query, 2, &[])])?;
    fails(&ended, &["SERVFAIL", "查不出", "失败"])
}
