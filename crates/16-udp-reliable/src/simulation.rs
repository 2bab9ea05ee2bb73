//! 在虚拟的时间里传一次:没有套接字,没有等待,时钟直接拨到下一件事。

use std::time::Duration;

use crate::content::{Open, Reason, Verdict};
use crate::flights::Counts;
use crate::link::{Conditions, Link};
use crate::packet::{Kind, MAX_CONTENT, Packet};
use crate::receiver::{Piece, Receiver, Waste};
use crate::sender::{Outcome, Sender, Settings};

/// 一次传输的场景。
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// 发送方怎么发。
    pub settings: Settings,
    /// 两个方向的链路有多坏。
    pub conditions: Conditions,
    /// 种子。
    pub seed: u64,
    /// 接收方替应用留着几个报文。
    pub capacity: u32,
    /// 接收方的应用隔这么久才取走一个;0 是马上取走。
    pub pace: Duration,
}

/// 传完以后。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// 结局。
    pub outcome: Outcome,
    /// 接收方得到的文件。
    pub received: Vec<u8>,
    /// 用了多久(虚拟的时间)。
    pub took: Duration,
    /// 发送方数的。
    pub counts: Counts,
    /// 接收方收到却没有用的。
    pub waste: Waste,
}

/// 传一次 `file`。每个数据报离开发送方时,`watch` 都看一眼(测试用它核对规矩)。
pub fn transfer(scene: &Scene, file: &[u8], watch: impl FnMut(Duration, &Packet)) -> Report {
    let mut simulation = Simulation::new(scene, file, watch);
    while simulation.sender.outcome().is_none() {
        simulation.step();
    }
    simulation.report()
}

struct Simulation<'a, W> {
    now: Duration,
    sender: Sender,
    /// 文件里还没有交给发送方的。
    unsent: &'a [u8],
    checksum: u32,
    up: Link<()>,
    down: Link<()>,
    far: Far,
    watch: W,
}

impl<'a, W: FnMut(Duration, &Packet)> Simulation<'a, W> {
    fn new(scene: &Scene, file: &'a [u8], watch: W) -> Self {
        let now = Duration::ZERO;
        let size = file.len() as u64;
        Self {
            now,
            sender: Sender::new(now, 1, scene.settings, size, "file"),
            unsent: file,
            checksum: crc32fast::hash(file),
            // 两个方向各掷各的骰子。
            up: Link::new(scene.conditions, scene.seed.wrapping_mul(2)),
            down: Link::new(scene.conditions, scene.seed.wrapping_mul(2).wrapping_add(1)),
            far: Far::new(scene),
            watch,
        }
    }

    /// 把现在该发生的都做完,再把时钟拨到下一件事。
    fn step(&mut self) {
        while let Some(((), datagram)) = self.up.receive(self.now) {
            self.far.receive(self.now, &datagram);
        }
        self.far.take(self.now);
        for datagram in self.far.outbox.drain(..) {
            self.down.send(self.now, (), &datagram);
        }
        while let Some(((), datagram)) = self.down.receive(self.now) {
            if let Some(packet) = Packet::decode(&datagram) {
                self.sender.receive(self.now, &packet);
            }
        }
        self.sender.tick(self.now);
        self.fill();
        while let Some(datagram) = self.sender.transmit() {
            if let Some(packet) = Packet::decode(&datagram) {
                (self.watch)(self.now, &packet);
            }
            self.up.send(self.now, (), &datagram);
        }
        let events = [self.up.due(), self.down.due(), self.far.due()];
        let next = events.into_iter().flatten().min();
        self.now = next.map_or(self.sender.deadline(), |next| {
            next.min(self.sender.deadline())
        });
    }

    fn fill(&mut self) {
        while self.sender.wants() {
            let (content, rest) = self.unsent.split_at(self.unsent.len().min(MAX_CONTENT));
            match content {
                [] => self.sender.finish(self.now, self.checksum),
                content => self.sender.push(self.now, content),
            }
            self.unsent = rest;
        }
    }

