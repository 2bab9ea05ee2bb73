//! IP 地址计算的检查:每个结果一行,行首是它的名字;写错的输入是错误,不是结果。

use crate::exam::{Exam, Verdict};
use crate::ladder::Case;
use crate::tool::{self, Finished};

/// 一直适用的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "01-ip-calc.md",
    since: "ip-calc",
    until: None,
    options: &[],
    run: network,
};

/// 算得对,错得清楚。
pub const CASES: &[Case] = &[
    Case {
        id: "network",
        title: "网络:地址和掩码按位与",
        why: "网络号相同才是同一个子网:这是掩码唯一的用处",
        hint: "打印一行,以「网络」开头,后面是算出来的地址;Python 用 int(地址) & int(掩码)",
        run: network,
        ..BASE
    },
    Case {
        id: "mask",
        title: "前缀和掩码是一回事",
        why: "/25 和 255.255.255.128 是同一个意思的两种写法",
        hint: "打印一行,以「掩码」开头;两个参数时,第二个是掩码",
        run: mask,
        ..BASE
    },
    Case {
        id: "broadcast",
        title: "广播:主机部分全是 1",
        why: "发到它,子网里的每一台都收到,所以它不能分给主机",
        hint: "打印一行,以「广播」开头:网络号 | 取反的掩码",
        run: broadcast,
        ..BASE
    },
    Case {
        id: "hosts",
        title: "第一台、最后一台、主机数",
        why: "网络地址和广播地址不分给主机,所以要减 2",
        hint: "打印三行,分别以「第一台」「最后一台」「主机数」开头",
        run: hosts,
        ..BASE
    },
    Case {
        id: "edges",
        title: "/31、/32 和 /0",
        why: "/31 只有两个地址,都能用(RFC 3021);减 2 会得到 0 甚至 -1",
        hint: "主机部分不到 2 位时不减 2;/0 的掩码不能靠移 32 位得到",
        note: "IP地址与子网.md",
        run: edges,
        ..BASE
    },
    Case {
        id: "binary",
        title: "二进制,网络部分和主机部分之间有一道竖线",
        why: "不在 8 的倍数上的前缀,十进制里看不出来",
        hint: "「网络」那一行里写上二进制,在前缀长度那一位之后写 |;点和空格随意",
        run: binary,
        ..BASE
    },
    Case {
        id: "same",
        title: "same:两个地址是不是在同一个子网",
        why: "只看地址看不出来:172.16.10.1 和 172.16.10.2 可以在同一个子网,也可以不在",
        hint: "same A/P B/P,最后一行以「结论」开头:在同一个子网,或者不在同一个子网",
        run: same,
        ..BASE
    },
    Case {
        id: "asymmetric",
        title: "same:掩码不同,两边的看法可以不同",
        why: "每台主机只知道自己的掩码;一边直接发,另一边交给网关,是常见的配置错误",
        hint: "用自己的掩码去与两个地址,两边各算一次;看法不同时,结论里写上「不同」",
        note: "IP地址与子网.md",
        run: asymmetric,
        ..BASE
    },
    Case {
        id: "kinds",
        title: "用途:私有、回环、组播、文档、全球……",
        why: "193.168.77.1 看着像私有地址,其实是别人的公网地址",
        hint: "打印一行,以「用途」开头;按 IANA 的特殊用途登记表查",
        note: "IP地址与子网.md",
        run: kinds,
        ..BASE
    },
    Case {
        id: "ipv6",
        title: "IPv6:同样的算法,128 位",
        why: "算法与位数无关;IPv6 没有广播",
        hint: "用 128 位的整数;地址写成 RFC 5952 的样子",
        run: ipv6,
        ..BASE
    },
    Case {
        id: "too-large",
        title: "一段超过 255、前缀超过 32,是错误",
        why: "一段是一个字节;悄悄取低 8 位,算的就是别的地址",
        hint: "检查范围,说明原因到标准错误,退出码 1 或 2",
        run: too_large,
        ..BASE
    },
    Case {
        id: "nine-digits",
        title: "一段九位二进制,是错误",
        why: "一段正好八位;多写一位,后面的全错了",
        hint: "接受二进制写法时,先数位数",
        run: nine_digits,
        ..BASE
    },
    Case {
        id: "holes",
        title: "1 和 0 交错的掩码,是错误",
        why: "掩码先是连续的 1,再是连续的 0(RFC 4632 §3.1);255.0.255.0 分不出哪里是网络",
        hint: "掩码取反再加 1,应当是 2 的幂",
        run: holes,
        ..BASE
    },
];

/// 运行成功,给出输出。
fn calculate(exam: &Exam, arguments: &[&str]) -> Result<Finished, crate::exam::Stop> {
    let finished = tool::run(exam, arguments, "")?;
    finished.succeeded()?;
    Ok(finished)
}

