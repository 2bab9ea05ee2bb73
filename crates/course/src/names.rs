//! 阶段的叫法:`udp-echo`、`13`、`13-udp-echo` 都行;打错了,提示最像的一个。

use crate::error::usage;
use crate::ladder::{Ladder, Stage};

/// 相似度低于这个数就不猜了:乱猜比不猜更误导人。
const LIKELY: f64 = 0.6;

/// 名字说的是哪个阶段。目录(`crates/13-udp-echo/`,按 Tab 补全出来的)也算名字。
///
/// # Errors
/// 没有叫这个名字的阶段;提示里有最像的一个。
pub fn find<'a>(ladder: &'a Ladder, name: &str) -> anyhow::Result<&'a Stage> {
    let wanted = name.trim_end_matches(['/', '\\']);
    let wanted = wanted.strip_prefix("crates/").unwrap_or(wanted);
    let found = ladder.stages.iter().find(|stage| {
        stage.package == wanted
            || stage.directory == wanted
            || wanted
                .parse()
                .is_ok_and(|number: u32| number == stage.number)
    });
    found.ok_or_else(|| {
        let hint = match nearest(ladder, wanted) {
            Some(stage) => format!("是不是 {}?", stage.package),
            None => "cargo course list 列出全部阶段".to_owned(),
        };
        usage(format!("没有叫 {name} 的阶段"), hint)
    })
}

fn nearest<'a>(ladder: &'a Ladder, wanted: &str) -> Option<&'a Stage> {
    ladder
        .stages
        .iter()
        .map(|stage| {
            let package = strsim::jaro_winkler(wanted, &stage.package);
            let directory = strsim::jaro_winkler(wanted, &stage.directory);
            (stage, package.max(directory))
        })
        .filter(|(_, likeness)| *likeness >= LIKELY)
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .map(|(stage, _)| stage)
}
