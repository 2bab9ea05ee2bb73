//! 讲义里的会话:全部用真的程序演一遍。

use super::Options;
use super::document::{Block, Document};
use super::report::{Problem, Report};
use crate::error::with_hint;
use crate::play::{Settings, Stopped, play};
use crate::programs::Programs;
use crate::session::{self, Session};
use crate::workspace::Workspace;

/// 一篇讲义里的会话;看不懂的是问题。
#[must_use]
pub fn parse(document: &Document) -> (Vec<(usize, Session)>, Vec<Problem>) {
    let is_session = |block: &&Block| block.language == "session";
    let mut sessions = Vec::new();
    let mut problems = Vec::new();
    for block in document.blocks.iter().filter(is_session) {
        match session::parse(&document.body(block), block.line + 1) {
            Ok(session) => sessions.push((block.line, session)),
            Err(wrong) => problems.push(Problem::new(document, wrong.line, wrong.message)),
        }
    }
    (sessions, problems)
}

/// 演一遍各篇讲义的会话,结果记进 `report`。
///
/// # Errors
/// 用到的程序编译不了。
pub fn check(
    documents: &[Document],
    workspace: &Workspace,
    programs: &mut Programs<'_>,
    options: &Options<'_>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let parsed: Vec<_> = documents
        .iter()
        .map(|document| (document, parse(document)))
        .collect();
    let sessions = || parsed.iter().flat_map(|(_, (sessions, _))| sessions);
    programs.prepare(sessions().flat_map(|(_, session)| session.programs()))?;
    let experiments = workspace.experiments();
    let settings = Settings {
        deadline: options.deadline,
        cancelled: options.cancelled,
        experiments: experiments.as_deref(),
    };
    for (document, (sessions, problems)) in &parsed {
        report.problems.extend(problems.iter().cloned());
        for (line, session) in sessions {
            let played = play(session, programs, &settings, |_| Ok(()));
            match played {
                Ok(_) => report.sessions += 1,
                Err(Stopped::Cancelled) => {
                    report.stopped = true;
                    return Ok(());
                }
                Err(stopped) => record(document, *line, stopped, options.strict, report),
            }
        }
    }
    Ok(())
}

fn record(document: &Document, block: usize, stopped: Stopped, strict: bool, report: &mut Report) {
    match stopped {
        Stopped::Cancelled => {}
        Stopped::Missing(line, program) if !strict => {
            let name = &document.name;
            let notice = format!("{name}:{line}: 这台机器上没有 {program},跳过了这段会话");
            report.notices.push(notice);
        }
        Stopped::Missing(line, program) => {
            let text = format!("这台机器上没有 {program},会话演不了(COURSE_STRICT=1 时不跳过)");
            report.problems.push(Problem::new(document, line, text));
        }
        Stopped::Mismatch(line, text) => {
            let text = format!("{text}\n    会话不会自动重写:先弄清是程序变了,还是讲义错了");
            report.problems.push(Problem::new(document, line, text));
        }
        Stopped::Other(error) => {
            report.problems.push(Problem::new(
                document,
                block,
                format!("会话演不了:{}", with_hint(&error)),
            ));
        }
    }
}
