//! 客户端:把问题发给服务器,认出回答;丢了再问,装不下改用 TCP。

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::cli::{self, Hinted};
use crate::message::{Message, rcode};
use crate::question::Question;
use crate::record::{Data, Record, kind};
use crate::{tcp, udp};

/// 问这么几遍,每遍等这么久:丢一个不要紧,路远的也等得到,一共 7 秒,人还有耐心。
///
/// 一遍比一遍久:服务器要是忙不过来,问得更勤只会更糟(RFC 8085 §3.1)。
const TIMEOUTS: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// 问一个问题,打印回答里的每条记录;没有这样的记录是错误。
///
/// `servers` 至少一个;一个不答,下一遍就问下一个。
pub fn run(servers: &[SocketAddr], question: &Question) -> anyhow::Result<()> {
    let reply = ask(servers, question)?;
    for record in &reply.answers {
        cli::print_line(record)?;
    }
    judge(&reply, question)
}

/// 问到有回答为止,或者问完了遍数。
fn ask(servers: &[SocketAddr], question: &Question) -> anyhow::Result<Message> {
    let mut edns = true;
    let mut failure = None;
    for (server, patience) in servers.iter().cycle().zip(TIMEOUTS) {
        // 每一遍都换编号和端口:要猜中它们才能冒充(RFC 5452 §9.2)。
        let query = Message::query(udp::random()?, question, edns);
        cli::note(format_args!("向 {server} 问 {question},编号 {}", query.id));
        let bytes = query.encode()?;
        let datagram = match udp::exchange(*server, &query, &bytes, patience) {
            Ok(datagram) => datagram,
            Err(error) => {
                let refused = error.kind() != ErrorKind::TimedOut;
                failure = Some((server, error));
                // 不是没有声音,而是说了「没有」:只有这一个服务器的话,再问也一样。
                if refused && servers.len() == 1 {
                    break;
                }
                continue;
            }
        };
        let reply = read(*server, &query, &bytes, datagram)?;
        if edns && reply.is_not_understood() {
            cli::note("服务器看不懂,也许是不认识 EDNS:不带它再问一遍");
            edns = false;
            continue;
        }
        return Ok(reply);
    }
    match failure {
        Some((server, error)) if error.kind() != ErrorKind::TimedOut => {
            Err(error).with_context(|| format!("没有得到 {server} 的回答"))
        }
        _ => Err(silence().into()),
    }
}

fn silence() -> Hinted {
    let waited: Duration = TIMEOUTS.iter().sum();
    let times = TIMEOUTS.len();
    Hinted {
        text: format!("问了 {times} 遍,一共等了 {} 秒,没有回答", waited.as_secs()),
        hint: "看看网络通不通、DNS 服务器的地址对不对;可以用 --server 换一个".to_owned(),
    }
}

/// 读懂回答;它说装不下(TC),就用 TCP 把同一个问题再问一遍。
fn read(
    server: SocketAddr,
    query: &Message,
    bytes: &[u8],
    datagram: Vec<u8>,
) -> anyhow::Result<Message> {
    let (head, ..) = Message::decode_head(&datagram)?;
    let (whole, transport) = match head.is_truncated() {
        false => (datagram, "UDP"),
        true => {
            cli::note("UDP 的数据报装不下整个回答(TC),改用 TCP 再问");
            let whole = tcp::exchange(server, bytes).context("改用 TCP,没有得到回答")?;
            (whole, "TCP")
        }
    };
    let reply = Message::decode(&whole).context("服务器的回答看不懂")?;
    if !reply.is_reply_to(query) || (transport == "TCP" && reply.is_truncated()) {
        bail!("TCP 上的回答不是这个问题的,或者还是不完整");
    }
    let (length, count) = (whole.len(), reply.answers.len());
    cli::note(format_args!(
        "{transport} 回答 {length} 字节,{count} 条记录"
    ));
    Ok(reply)
}

/// 回答说的是什么:有记录;域名在,没有这一类记录;没有这个域名;服务器答不上来。
fn judge(reply: &Message, question: &Question) -> anyhow::Result<()> {
    let Question { name, kind, .. } = question;
    let asked = |record: &Record| record.data.kind() == *kind;
    let (text, hint) = match reply.rcode() {
        0 if reply.answers.iter().any(asked) => return Ok(()),
        0 => return Err(nothing(reply, question).into()),
        rcode::NAME_ERROR => (format!("没有 {name} 这个域名(NXDOMAIN)"), "核对拼写"),
        rcode::SERVER_FAILURE => (
            format!("服务器查不出 {question}(SERVFAIL)"),
            "过一会儿再问,或者用 --server 换一个服务器",
        ),
        rcode::REFUSED => (
            "服务器不肯回答(REFUSED)".to_owned(),
            "它多半只回答自己管的域名,或者只为自己人服务;用 --server 换一个服务器",
        ),
        rcode::FORMAT_ERROR => ("服务器看不懂这个问题(FORMERR)".to_owned(), "换一个服务器"),
        rcode::NOT_IMPLEMENTED => ("服务器不会查这个(NOTIMP)".to_owned(), "换一个服务器"),
        other => (format!("服务器没有回答,返回码 {other}"), "换一个服务器"),
    };
    let hint = hint.to_owned();
    Err(Hinted { text, hint }.into())
}

/// 没有出错,也没有要的记录:只有别名;服务器只指了路;或者真的没有这一类记录(RFC 2308 §2.2)。
fn nothing(reply: &Message, question: &Question) -> Hinted {
    let mut answers = reply.answers.iter().rev();
    let alias = answers.find_map(|record| match &record.data {
        Data::Cname(target) => Some(target),
        _ => None,
    });
    let mut authorities = reply.authorities.iter();
    let referral = authorities.find(|record| record.data.kind() == kind::NS);
    let (text, hint) = match (alias, referral) {
        (Some(target), _) => (
            format!("只有别名,没有 {question}"),
            format!("再问别名指向的 {target}"),
        ),
        (None, Some(Record { name, data, .. })) => (
            format!("服务器没有替我们问到底,只说 {name} 归 {data} 管"),
            "去问它说的服务器,或者用 --server 换一个肯问到底(递归)的".to_owned(),
        ),
        (None, None) => (
            format!("没有 {question}"),
            "这个域名是有的,只是没有这一类记录;换一个 --type 试试".to_owned(),
        ),
    };
    Hinted { text, hint }
}

/// 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
pub fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
