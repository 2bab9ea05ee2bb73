//! 演示:把讲义里的会话演给人看,每个终端一种颜色、一个前缀,按人读的速度。

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::error::failed;
use crate::ladder::{Ladder, Stage};
use crate::names;
use crate::notes::document::Document;
use crate::play::{Event, Seen, Settings, Stopped, play};
use crate::programs::Programs;
use crate::session::{self, Place, Session};
use crate::text;
use crate::workspace::Workspace;

/// 每一步最多等多久。课程程序在本机上几毫秒就答,十秒还没有就是坏了。
pub const DEADLINE: Duration = Duration::from_secs(10);

/// 打一个字的时间:每秒二十几个字,看得出是在打字,又不让人着急。
const KEY: Duration = Duration::from_millis(45);

/// 看一行输出的时间。
const LINE: Duration = Duration::from_millis(600);

/// 检查「停下」的间隔。
const GLANCE: Duration = Duration::from_millis(20);

/// 各终端的颜色(ANSI 前景色):青、黄、紫、绿、蓝、红。
const COLOURS: [u8; 6] = [36, 33, 35, 32, 34, 31];

/// 输出用不用颜色:是终端,而且没有设 `NO_COLOR`(no-color.org)。
#[must_use]
pub fn coloured() -> bool {
    // 旧的 Windows 控制台要先打开 ANSI 颜色;打不开就不用颜色。
    if anstyle_query::windows::enable_ansi_colors() == Some(false) {
        return false;
    }
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// 怎么演示。
#[derive(Debug, Clone, Copy)]
pub struct Style<'a> {
    /// 不停顿,测试用。
    pub fast: bool,
    /// 用不用颜色。
    pub coloured: bool,
    /// 变成 `true` 就停下。
    pub cancelled: &'a AtomicBool,
}

/// 演示这几个阶段;没有指定就每章演一个。被叫停时安静地返回。
///
/// # Errors
/// 没有这个阶段、没有可以演的会话、实际与讲义不符,或者输出写不出去。
pub fn run(
    workspace: &Workspace,
    ladder: &Ladder,
    programs: &mut Programs<'_>,
    stages: &[String],
    style: Style<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let chosen = choose(workspace, ladder, programs, stages)?;
    let packages = chosen.iter().flat_map(|scene| scene.session.programs());
    programs.prepare(packages)?;
    let mut seen = Seen::default();
    let count = chosen.len();
    for scene in chosen {
        let stage = scene.stage;
        writeln!(out, "── {} {} ──", stage.directory, stage.title)?;
        let Some(one) = show(workspace, programs, &scene, style, out)? else {
            writeln!(out, "\n已停止")?;
            return Ok(());
        };
        writeln!(out)?;
        seen.terminals += one.terminals;
        seen.typed += one.typed;
        seen.printed += one.printed;
    }
    let scenes = if count > 1 {
        format!("{count} 段会话、")
    } else {
        String::new()
    };
    writeln!(
        out,
        "看到了:{scenes}{} 个终端、{} 行输入、{} 行输出,全部与讲义一致",
        seen.terminals, seen.typed, seen.printed
    )?;
    Ok(())
}

/// 要演的一段。
struct Scene<'a> {
    stage: &'a Stage,
    note: String,
    session: Session,
}

fn choose<'a>(
    workspace: &Workspace,
    ladder: &'a Ladder,
    programs: &Programs<'_>,
    names: &[String],
) -> anyhow::Result<Vec<Scene<'a>>> {
    if names.is_empty() {
        return choose_each_chapter(workspace, ladder, programs);
    }
    names
        .iter()
        .map(|name| {
            let stage = names::find(ladder, name)?;
            first_scene(workspace, stage, programs)?.ok_or_else(|| {
                let hint = "cargo course demo 不写名字,就每章演一个";
                failed(format!("{} 的讲义里还没有会话", stage.directory), hint)
            })
        })
        .collect()
}

/// 每章演一个:标明 `showcase` 的,没有就是最后一个有会话的阶段。
fn choose_each_chapter<'a>(
    workspace: &Workspace,
    ladder: &'a Ladder,
    programs: &Programs<'_>,
) -> anyhow::Result<Vec<Scene<'a>>> {
    let mut scenes: Vec<Scene<'a>> = Vec::new();
    for stage in &ladder.stages {
        if let Some(scene) = first_scene(workspace, stage, programs)? {
            let same_chapter = |last: &&Scene<'_>| last.stage.chapter() == stage.chapter();
            match scenes.last().filter(same_chapter) {
                Some(last) if last.stage.showcase => continue,
                Some(_) => _ = scenes.pop(),
                None => {}
            }
            scenes.push(scene);
        }
    }
    if scenes.is_empty() {
        let hint = "讲义在 docs/notes/,会话写在 ```session 块里";
        return Err(failed("还没有可以演示的讲义", hint));
    }
    Ok(scenes)
}

