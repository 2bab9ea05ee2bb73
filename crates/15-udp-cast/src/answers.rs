//! 回答:认出真的,同一个服务器的并成一个,一行一个地列出来。

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::cast::Cast;
use crate::cli;
use crate::encoding::Encoding;
use crate::protocol;

/// 最多列出这么多个服务器:一个教室放得下;有人拿成千上万个假回答来,也只占这么多内存。
const MAX_SERVERS: usize = 64;

/// 一个发出去的询问。
pub struct Question {
    /// 编号,回答要带回它。
    pub id: u64,
    /// 发往哪一种目标。
    pub cast: Cast,
    /// 什么时候发的。
    pub sent: Instant,
}

/// 一个回答了的服务器。
struct Found {
    address: SocketAddr,
    name: String,
    round_trip: Duration,
    /// 它听到了哪几种询问。
    casts: Vec<Cast>,
}

/// 收到的全部。
#[derive(Default)]
pub struct Answers {
    servers: Vec<Found>,
    /// 名单满了以后才来的回答。
    unlisted: usize,
    /// 不是回答,或者答的不是我们的询问。
    pub strange: usize,
}

impl Answers {
    /// 记下一个回答。同一个服务器从广播和组播各回答一次,并成一个,往返时间以先到的为准。
    pub fn add(&mut self, datagram: &[u8], server: SocketAddr, questions: &[Question]) {
        let answer = protocol::read_answer(datagram).and_then(|(id, name)| {
            let question = questions.iter().find(|question| question.id == id)?;
            Some((question, name))
        });
        let Some((Question { cast, sent, .. }, name)) = answer else {
            self.strange += 1;
            return;
        };
        let full = self.servers.len() == MAX_SERVERS;
        let known = self
            .servers
            .iter_mut()
            .find(|known| known.address == server);
        match known {
            Some(known) if known.casts.contains(cast) => {}
            Some(known) => known.casts.push(*cast),
            None if full => self.unlisted += 1,
            None => self.servers.push(Found {
                address: server,
                name: printable(name),
                round_trip: sent.elapsed(),
                casts: vec![*cast],
            }),
        }
    }

    /// 一行一个服务器,按名字排好;名字放在行尾,写什么也盖不住别的。
    pub fn show(mut self, wait: Duration) -> anyhow::Result<()> {
        self.servers
            .sort_by(|one, other| (&one.name, one.address).cmp(&(&other.name, other.address)));
        for found in &mut self.servers {
            found.casts.sort_by_key(|cast| *cast as u8);
            let casts: Vec<String> = found.casts.iter().map(Cast::to_string).collect();
            let milliseconds = found.round_trip.as_secs_f64() * 1000.0;
            cli::print_line(format_args!(
                "{}  {milliseconds:.2} 毫秒  {}  {}",
                found.address,
                casts.join("、"),
                found.name
            ))?;
        }
        if self.strange > 0 {
            cli::note(format_args!("{} 个数据报不是回答,没有理会", self.strange));
        }
        if self.unlisted > 0 {
            cli::note(format_args!(
                "名单满了({MAX_SERVERS} 个),后来的 {} 个回答没有列出",
                self.unlisted
            ));
        }
        let wait = wait.as_millis();
        match self.servers.len() {
            0 => Err(cli::Hinted {
                text: format!("等了 {wait} 毫秒,没有服务器回答"),
                hint: "看看服务器启动了没有、--group 是不是一样;UDP 会丢,也可以再问一次".to_owned(),
            }
            .into()),
            count => {
                cli::note(format_args!("{wait} 毫秒内,{count} 个服务器回答了"));
                Ok(())
            }
        }
    }
}

/// 名字是陌生人写的:控制字符换成看得见的写法;改变文字方向的、看不见的字符也是。
fn printable(name: &[u8]) -> String {
    let mut shown = String::new();
    for character in Encoding::Utf8.decode(name).chars() {
        match character {
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => {
                shown.extend(character.escape_unicode());
            }
            _ => shown.push(character),
        }
    }
    shown
}
