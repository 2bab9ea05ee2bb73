//! 谢绝:没有地方了,或者要收场了,说一声 503,挂断。

use std::collections::VecDeque;
use std::io::Read;
use std::net::{Shutdown, TcpStream};

use crate::clock::Clock;
use crate::dialogue::crowded;
use crate::send::send;
use crate::site::Site;

/// 谢绝过的,最近的这么多位先不关闭。
///
/// 他的请求可能还在路上:关闭以后才到,操作系统回的是复位,他就读不到这句话了。又不能为了他等在这里。
const RECENT: usize = 8;

/// 谢绝过的客户。
pub struct Refusals<'a> {
    site: &'a Site,
    clock: Clock,
    output: Vec<u8>,
    recent: VecDeque<TcpStream>,
}

impl<'a> Refusals<'a> {
    /// 还没有谢绝过谁;`site` 写那一页说明。
    pub fn new(site: &'a Site) -> Self {
        Self {
            site,
            clock: Clock::new(),
            output: Vec::new(),
            recent: VecDeque::new(),
        }
    }

    /// 说一声 503 和「我说完了」;返回正文发出了几个字节。尽力而为,不等他。
    pub fn refuse(&mut self, mut stream: TcpStream) -> u64 {
        if stream.set_nonblocking(true).is_err() {
            return 0;
        }
        // 他已经说的先读走:关闭时还有没读的字节,发出的也是复位(RFC 1122 §4.2.2.13)。
        let _ = stream.read(&mut [0; 4096]);
        self.clock.tick();
        let answer = crowded(&mut self.site, &self.clock, &mut self.output);
        let (sent, _) = send(&stream, &mut self.output, &answer.body);
        let _ = stream.shutdown(Shutdown::Write);
        self.recent.push_back(stream);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        sent
    }

    /// 留着的都关掉:描述符不够了。
    pub fn clear(&mut self) {
        self.recent.clear();
    }

    /// 现在几点。
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}