    fn report(self) -> Report {
        Report {
            outcome: self.sender.outcome().unwrap_or(Outcome::Gone),
            received: self.far.file,
            took: self.now,
            counts: self.sender.counts(),
            waste: self.far.receiver.map_or(Waste::default(), |one| one.waste),
        }
    }
}

/// 链路的另一头:接收方和它的应用。
struct Far {
    capacity: u32,
    pace: Duration,
    receiver: Option<Receiver>,
    verdict: Option<Vec<u8>>,
    file: Vec<u8>,
    next_take: Duration,
    outbox: Vec<Vec<u8>>,
}

impl Far {
    fn new(scene: &Scene) -> Self {
        Self {
            capacity: scene.capacity,
            pace: scene.pace,
            receiver: None,
            verdict: None,
            file: Vec::new(),
            next_take: Duration::ZERO,
            outbox: Vec::new(),
        }
    }

    fn receive(&mut self, now: Duration, datagram: &[u8]) {
        let Some(packet) = Packet::decode(datagram) else {
            return;
        };
        match (&mut self.receiver, Open::decode(packet.content)) {
            _ if self.verdict.is_some() => self.outbox.extend(self.verdict.clone()),
            (Some(receiver), _) => receiver.receive(now, &packet),
            (none, Some(open)) if packet.kind == Kind::Open => {
                let keep_early = open.keep_early;
                *none = Some(Receiver::new(now, &packet, keep_early, self.capacity));
            }
            _ => {}
        }
    }

    /// 应用按自己的快慢取走到齐的。
    fn take(&mut self, now: Duration) {
        let Some(receiver) = &mut self.receiver else {
            return;
        };
        while now >= self.next_take {
            match receiver.take() {
                None => break,
                Some(Piece::Data(content)) => self.file.extend(content),
                Some(Piece::End(checksum)) => {
                    let verdict = match checksum == crc32fast::hash(&self.file) {
                        true => Verdict::Done,
                        false => Verdict::Refused(Reason::Mismatch),
                    };
                    self.verdict = Some(verdict.encode(receiver.session()));
                    self.outbox.extend(self.verdict.clone());
                }
            }
            self.next_take = now + self.pace;
        }
        self.outbox
            .extend(std::iter::from_fn(|| receiver.transmit()));
    }

