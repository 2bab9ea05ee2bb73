//! 客户端:一个线程守着键盘,一个线程守着网络,主线程把两边的事一件一件地办([`crate::talk`])。

use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread;

use anyhow::{Context, anyhow, bail};
use common::addr::Address;

use crate::cli;
use crate::join::{self, Joined, Refusal};
use crate::listen::Event;
use crate::name::Nickname;
use crate::protocol::MAX_LINE;
use crate::talk::{Setup, Talk};
use crate::terminal::{self, Keyboard};

/// 没有发出的话最多攒这么多行:断线几分钟够用,占的内存最多 4 MB。
const MAX_PENDING: usize = 1000;

/// 主线程还没有办的事最多这么多件:它一忙完就会办,排长了没有用。
const MAX_EVENTS: usize = 16;

/// 加入聊天室,直到 `/quit`、输入结束或 Ctrl-C。没有给的地址和昵称会问。
///
/// 第一次就连不上或者不被接受是错误;以后断了,`reconnect` 时一直再连,否则也是错误。
pub fn run(server: Option<Address>, name: Option<String>, reconnect: bool) -> anyhow::Result<()> {
    terminal::on_ctrl_c()?;
    let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
        return Ok(());
    };
    let Some((name, joined)) = first_join(&server, name)? else {
        return Ok(());
    };
    cli::print_line(&joined.welcome)?;
    let (keyboard, display) = terminal::open();
    let (line_sender, lines) = mpsc::sync_channel(MAX_PENDING);
    let (reports, events) = mpsc::sync_channel(MAX_EVENTS);
    let typed = reports.clone();
    let typing = thread::Builder::new()
        .spawn(move || watch_keyboard(keyboard, &line_sender, &typed))
        .context("启动键盘线程失败")?;
    let talk = Talk::new(
        Setup {
            server,
            name: name.to_string(),
            reconnect,
            display: display.clone(),
            lines,
            events,
            reports,
        },
        joined,
    );
    let result = talk.and_then(Talk::run);
    // 还停在键盘上的话,叫醒它:终端要恢复原样。
    display.wake(&typing);
    result
}

/// 问到一个服务器接受的昵称,用它加入。输入结束了是 `None`。
fn first_join(
    server: &Address,
    mut given: Option<String>,
) -> anyhow::Result<Option<(Nickname, Joined)>> {
    loop {
        let name = match given.take() {
            Some(name) => Some(name.into_bytes()),
            None => terminal::ask("请输入昵称:")?,
        };
        let Some(name) = name else {
            return Ok(None);
        };
        let mistake = match join_as(server, name) {
            Ok(joined) => return Ok(Some(joined)),
            Err(Refusal::Failed(error)) => return Err(error),
            Err(Refusal::Name(reason)) => anyhow!("{reason}"),
        };
        // 有人坐在键盘前就再问他;管道里的下一行却是一句话,不是昵称。
        if !terminal::attended() {
            return Err(mistake);
        }
        cli::report(&mistake);
    }
}

fn join_as(server: &Address, name: Vec<u8>) -> Result<(Nickname, Joined), Refusal> {
    let name = utf8(name).map_err(|error| Refusal::Name(error.to_string()))?;
    // 一看就不合规矩的,不必去问服务器。
    let name = Nickname::new(&name).map_err(|mistake| Refusal::Name(mistake.to_string()))?;
    let joined = join::join(server, &name.to_string())?;
    Ok((name, joined))
}

/// 键盘线程:每一行交给主线程,直到 `/quit` 或输入结束。
fn watch_keyboard(mut keyboard: Keyboard, lines: &SyncSender<String>, events: &SyncSender<Event>) {
    let result = read_all(&mut keyboard, lines, events);
    // 先关掉行编辑器:正等着它显示的那句话就不会再等。
    drop(keyboard);
    let _ = events.send(Event::Left(result));
}

/// 一行不能发只影响它自己:报告,然后继续;最后以错误结束。
fn read_all(
    keyboard: &mut Keyboard,
    lines: &SyncSender<String>,
    events: &SyncSender<Event>,
) -> anyhow::Result<()> {
    let mut failures = 0;
    while let Some(line) = next_line(keyboard)? {
        if let Err(error) = checked(line).and_then(|line| queue(line, keyboard, lines)) {
            cli::report(&error);
            failures += 1;
        }
        // 只是叫一声:主线程每办一件事都会看看有没有要发的,已经有事等着办就不必再叫。
        let _ = events.try_send(Event::Typed);
    }
    match failures {
        0 => Ok(()),
        _ => bail!("有 {failures} 行没有发出"),
    }
}

/// 把一行排进队列。
fn queue(line: String, keyboard: &Keyboard, lines: &SyncSender<String>) -> anyhow::Result<()> {
    match keyboard {
        // 等到有空位:管道里的话一行也不丢。主线程先结束的话,由它报告。
        Keyboard::Pipe => _ = lines.send(line),
        Keyboard::Editor(..) => {
            if let Err(TrySendError::Full(_)) = lines.try_send(line) {
                bail!("已经攒了 {MAX_PENDING} 行没有发出,这一行没有留下");
            }
        }
    }
    Ok(())
}

/// 用户打的下一行;`/quit` 和输入结束都是 `None`,空行跳过。
fn next_line(keyboard: &mut Keyboard) -> anyhow::Result<Option<Vec<u8>>> {
    loop {
        match keyboard.read_line()? {
            Some(line) if line.is_empty() => {}
            Some(line) if line.trim_ascii() == b"/quit" => return Ok(None),
            line => return Ok(line),
        }
    }
}

/// 检查一行能不能发。
fn checked(line: Vec<u8>) -> anyhow::Result<String> {
    if line.len() > MAX_LINE {
        let length = line.len();
        bail!("这一行有 {length} 字节,一行最多 {MAX_LINE} 字节,没有发出");
    }
    utf8(line).context("没有发出")
}

/// 一行输入的文字。PowerShell 会在管道开头加一个字节序标记(U+FEFF),不是用户打的,去掉。
fn utf8(line: Vec<u8>) -> anyhow::Result<String> {
    match String::from_utf8(line) {
        Ok(text) => Ok(text.trim_start_matches('\u{feff}').to_owned()),
        Err(error) => {
            let place = error.utf8_error().valid_up_to() + 1;
            bail!("这一行从第 {place} 个字节起不是 UTF-8")
        }
    }
}
