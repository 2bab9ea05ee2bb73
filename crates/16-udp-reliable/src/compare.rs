//! 比较三种方式:在虚拟的时间里,各种丢失率下各传十次,打印一张表,画一张图。

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use crate::chart::{self, Curve};
use crate::cli;
use crate::link::Conditions;
use crate::packet::MAX_CONTENT;
use crate::sender::{Mode, Outcome, Settings};
use crate::simulation::{self, Report, Scene};

/// 比较这些丢失率。
const LOSSES: [u8; 9] = [0, 1, 2, 5, 10, 15, 20, 25, 30];

/// 每种情形传这么多次,种子各不相同:一次的运气不算数。
const TRIALS: u64 = 10;

/// 传的文件正好 200 个报文,表里的重传数好比。
const FILE: usize = 200 * MAX_CONTENT;

/// 接收方替应用留着这么多个报文:比窗口大,不让它成为瓶颈。
const CAPACITY: u32 = 1024;

/// 对方这么久没有音讯才算走了:虚拟的时间等得起,最慢的链路也传得完。
const PATIENCE: Duration = Duration::from_secs(600);

/// 三种方式,和它们在表里、图里的名字。
const MODES: [(Mode, &str); 3] = [
    (Mode::StopAndWait, "stop-and-wait"),
    (Mode::GoBackN, "go-back-n"),
    (Mode::SelectiveRepeat, "selective-repeat"),
];

/// 比较的命令行。
#[derive(Debug, Args)]
pub struct Options {
    /// 最多几个报文同时在路上,1 到 1024(停等总是 1)
    #[arg(long, value_name = "N", default_value_t = 32,
          value_parser = clap::value_parser!(u32).range(1..=1024))]
    window: u32,

    /// 单程的延迟,0 到 5000 毫秒
    #[arg(long, value_name = "毫秒", default_value_t = 10,
          value_parser = clap::value_parser!(u16).range(..=5_000))]
    delay: u16,

    /// 每秒最多通过多少字节;0 是不限
    #[arg(long, value_name = "字节数", default_value_t = 1_000_000)]
    rate: u32,

    /// 第一次的种子;以后每次加 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// 把图画到这个文件里
    #[arg(long, value_name = "文件")]
    svg: Option<PathBuf>,
}

/// 打印表;给了 `--svg` 就画图。
pub fn run(setup: &Options) -> anyhow::Result<()> {
    cli::print_line(format_args!(
        "{} 字节 × {TRIALS} 次,单程 {} 毫秒,窗口 {} 个报文;每行是一次的平均",
        FILE, setup.delay, setup.window
    ))?;
    cli::print_line("丢失  方式              有效速率 KB/s    发出    重传  无用的重复  早到丢弃")?;
    let mut curves = MODES.map(|(_, name)| Curve::new(name));
    for loss in LOSSES {
        for ((mode, name), curve) in MODES.iter().zip(&mut curves) {
            let average = average(setup, *mode, loss)?;
            curve.add(f64::from(loss), average.goodput);
            cli::print_line(average.row(loss, name))?;
        }
    }
    if let Some(path) = &setup.svg {
        let picture = chart::draw(&curves);
        std::fs::write(path, picture).with_context(|| format!("写 {} 失败", path.display()))?;
    }
    Ok(())
}

/// 几次传输的平均。
struct Average {
    goodput: f64,
    sent: f64,
    resent: f64,
    duplicates: f64,
    dropped: f64,
}

impl Average {
    fn row(&self, loss: u8, name: &str) -> String {
        let Self {
            goodput,
            sent,
            resent,
            duplicates,
            dropped,
        } = self;
        format!(
            "{loss:>3}%  {name:<16}  {goodput:>13.1}  {sent:>6.0}  {resent:>6.0}  {duplicates:>10.1}  {dropped:>8.1}"
        )
    }
}

fn average(setup: &Options, mode: Mode, loss: u8) -> anyhow::Result<Average> {
    let file = vec![b'x'; FILE];
    let mut reports = Vec::new();
    for trial in 0..TRIALS {
        let scene = scene(setup, mode, loss, setup.seed.wrapping_add(trial));
        let report = simulation::transfer(&scene, &file, |_, _| {});
        if report.outcome != Outcome::Done || report.received != file {
            let text = format!("种子 {} 的这一次没有传完整", scene.seed);
            let hint = "链路慢得几乎不通:--rate 大一点,--delay 小一点".to_owned();
            return Err(cli::Hinted { text, hint }.into());
        }
        reports.push(report);
    }
    let mean =
        |value: fn(&Report) -> f64| reports.iter().map(value).sum::<f64>() / reports.len() as f64;
    Ok(Average {
        // 总的字节数除以总的时间。
        goodput: FILE as f64 / 1000.0 / mean(|report| report.took.as_secs_f64()),
        sent: mean(|report| report.counts.sent as f64),
        resent: mean(|report| report.counts.resent as f64),
        duplicates: mean(|report| report.waste.duplicates as f64),
        dropped: mean(|report| report.waste.dropped as f64),
    })
}

fn scene(setup: &Options, mode: Mode, loss: u8, seed: u64) -> Scene {
    Scene {
        settings: Settings {
            mode,
            window: setup.window,
            patience: PATIENCE,
        },
        conditions: Conditions {
            loss,
            duplicate: 0,
            reorder: 0,
            damage: 0,
            delay: setup.delay,
            rate: setup.rate,
        },
        seed,
        capacity: CAPACITY,
        pace: Duration::ZERO,
    }
}