/// 以 `label` 开头的那一行里要有 `value` 这个词。
fn has(finished: &Finished, label: &str, value: &str) -> Verdict {
    let in_word = |next: char| next.is_ascii_alphanumeric() || ".:-".contains(next);
    let lines = rows(finished, label);
    let found = lines.iter().any(|line| {
        let mut words = line.split(|next| !in_word(next));
        words.any(|word| word.trim_matches(['.', ':', '-']) == value.trim_matches(':'))
    });
    match found {
        true => Ok(()),
        false => Err(wrong(finished, label, value, &lines)),
    }
}

/// 以 `label` 开头的那一行里要有 `text` 这几个字。
fn says(finished: &Finished, label: &str, text: &str) -> Verdict {
    let lines = rows(finished, label);
    match lines.iter().any(|line| line.contains(text)) {
        true => Ok(()),
        false => Err(wrong(finished, label, text, &lines)),
    }
}

/// 以 `label` 开头的行,去掉 `label`。
fn rows<'a>(finished: &'a Finished, label: &str) -> Vec<&'a str> {
    let lines = finished.output.lines();
    lines
        .filter_map(|line| line.trim_start().strip_prefix(label))
        .collect()
}

fn wrong(finished: &Finished, label: &str, value: &str, lines: &[&str]) -> crate::exam::Stop {
    let what = match lines.first() {
        Some(line) => format!(
            "「{label}」应当是 {value},却是「{}」",
            line.trim_matches([' ', '\t', ':', '\u{ff1a}'])
        ),
        None => format!("没有以「{label}」开头的一行,应当有它,值是 {value}"),
    };
    finished.failure(&what).into()
}

fn network(exam: &mut Exam) -> Verdict {
    for (address, network) in [
        ("172.16.10.1/24", "172.16.10.0"),
        ("172.16.10.2/24", "172.16.10.0"),
        ("192.168.9.1/24", "192.168.9.0"),
        ("192.168.9.193/25", "192.168.9.128"),
        ("10.1.2.3/20", "10.1.0.0"),
        ("255.255.255.255/1", "128.0.0.0"),
    ] {
        has(&calculate(exam, &[address])?, "网络", network)?;
    }
    Ok(())
}

fn mask(exam: &mut Exam) -> Verdict {
    for (address, mask) in [
        ("192.168.9.193/25", "255.255.255.128"),
        ("10.1.2.3/20", "255.255.240.0"),
        ("10.1.2.3/8", "255.0.0.0"),
    ] {
        has(&calculate(exam, &[address])?, "掩码", mask)?;
    }
    let by_mask = calculate(exam, &["192.168.9.193", "255.255.255.128"])?;
    has(&by_mask, "网络", "192.168.9.128")
}

fn broadcast(exam: &mut Exam) -> Verdict {
    for (address, broadcast) in [
        ("172.16.10.1/24", "172.16.10.255"),
        ("192.168.9.1/25", "192.168.9.127"),
        ("10.1.2.3/20", "10.1.15.255"),
    ] {
        has(&calculate(exam, &[address])?, "广播", broadcast)?;
    }
    Ok(())
}

fn hosts(exam: &mut Exam) -> Verdict {
    for (address, first, last, count) in [
        ("172.16.10.1/24", "172.16.10.1", "172.16.10.254", "254"),
        ("192.168.9.193/25", "192.168.9.129", "192.168.9.254", "126"),
        ("10.1.2.3/8", "10.0.0.1", "10.255.255.254", "16777214"),
        ("192.0.2.5/30", "192.0.2.5", "192.0.2.6", "2"),
    ] {
        host_range(exam, address, first, last, count)?;
    }
    Ok(())
}

fn host_range(exam: &Exam, address: &str, first: &str, last: &str, count: &str) -> Verdict {
    let finished = calculate(exam, &[address])?;
    has(&finished, "第一台", first)?;
    has(&finished, "最后一台", last)?;
    has(&finished, "主机数", count)
}

fn edges(exam: &mut Exam) -> Verdict {
    host_range(exam, "192.0.2.5/31", "192.0.2.4", "192.0.2.5", "2")?;
    host_range(exam, "192.0.2.5/32", "192.0.2.5", "192.0.2.5", "1")?;
    let (first, last) = ("0.0.0.1", "255.255.255.254");
    host_range(exam, "192.0.2.5/0", first, last, "4294967294")?;
    let everything = calculate(exam, &["192.0.2.5/0"])?;
    has(&everything, "网络", "0.0.0.0")?;
    has(&everything, "掩码", "0.0.0.0")?;
    has(&everything, "广播", "255.255.255.255")
}

