//! 发件箱:共用的字节怎样分段、怎样写不完,每人收到的都是说给他的,一个字节也不差。

#![allow(clippy::unwrap_used, dead_code)]

#[path = "../src/batch.rs"]
mod batch;
#[path = "../src/members.rs"]
mod members;
#[path = "../src/name.rs"]
mod name;
#[path = "../src/outbox.rs"]
mod outbox;
#[path = "../src/protocol.rs"]
mod protocol;

use std::io::{self, ErrorKind, Write};

use batch::Outboxes;
use outbox::{Flushed, Full, Level, Outbox};
use proptest::prelude::*;

const MEMBERS: usize = 6;
const LIMIT: usize = 4096;

/// 发生的一件事。
#[derive(Debug, Clone)]
enum Step {
    /// 对除了一位以外的每个人说。
    All {
        except: usize,
        text: u8,
        length: usize,
    },
    /// 只对一个人说。
    One { to: usize, text: u8, length: usize },
    /// 一批完了,每人写一次;这次每个人的套接字最多收下这么多字节。
    Settle { room: usize },
    /// 一个人的套接字又可写了。
    Writable { id: usize, room: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (member, text, length) = (0..MEMBERS, b'a'..b'd', 1..40usize);
    let room = prop_oneof![Just(0), 1..100usize, Just(usize::MAX)];
    prop_oneof![
        4 => (0..MEMBERS + 1, text.clone(), length.clone())
            .prop_map(|(except, text, length)| Step::All { except, text, length }),
        1 => (member.clone(), text, length)
            .prop_map(|(to, text, length)| Step::One { to, text, length }),
        1 => room.clone().prop_map(|room| Step::Settle { room }),
        1 => (member, room).prop_map(|(id, room)| Step::Writable { id, room }),
    ]
}

/// 一个套接字,再收下 `room` 个字节就满了。
#[derive(Default)]
struct Socket {
    received: Vec<u8>,
    room: usize,
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        // 一次写最多收下一半:写的人要接着写。
        let length = self.room.min(bytes.len().div_ceil(2));
        self.room -= length;
        self.received.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// 单数的人用分帧:同一句话是另一样字节。
fn encode(id: usize, text: u8, length: usize) -> Vec<u8> {
    match id % 2 {
        0 => [vec![text; length], vec![b'\n']].concat(),
        _ => [vec![0, 0, 0, length as u8], vec![text; length]].concat(),
    }
}

struct Guests {
    outboxes: Outboxes,
    boxes: Vec<Outbox>,
    sockets: Vec<Socket>,
    expected: Vec<Vec<u8>>,
}

impl Guests {
    fn enter() -> Self {
        let outboxes = Outboxes::new(1 << 20);
        let boxes = (0..MEMBERS).map(|id| outboxes.open(id as u64)).collect();
        let sockets = (0..MEMBERS).map(|_| Socket::default()).collect();
        let expected = vec![Vec::new(); MEMBERS];
        Self {
            outboxes,
            boxes,
            sockets,
            expected,
        }
    }

    fn say(&mut self, id: usize, text: u8, length: usize) {
        let bytes = encode(id, text, length);
        self.boxes[id].push(&bytes).unwrap();
        self.expected[id].extend_from_slice(&bytes);
    }

    fn flush(&mut self, id: usize, room: usize) -> Flushed {
        self.sockets[id].room = room;
        let flushed = self.boxes[id].flush(&mut self.sockets[id]).unwrap();
        let all = self.sockets[id].received == self.expected[id];
        assert_eq!(flushed == Flushed::Blocked, !all, "第 {id} 位");
        flushed
    }

    fn settle(&mut self, room: usize) {
        let mut dirty = Vec::new();
        self.outboxes.take_dirty(&mut dirty);
        for id in dirty {
            self.flush(id as usize, room);
        }
        self.outboxes.clear();
    }
}

proptest! {
    #[test]
    fn everybody_gets_what_was_said_to_him(steps in prop::collection::vec(step(), 1..60)) {
        let mut guests = Guests::enter();
        for step in steps {
            match step {
                Step::All { except, text, length } => {
                    for id in (0..MEMBERS).filter(|id| *id != except) {
                        guests.say(id, text, length);
                    }
                }
                Step::One { to, text, length } => guests.say(to, text, length),
                Step::Settle { room } => guests.settle(room),
                Step::Writable { id, room } => {
                    guests.flush(id, room);
                }
            }
        }
        guests.settle(usize::MAX);
        for id in 0..MEMBERS {
            // 以前没有写完的,等到可写。
            guests.flush(id, usize::MAX);
            prop_assert_eq!(&guests.sockets[id].received, &guests.expected[id]);
        }
    }
}

#[test]
fn the_same_line_again_makes_the_batch_heavy() {
    let mut guests = Guests::enter();
    for _ in 0..16 * 1024 / 20 {
        assert!(!guests.outboxes.is_heavy());
        guests.say(0, b'a', 19);
        guests.say(2, b'a', 19);
    }
    guests.say(0, b'a', 19);
    assert!(guests.outboxes.is_heavy());
    guests.settle(usize::MAX);
    assert!(!guests.outboxes.is_heavy());
}

#[test]
fn a_full_outbox_takes_nothing_and_gives_nothing() {
    let outboxes = Outboxes::new(LIMIT);
    let (full, other) = (outboxes.open(1), outboxes.open(2));
    let line = encode(0, b'a', 99);
    for number in 1..=LIMIT / line.len() {
        // 装过一半才知道他在不在收:刚到一半的一秒里,先当他在收。
        let level = match number * line.len() > LIMIT / 2 {
            true => Level::High,
            false => Level::Low,
        };
        assert_eq!(full.push(&line), Ok(level));
    }
    assert_eq!(full.push(&line), Err(Full));
    assert_eq!(full.push(b"b\n"), Err(Full), "作废以后,短的也不收");
    assert_eq!(other.push(&line), Ok(Level::Low));
    let mut socket = Socket {
        room: usize::MAX,
        ..Socket::default()
    };
    assert_eq!(full.flush(&mut socket).unwrap(), Flushed::Finished);
    assert_eq!(socket.received, b"");
}

#[test]
fn what_was_put_in_before_the_end_is_written() {
    let outboxes = Outboxes::new(LIMIT);
    let outbox = outboxes.open(1);
    outbox.push(b"a\n").unwrap();
    outbox.finish();
    assert_eq!(outbox.push(b"b\n"), Err(Full));
    let mut socket = Socket::default();
    assert_eq!(outbox.flush(&mut socket).unwrap(), Flushed::Blocked);
    socket.room = usize::MAX;
    assert_eq!(outbox.flush(&mut socket).unwrap(), Flushed::Finished);
    assert_eq!(socket.received, b"a\n");
}