/// 讲义里第一段用到的程序都齐全的会话;一段都不齐全,就给第一段,演到时再说缺什么。
fn first_scene<'a>(
    workspace: &Workspace,
    stage: &'a Stage,
    programs: &Programs<'_>,
) -> anyhow::Result<Option<Scene<'a>>> {
    let path = workspace.notes().join(stage.note());
    if !fs::exists(&path).context("读不到讲义")? {
        return Ok(None);
    }
    let note = workspace.relative(&path);
    let document = Document::read(&path, &note)?;
    let mut first = None;
    for block in document
        .blocks
        .iter()
        .filter(|block| block.language == "session")
    {
        let session = session::parse(&document.body(block), block.line + 1).map_err(|wrong| {
            let hint = "cargo course notes --check 核对整篇讲义";
            failed(format!("{note}:{}: {}", wrong.line, wrong.message), hint)
        })?;
        // 看不懂的「在哪里演」由 notes --check 报告,这里只是不演它。
        let here =
            Place::parse(&block.words).is_ok_and(|place| place.is_here(programs.have_runner()));
        let playable = here && session.programs().all(|program| programs.have(program));
        if playable || first.is_none() {
            first = Some(Scene {
                stage,
                note: note.clone(),
                session,
            });
        }
        if playable {
            break;
        }
    }
    Ok(first)
}

/// 演一段;被叫停就是 `None`。
fn show(
    workspace: &Workspace,
    programs: &mut Programs<'_>,
    scene: &Scene<'_>,
    style: Style<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<Option<Seen>> {
    let mut stage = Screenplay {
        out,
        style,
        terminals: &scene.session.terminals,
    };
    let experiments = workspace.experiments();
    let settings = Settings {
        deadline: DEADLINE,
        cancelled: style.cancelled,
        experiments: experiments.as_deref(),
    };
    let played = play(&scene.session, programs, &settings, |event| {
        stage.perform(event)
    });
    let note = &scene.note;
    match played {
        Ok(seen) => Ok(Some(seen)),
        Err(Stopped::Cancelled) => Ok(None),
        Err(Stopped::Mismatch(line, message)) => {
            let hint = "cargo course notes --check 核对整篇讲义";
            Err(failed(format!("{note}:{line}: {message}"), hint))
        }
        Err(Stopped::Missing(line, program)) => {
            let hint = format!("先安装 {program},或者换一个阶段");
            Err(failed(
                format!("{note}:{line}: 这台机器上没有 {program}"),
                hint,
            ))
        }
        Err(Stopped::Other(error)) => Err(error),
    }
}

/// 把演到的每一步写成一行。
struct Screenplay<'a> {
    out: &'a mut dyn Write,
    style: Style<'a>,
    terminals: &'a [String],
}

impl Screenplay<'_> {
    fn perform(&mut self, event: Event<'_>) -> io::Result<()> {
        match event {
            Event::Ports(pairs) => self.explain_ports(pairs),
            Event::Start(terminal, words) => self.typed(terminal, "$ ", &command_line(words)),
            Event::Type(terminal, text) => self.typed(terminal, "> ", text),
            Event::Said(terminal, line) => self.line(terminal, line),
            Event::Interrupt(terminal) => self.line(terminal, "^C"),
            Event::EndInput(terminal) => self.line(terminal, "^D"),
            Event::Exit(terminal, code) => self.line(terminal, &format!("(退出码 {code})")),
        }
    }

    fn explain_ports(&mut self, pairs: &[(u16, u16)]) -> io::Result<()> {
        let each = pairs
            .iter()
            .map(|(noted, real)| format!("{noted} → {real}"));
        let each: Vec<String> = each.collect();
        writeln!(
            self.out,
            "(下面的端口照讲义写,实际换成了空闲的:{})",
            each.join(",")
        )
    }

    fn line(&mut self, terminal: &str, text: &str) -> io::Result<()> {
        self.prefix(terminal)?;
        writeln!(self.out, "{text}{}", self.plain())?;
        self.out.flush()?;
        self.pause(LINE);
        Ok(())
    }

    /// 一个字一个字地打出来,再按回车。
    fn typed(&mut self, terminal: &str, mark: &str, text: &str) -> io::Result<()> {
        self.prefix(terminal)?;
        write!(self.out, "{mark}")?;
        for key in text.chars() {
            write!(self.out, "{key}")?;
            self.out.flush()?;
            self.pause(KEY);
        }
        writeln!(self.out, "{}", self.plain())?;
        self.out.flush()
    }

    fn prefix(&mut self, terminal: &str) -> io::Result<()> {
        let widths = self.terminals.iter().map(|name| text::width(name));
        let name = text::pad(terminal, widths.max().unwrap_or_default());
        let index = self.terminals.iter().position(|name| name == terminal);
        let colour = COLOURS[index.unwrap_or_default() % COLOURS.len()];
        if self.style.coloured {
            write!(self.out, "\x1b[{colour}m")?;
        }
        write!(self.out, "{name} │ ")
    }

    fn plain(&self) -> &'static str {
        if self.style.coloured { "\x1b[0m" } else { "" }
    }

    /// 停一停;按了 Ctrl-C 就不再等。
    fn pause(&self, length: Duration) {
        let end = Instant::now() + length;
        while !self.style.fast && !self.style.cancelled.load(Ordering::Relaxed) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(GLANCE));
        }
    }
}

/// 词拼回一行命令;空的、带空格的词加上引号。
fn command_line(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let bare = !word.is_empty() && !word.contains([' ', '\'', '"', '|', '&', ';', '<', '>']);
        if bare {
            word.clone()
        } else {
            format!("'{word}'")
        }
    });
    quoted.collect::<Vec<String>>().join(" ")
}
