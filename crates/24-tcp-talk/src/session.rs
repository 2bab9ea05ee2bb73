//! 一场对话:两边轮流说一句,直到一方说 quit 或者挂断。

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::cli;
use crate::encoding::{self, Encoding};

/// 接收缓冲区,字节:一次 `read` 最多取走这么多。不大,好让讲义里看得到「一条消息分几次收」。
const BUFFER: usize = 1024;

/// 说完再见以后,等对方也挂断,最多这么久。
const GOODBYE: Duration = Duration::from_secs(2);

/// 什么结束了。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// 这场对话:有一方说了 quit,或者对方挂断了。
    Talk,
    /// 键盘的输入:这边的人再也不能说了。
    Input,
}

/// 轮流说话,直到一方要走。`listening` 是先听还是先说。
pub fn talk(
    mut stream: TcpStream,
    mut listening: bool,
    encoding: Encoding,
) -> anyhow::Result<Ended> {
    let mut buffer = [0; BUFFER];
    loop {
        if listening {
            let Some(message) = receive(&mut stream, &mut buffer)? else {
                cli::note("对方挂断了");
                return Ok(Ended::Talk);
            };
            let text = encoding.decode(message);
            cli::print_line(format_args!("对方:{text}"))?;
            if is_quit(&text) {
                return Ok(Ended::Talk);
            }
        }
        listening = true;
        match next_message(encoding)? {
            ControlFlow::Continue(message) => stream.write_all(&message).context("发送失败")?,
            ControlFlow::Break(ended) => {
                hang_up(stream, &mut buffer);
                return Ok(ended);
            }
        }
    }
}

/// 听一次;`None` 是流的末尾:对方挂断了。收到的可能只是一句话的一部分,也可能是几句。
fn receive<'a>(stream: &mut TcpStream, buffer: &'a mut [u8]) -> anyhow::Result<Option<&'a [u8]>> {
    loop {
        match stream.read(buffer) {
            Ok(0) => return Ok(None),
            Ok(length) => return Ok(Some(&buffer[..length])),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error).context("接收失败"),
        }
    }
}

fn is_quit(text: &str) -> bool {
    text.trim() == "quit"
}

/// 要说的下一句的字节,或者是什么结束了。
///
/// 空行跳过:TCP 发 0 个字节什么也不会发出(send(2)),两边就都在听,谁也等不到谁。
fn next_message(encoding: Encoding) -> anyhow::Result<ControlFlow<Ended, Vec<u8>>> {
    loop {
        cli::note("轮到你说(quit 结束)");
        let Some(line) = cli::read_line()? else {
            return Ok(ControlFlow::Break(Ended::Input));
        };
        let text = encoding::typed_text(&line);
        if is_quit(&text) {
            return Ok(ControlFlow::Break(Ended::Talk));
        }
        match encoding.encode(&text) {
            Ok(message) if message.is_empty() => cli::note("空行没有内容,没有发送"),
            Ok(message) => return Ok(ControlFlow::Continue(message)),
            Err(error) => cli::report(&error),
        }
    }
}

/// 说 quit,关掉自己说话的方向,再等对方挂断。
///
/// 对方听到的结束有两种:`quit` 这个词,和流的末尾。词可能和别的话连在一起而认不出来,末尾不会。
/// 不等对方就关闭,万一他正好又说了什么,没有读走的话会让连接变成复位(RFC 1122 §4.2.2.13),`quit` 也就送不到了。
fn hang_up(mut stream: TcpStream, buffer: &mut [u8]) {
    let deadline = Instant::now() + GOODBYE;
    let said = stream.write_all(b"quit");
    let mut talking = said.and_then(|()| stream.shutdown(Shutdown::Write)).is_ok();
    // 对方已经走了,或者就是不挂断:都不用再管,离开这里连接就关闭。
    while talking {
        let left = deadline.saturating_duration_since(Instant::now());
        // 期限到了,剩下的是 0:设不上,也就不等了。
        let ready = stream.set_read_timeout(Some(left));
        let heard = ready.and_then(|()| stream.read(buffer));
        talking = matches!(heard, Ok(length) if length > 0);
    }
}
