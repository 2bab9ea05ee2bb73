//! 讲义里的会话:全部用真的程序演一遍。

use super::Options;
use super::document::{Block, Document};
use super::report::{Problem, Report};
use crate::error::with_hint;
use crate::play::{Settings, Stopped, play};
use crate::programs::Programs;
use crate::session::{self, Place, Session};
use crate::workspace::Workspace;

/// 一段要演的会话。
struct Scene {
    /// 在文件里的行号,从 1 起。
    line: usize,
    place: Place,
    session: Session,
}

/// 一篇讲义里的会话;看不懂的是问题。
fn parse(document: &Document) -> (Vec<Scene>, Vec<Problem>) {
    let is_session = |block: &&Block| block.language == "session";
    let mut scenes = Vec::new();
    let mut problems = Vec::new();
    for block in document.blocks.iter().filter(is_session) {
        let line = block.line;
        let place =
            Place::parse(&block.words).map_err(|message| Problem::new(document, line, message));
        let session = session::parse(&document.body(block), line + 1)
            .map_err(|wrong| Problem::new(document, wrong.line, wrong.message));
        match (place, session) {
            (Ok(place), Ok(session)) => scenes.push(Scene {
                line,
                place,
                session,
            }),
            (place, session) => problems.extend(place.err().into_iter().chain(session.err())),
        }
    }
    (scenes, problems)
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
    let scenes = || parsed.iter().flat_map(|(_, (scenes, _))| scenes);
    programs.prepare(scenes().flat_map(|scene| scene.session.programs()))?;
    let runner = programs.have_runner();
    let experiments = workspace.experiments();
    let settings = Settings {
        deadline: options.deadline,
        cancelled: options.cancelled,
        experiments: experiments.as_deref(),
    };
    for (document, (scenes, problems)) in &parsed {
        report.problems.extend(problems.iter().cloned());
        for scene in scenes {
            if !scene.place.is_here(runner) {
                let place = format!("{}:{}", document.name, scene.line);
                report
                    .notices
                    .push(format!("{place}: 这段会话不在这里演,跳过"));
                continue;
            }
            let played = play(&scene.session, programs, &settings, |_| Ok(()));
            match played {
                Ok(_) => report.sessions += 1,
                Err(Stopped::Cancelled) => {
                    report.stopped = true;
                    return Ok(());
                }
                Err(stopped) => record(document, scene.line, stopped, options.strict, report),
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