fn binary(exam: &mut Exam) -> Verdict {
    for (address, bits) in [
        ("192.168.9.193/25", "1100000010101000000010011|0000000"),
        ("172.16.10.1/24", "101011000001000000001010|00000000"),
        ("10.1.2.3/20", "00001010000000010000|000000000000"),
    ] {
        let finished = calculate(exam, &[address])?;
        // 分组的点和空格随意。
        let squeeze = |line: &str| line.replace(['.', ' ', '\t'], "");
        let lines = rows(&finished, "网络");
        if !lines.iter().any(|line| squeeze(line).contains(bits)) {
            return Err(wrong(&finished, "网络", bits, &lines));
        }
    }
    Ok(())
}

fn same(exam: &mut Exam) -> Verdict {
    for (one, other, together) in [
        ("172.16.10.1/24", "172.16.10.2/24", true),
        ("172.16.10.1/32", "172.16.10.2/32", false),
        ("192.168.9.1/25", "192.168.9.193/25", false),
    ] {
        concludes(&calculate(exam, &["same", one, other])?, together)?;
    }
    Ok(())
}

/// 结论是「在同一个子网」,或者「不在同一个子网」。
fn concludes(finished: &Finished, together: bool) -> Verdict {
    says(finished, "结论", "在同一个子网")?;
    let lines = rows(finished, "结论");
    if lines.iter().any(|line| line.contains("不在")) == together {
        let verdict = if together { "在" } else { "不在" };
        let what = format!("结论应当是「{verdict}同一个子网」");
        return Err(finished.failure(&what).into());
    }
    Ok(())
}

fn asymmetric(exam: &mut Exam) -> Verdict {
    for (one, other) in [
        ("192.168.9.1/24", "192.168.9.193/25"),
        ("192.168.9.193/25", "192.168.9.1/24"),
    ] {
        says(&calculate(exam, &["same", one, other])?, "结论", "不同")?;
    }
    // 掩码不同,看法也可以一样。
    let agreed = calculate(exam, &["same", "192.168.9.1/24", "192.168.9.100/25"])?;
    concludes(&agreed, true)
}

fn kinds(exam: &mut Exam) -> Verdict {
    for (address, kind) in [
        ("10.1.2.3/8", "私有"),
        ("172.31.255.255/12", "私有"),
        ("172.32.0.0/12", "全球"),
        ("192.168.77.1/24", "私有"),
        ("193.168.77.1/24", "全球"),
        ("127.0.0.1/8", "回环"),
        ("169.254.1.1/16", "链路本地"),
        ("100.64.0.1/10", "CGNAT"),
        ("224.0.0.1/4", "组播"),
        ("192.0.2.1/24", "文档"),
        ("240.0.0.1/4", "保留"),
        ("8.8.8.8/32", "全球"),
        ("11.0.0.0/8", "全球"),
        ("100.128.0.0/10", "全球"),
        ("192.169.0.1/16", "全球"),
    ] {
        says(&calculate(exam, &[address])?, "用途", kind)?;
    }
    Ok(())
}

fn ipv6(exam: &mut Exam) -> Verdict {
    let finished = calculate(exam, &["2001:db8:1:2:3:4:5:6/64"])?;
    says(&finished, "网络", "2001:db8:1:2::")?;
    says(&finished, "最后一台", "2001:db8:1:2:ffff:ffff:ffff:ffff")?;
    says(&finished, "用途", "文档")?;
    says(&calculate(exam, &["fe80::1/10"])?, "用途", "链路本地")?;
    says(&calculate(exam, &["::1/128"])?, "用途", "回环")
}

/// 写错的各行都要拒绝;什么都拒绝的程序不算。
fn refuses(exam: &Exam, lines: &[&[&str]], why: &str) -> Verdict {
    calculate(exam, &["192.168.9.193", "255.255.255.128"])?;
    lines
        .iter()
        .try_for_each(|words| tool::run(exam, words, "")?.refused(why))
}

fn too_large(exam: &mut Exam) -> Verdict {
    let lines: &[&[&str]] = &[
        &["192.168.9.256/24"],
        &["999.1.1.1/24"],
        &["192.168.9.1/33"],
        &["192.168.9.1.5/24"],
        &["192.168.9/24"],
        &["2001:db8::1/129"],
    ];
    refuses(exam, lines, "这不是地址")
}

fn nine_digits(exam: &mut Exam) -> Verdict {
    let address = "10101100.00010000.00001010.000000001/24";
    refuses(exam, &[&[address]], "最后一段有九位")
}

fn holes(exam: &mut Exam) -> Verdict {
    let lines: &[&[&str]] = &[
        &["192.168.9.1", "255.0.255.0"],
        &["192.168.9.1", "255.255.255.1"],
        &["192.168.9.1/255.255.253.0"],
    ];
    refuses(exam, lines, "掩码里 1 和 0 交错")
}