    /// 应用下一次什么时候来取;没有可取的就是 `None`。
    fn due(&self) -> Option<Duration> {
        let receiver = self.receiver.as_ref()?;
        receiver.is_ready().then_some(self.next_take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sender::Mode;

    const MODES: [Mode; 3] = [Mode::StopAndWait, Mode::GoBackN, Mode::SelectiveRepeat];

    const SEEDS: u64 = 200;

    const PERFECT: Conditions = Conditions {
        loss: 0,
        duplicate: 0,
        reorder: 0,
        damage: 0,
        delay: 10,
        rate: 1_000_000,
    };

    const BAD: Conditions = Conditions {
        loss: 30,
        duplicate: 10,
        reorder: 20,
        ..PERFECT
    };

    fn scene(mode: Mode, conditions: Conditions, seed: u64) -> Scene {
        Scene {
            settings: Settings {
                mode,
                window: 32,
                patience: Duration::from_secs(30),
            },
            conditions,
            seed,
            capacity: 64,
            pace: Duration::ZERO,
        }
    }

    /// 一个文件,长度和内容随种子而变;各种边界都有。
    fn file(seed: u64) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(seed);
        let length = match seed {
            0 => 0,
            1 => 1,
            2 => MAX_CONTENT - 1,
            3 => MAX_CONTENT,
            4 => MAX_CONTENT + 1,
            5 => 32 * MAX_CONTENT,
            _ => random.usize(..50_000),
        };
        std::iter::repeat_with(|| random.u8(..))
            .take(length)
            .collect()
    }

    fn arrives_whole(scene: &Scene) {
        let file = file(scene.seed);
        let report = transfer(scene, &file, |_, _| {});
        let outcome = report.outcome;
        assert_eq!(outcome, Outcome::Done, "{scene:?}");
        assert!(report.received == file, "{scene:?} 收到的文件不一样");
    }

    #[test]
    fn every_seed_arrives_whole_over_a_bad_link() {
        for seed in 0..SEEDS {
            for mode in MODES {
                arrives_whole(&scene(mode, BAD, seed));
            }
        }
    }

    #[test]
    fn damage_is_only_another_kind_of_loss() {
        let conditions = Conditions { damage: 20, ..BAD };
        for seed in 0..30 {
            for mode in MODES {
                arrives_whole(&scene(mode, conditions, seed));
            }
        }
    }

    #[test]
    fn a_slow_receiver_over_a_bad_link_gets_it_whole_too() {
        for seed in 0..30 {
            for mode in MODES {
                let mut scene = scene(mode, BAD, seed);
                scene.capacity = 3;
                scene.pace = Duration::from_millis(50);
                arrives_whole(&scene);
            }
        }
    }

    #[test]
    fn the_window_of_a_slow_receiver_is_never_exceeded() {
        for mode in MODES {
            let mut scene = scene(mode, PERFECT, 1);
            scene.capacity = 4;
            scene.pace = Duration::from_millis(100);
            let file = vec![1; 60 * MAX_CONTENT];
            let report = transfer(&scene, &file, |now, packet| {
                // 到现在应用至多取走了这么多个;编号从 1 起,问一声的不占编号。
                let taken = now.as_millis() / scene.pace.as_millis() + 1;
                let allowed = taken + u128::from(scene.capacity);
                let asks = packet.kind == Kind::Probe;
                assert!(asks || u128::from(packet.number) <= allowed, "{packet:?}");
            });
            assert!(report.received == file);
            assert_eq!(
                (report.waste.dropped, report.counts.resent),
                (0, 0),
                "{mode:?}"
            );
            // 快慢由接收方的应用定:60 个,每 100 毫秒取一个。
            assert!(
                (5_900..6_500).contains(&report.took.as_millis()),
                "用了 {:?}",
                report.took
            );
        }
    }

    #[test]
    fn a_perfect_link_needs_no_retransmission() {
        let file = vec![1; 100 * MAX_CONTENT];
        for mode in MODES {
            let report = transfer(&scene(mode, PERFECT, 1), &file, |_, _| {});
            // 开始、100 段、结束。
            assert_eq!((report.counts.sent, report.counts.resent), (102, 0));
            assert_eq!(report.waste, Waste::default());
        }
    }

    #[test]
    fn a_link_slower_than_the_longest_back_off_gets_it_whole_too() {
        // 往返十秒多,每秒只过得去一个报文。
        let slow = Conditions {
            delay: 5_000,
            rate: 1_300,
            ..PERFECT
        };
        let file = vec![1; 20 * MAX_CONTENT];
        for mode in MODES {
            let report = transfer(&scene(mode, slow, 1), &file, |_, _| {});
            assert_eq!(report.outcome, Outcome::Done, "{mode:?}");
            assert!(report.received == file);
            // 只有还没有测过往返时间的第一个报文,才会白白重传。
            assert!(report.counts.resent < 20, "{mode:?} {:?}", report.counts);
        }
    }

    #[test]
    fn a_dead_link_is_given_up_after_the_patience() {
        let dead = Conditions {
            loss: 100,
            ..PERFECT
        };
        for mode in MODES {
            let report = transfer(&scene(mode, dead, 1), b"x", |_, _| {});
            assert_eq!(report.outcome, Outcome::Gone);
            assert_eq!(report.took, Duration::from_secs(30));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_transfer() {
        for mode in MODES {
            let run = |seed| transfer(&scene(mode, BAD, seed), &file(9), |_, _| {});
            assert_eq!(run(9), run(9));
            assert_ne!(run(9).took, run(10).took);
        }
    }

    #[test]
    fn each_mode_is_faster_than_the_one_before_when_packets_are_lost() {
        let lossy = Conditions {
            loss: 10,
            ..PERFECT
        };
        let file = vec![1; 200 * MAX_CONTENT];
        let took = MODES.map(|mode| {
            let trials = (1..=10).map(|seed| scene(mode, lossy, seed));
            trials
                .map(|scene| transfer(&scene, &file, |_, _| {}).took)
                .sum::<Duration>()
        });
        assert!(took[0] > took[1] && took[1] > took[2], "{took:?}");
    }
}
