//! 房间、协议、昵称、发件箱的规矩:不用套接字也能检查。

#![allow(clippy::unwrap_used, dead_code)]

#[path = "../src/command.rs"]
mod command;
#[path = "../src/event.rs"]
mod event;
#[path = "../src/history.rs"]
mod history;
#[path = "../src/members.rs"]
mod members;
#[path = "../src/name.rs"]
mod name;
#[path = "../src/outbox.rs"]
mod outbox;
#[path = "../src/protocol.rs"]
mod protocol;
#[path = "../src/room.rs"]
mod room;

use std::time::Instant;

use common::frame::FrameReader;
use event::{Kind, Leaving};
use name::{NameError, Nickname};
use outbox::{Full, Outbox};
use proptest::prelude::*;
use protocol::{Decoder, Fault, MAX_LINE, Way};
use room::{Next, Room};

const LIMIT: usize = 64 * 1024;

/// 房间里的一个人:他的发件箱,和到现在为止他看到的。
struct Guest {
    id: u64,
    way: Way,
    outbox: Outbox,
}

impl Guest {
    fn enter(room: &mut Room, id: u64, name: &str) -> Self {
        Self::enter_with(room, id, name, Way::Lines, LIMIT)
    }

    fn enter_with(room: &mut Room, id: u64, name: &str, way: Way, limit: usize) -> Self {
        let outbox = Outbox::new(limit);
        room.join(id, way, &outbox, name).unwrap();
        Self { id, way, outbox }
    }

    /// 上次以来看到的各行。
    fn seen(&self) -> Vec<String> {
        let mut bytes = Vec::new();
        if self.outbox.len() > 0 {
            self.outbox.take(&mut bytes);
            self.outbox.wrote(bytes.len());
        }
        lines(self.way, &bytes)
    }
}

/// 网线上的字节变回一行行。
fn lines(way: Way, mut bytes: &[u8]) -> Vec<String> {
    if way == Way::Lines {
        let text = str::from_utf8(bytes).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'));
        return text.lines().map(str::to_owned).collect();
    }
    let mut reader = FrameReader::new(protocol::MAX_REPLY);
    let mut lines = Vec::new();
    while let Some(body) = reader.decode(&mut bytes).unwrap() {
        lines.push(String::from_utf8(body.to_vec()).unwrap());
    }
    reader.finish().unwrap();
    lines
}

#[test]
fn a_message_reaches_everybody_else() {
    let mut room = Room::new(20);
    let red = Guest::enter(&mut room, 1, "小红");
    assert_eq!(red.seen(), ["* 欢迎,小红。在场 1 人:小红"]);
    let ming = Guest::enter_with(&mut room, 2, "小明", Way::Frames, LIMIT);
    assert_eq!(ming.seen(), ["* 欢迎,小明。在场 2 人:小红、小明"]);
    assert_eq!(red.seen(), ["* 小明 来了"]);
    assert_eq!(room.receive(1, "你好"), Next::Stay);
    assert_eq!(room.receive(2, "//etc 是什么"), Next::Stay);
    assert_eq!(room.receive(2, "\u{1b}[2J清屏\n换行"), Next::Stay);
    assert_eq!(ming.seen(), ["小红:你好"]);
    assert_eq!(
        red.seen(),
        ["小明:/etc 是什么", "小明:\\u{1b}[2J清屏\\n换行"]
    );
    let late = Guest::enter(&mut room, 3, "晚");
    assert_eq!(
        late.seen(),
        [
            "* 欢迎,晚。在场 3 人:小红、小明、晚",
            "* 以前的话:",
            "小红:你好",
            "小明:/etc 是什么",
            "小明:\\u{1b}[2J清屏\\n换行",
            "* 以上是以前的话"
        ]
    );
}

#[test]
fn commands() {
    let mut room = Room::new(0);
    let tom = Guest::enter(&mut room, 1, "Tom");
    let ann = Guest::enter(&mut room, 2, "Ann");
    let bob = Guest::enter(&mut room, 3, "Bob");
    for guest in [&tom, &ann, &bob] {
        guest.seen();
    }
    let cases = [
        ("/who", "* 在场 3 人:Tom、Ann、Bob"),
        ("/who 什么", "* 在场 3 人:Tom、Ann、Bob"),
        ("/msg", "! 用法:/msg 昵称 文字"),
        ("/msg ann", "! 用法:/msg 昵称 文字"),
        ("/msg ann  ", "! 用法:/msg 昵称 文字"),
        ("/msg 谁 在吗", "! 没有叫「谁」的人"),
        ("/nick", "! 用法:/nick 新昵称"),
        ("/nick ANN", "! 昵称「ANN」已经有人用了"),
        ("/nick a b", "! 昵称里不能有空格"),
        ("/nick a/b", "! 昵称里不能有「/」"),
        ("/foo 1", "! 没有 /foo 这个命令,/help 看有哪些"),
        ("/", "! 没有 / 这个命令,/help 看有哪些"),
    ];
    for (line, answer) in cases {
        assert_eq!(room.receive(1, line), Next::Stay);
        assert_eq!(tom.seen(), [answer], "{line}");
    }
    assert_eq!(room.receive(1, "/help"), Next::Stay);
    assert_eq!(tom.seen().len(), command::HELP.len());
    assert!(ann.seen().is_empty() && bob.seen().is_empty());

    assert_eq!(room.receive(1, "/msg  ann  你 好 "), Next::Stay);
    assert_eq!(tom.seen(), ["[私聊] 发给 Ann:你 好 "]);
    assert_eq!(ann.seen(), ["[私聊] Tom:你 好 "]);
    assert!(bob.seen().is_empty());

    assert_eq!(room.receive(1, "/nick TOM"), Next::Stay);
    assert_eq!(room.receive(1, "/nick 汤姆"), Next::Stay);
    assert_eq!(ann.seen(), ["* Tom 改名为 TOM", "* TOM 改名为 汤姆"]);
    assert_eq!(room.receive(2, "/nick tom"), Next::Stay);
    assert_eq!(room.receive(1, "/quit"), Next::Leave);
    bob.seen();
    room.leave(1, Leaving::Quit);
    room.leave(1, Leaving::Broken);
    assert_eq!(bob.seen(), ["* 汤姆 走了"]);
    assert_eq!(room.receive(1, "我还在吗"), Next::Leave);
    assert!(bob.seen().is_empty());
    let again = Guest::enter(&mut room, 4, "汤姆");
    assert_eq!(again.seen(), ["* 欢迎,汤姆。在场 3 人:tom、Bob、汤姆"]);
}

#[test]
fn a_member_whose_outbox_is_full_leaves() {
    let mut room = Room::new(20);
    let fast = Guest::enter(&mut room, 1, "快");
    let slow = Guest::enter_with(&mut room, 2, "慢", Way::Frames, 1000);
    let stuck = Guest::enter_with(&mut room, 3, "停", Way::Lines, 1000);
    let talker = Guest::enter(&mut room, 4, "说");
    let text = "话".repeat(100);
    // 「慢」刚才还在收,发件箱过了一半时,说话的人歇一下等他;从来不收的「停」,等也没有用。
    slow.seen();
    let expected = [Next::Stay, Next::Pause, Next::Pause, Next::Stay, Next::Stay];
    let told = [(); 5].map(|()| room.receive(4, &text));
    assert_eq!(told, expected);
    let seen = fast.seen();
    assert_eq!(
        seen.iter()
            .filter(|line| *line == "* 慢 掉线了:收得太慢")
            .count(),
        1
    );
    assert_eq!(
        seen.iter()
            .filter(|line| *line == "* 停 掉线了:收得太慢")
            .count(),
        1
    );
    assert_eq!(
        seen.iter().filter(|line| line.starts_with("说:")).count(),
        5
    );
    assert_eq!(talker.seen().len(), 3);
    assert_eq!(slow.outbox.push(b"x"), Err(Full));
    assert_eq!(stuck.outbox.len(), 0);
    assert_eq!(room.receive(2, "我来了"), Next::Leave);
    let gone: Vec<_> = room
        .take_events()
        .into_iter()
        .filter(|event| event.kind == Kind::Left(Leaving::Slow))
        .collect();
    assert_eq!(
        gone.iter().map(|event| event.id).collect::<Vec<_>>(),
        [3, 2]
    );
    assert_eq!(room.receive(4, "/who"), Next::Stay);
    assert_eq!(talker.seen(), ["* 在场 2 人:快、说"]);
}

#[test]
fn a_closed_room_listens_to_nobody() {
    let mut room = Room::new(20);
    let one = Guest::enter(&mut room, 1, "一");
    let two = Guest::enter(&mut room, 2, "二");
    room.receive(2, "再见");
    room.close();
    assert_eq!(room.receive(2, "还有一句"), Next::Leave);
    room.leave(2, Leaving::Quit);
    assert_eq!(
        one.seen()[1..],
        ["* 二 来了", "二:再见", "* 服务器要关闭了"]
    );
    assert_eq!(one.outbox.push(b"x"), Err(Full));
    assert!(!two.outbox.take(&mut Vec::new()) || two.outbox.len() > 0);
    let refused = room.join(3, Way::Lines, &Outbox::new(LIMIT), "三");
    assert_eq!(refused, Err("* 服务器要关闭了".to_owned()));
}

#[test]
fn long_rolls_and_histories_fit() {
    let mut room = Room::new(usize::MAX);
    let first = Guest::enter_with(&mut room, 0, "零", Way::Lines, usize::MAX);
    for _ in 0..20_000 {
        room.receive(0, "a");
    }
    for id in 1..500 {
        Guest::enter_with(&mut room, id, &format!("第{id}位"), Way::Frames, usize::MAX);
    }
    // 最长的一行:每个字节都要换成六个。
    room.receive(0, &"\u{1b}".repeat(MAX_LINE));
    first.seen();
    let late = Guest::enter(&mut room, 500, "晚");
    let seen = late.seen();
    assert!(seen[0].starts_with("* 欢迎,晚。在场 501 人:零、第1位、") && seen[0].ends_with("……"));
    assert!(seen.iter().all(|line| line.len() <= protocol::MAX_REPLY));
    assert_eq!(seen.last().unwrap(), "* 以上是以前的话");
}

#[test]
fn names() {
    for good in [
        "a",
        " 小明 ",
        "Tom_1",
        "八个汉字八个汉字",
        "😀",
        "한국",
        "Zoë",
    ] {
        assert!(Nickname::new(good).is_ok(), "{good}");
    }
    assert_eq!(Nickname::new(" \t"), Err(NameError::Empty));
    assert_eq!(
        Nickname::new("九个汉字九个汉字九"),
        Err(NameError::TooWide(18))
    );
    let bad = "\u{0}\u{7f}\u{85}\u{a0}\u{ad}\u{300}\u{115f}\u{180e}\u{200b}\u{200d}\u{200e}\u{2028}\u{202e}\
               \u{2060}\u{2066}\u{2800}\u{3000}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{e0041}\u{61c}\
               :*!/[]、,\u{ff1a}\u{ff0c}";
    for character in bad.chars() {
        let name = format!("小{character}明");
        assert_eq!(
            Nickname::new(&name),
            Err(NameError::Forbidden(character)),
            "{character:?}"
        );
    }
    assert_eq!(
        Nickname::new("TOM").unwrap().key(),
        Nickname::new("tom").unwrap().key()
    );
}

#[test]
fn an_outbox_gives_what_it_got_and_then_ends() {
    let outbox = Outbox::new(10);
    outbox.push(b"12345").unwrap();
    let mut taken = Vec::new();
    assert!(outbox.take(&mut taken));
    assert_eq!(taken, b"12345");
    outbox.wrote(5);
    outbox.push(b"12345").unwrap();
    assert!(outbox.take(&mut taken));
    // 正在写的也算。
    outbox.push(b"67890").unwrap();
    assert_eq!(outbox.len(), 10);
    assert!(outbox.take(&mut taken));
    outbox.push(b"abc").unwrap();
    outbox.finish();
    assert_eq!(outbox.push(b"d"), Err(Full));
    assert!(outbox.take(&mut taken));
    assert_eq!(taken, b"abc");
    assert!(!outbox.take(&mut taken));
    outbox.done();
    outbox.wait_done(Instant::now());

    let full = Outbox::new(10);
    full.push(b"12345").unwrap();
    assert_eq!(full.push(b"678901"), Err(Full));
    assert_eq!(full.push(b"6"), Err(Full), "中间缺了一行,以后的也不要了");
    assert!(!full.take(&mut taken));
}

/// 一次一段地解码,直到出错。
fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<String>, Option<Fault>) {
    let mut decoder = Decoder::default();
    let mut seen = Vec::new();
    for mut piece in pieces {
        loop {
            match decoder.decode(&mut piece) {
                Ok(Some(received)) => seen.push(format!("{received:?}")),
                Ok(None) => break,
                Err(fault) => return (seen, Some(fault)),
            }
        }
        assert!(piece.is_empty());
    }
    seen.extend(decoder.finish().map(|received| format!("{received:?}")));
    (seen, None)
}

#[test]
fn lines_and_frames() {
    let whole = |bytes: &[u8]| decode(std::iter::once(bytes));
    let long = "x".repeat(MAX_LINE);
    let input = format!("\n\r\n小明\r\n{long}\n{long}\r\n{long}y\n{long}\r\r\nz\na\rb\nend");
    let expected = [
        "Line(\"小明\")".to_owned(),
        format!("Line({long:?})"),
        format!("Line({long:?})"),
        "TooLong".to_owned(),
        "TooLong".to_owned(),
        "Line(\"z\")".to_owned(),
        "Line(\"a\\rb\")".to_owned(),
        "Line(\"end\")".to_owned(),
    ];
    assert_eq!(whole(input.as_bytes()), (expected.to_vec(), None));
    assert_eq!(whole(b"a\xff\nb\n").0, ["NotUtf8", "Line(\"b\")"]);
    assert_eq!(whole(b""), (vec![], None));

    let mut frames = Vec::new();
    protocol::encode("小明", Way::Frames, &mut frames);
    frames.extend_from_slice(protocol::HEARTBEAT_FRAME);
    frames.extend_from_slice(b"\0\0\0\x01\xff\0\0\x10\x01");
    let (seen, fault) = whole(&frames);
    assert_eq!(seen, ["Line(\"小明\")", "Heartbeat", "NotUtf8"]);
    assert_eq!(fault, Some(Fault));
    assert_eq!(whole(b"\0\0\0\x05half"), (vec![], None));
}

proptest! {
    /// 字节怎样切开都一样。
    #[test]
    fn pieces_do_not_matter(
        first in prop::sample::select(vec![0u8, b'a', b'\n']),
        parts in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..20),
                Just(vec![0, 0, 0, 0]),
                Just(vec![0, 0, 0, 1, b'x']),
                Just(b"\r\n".to_vec()),
                (4090usize..4100).prop_map(|length| vec![b'y'; length]),
                (4090u32..4100).prop_map(|length| {
                    let mut frame = length.to_be_bytes().to_vec();
                    frame.resize(4 + length as usize, b'z');
                    frame
                }),
            ],
            0..12,
        ),
        size in 1usize..5000,
    ) {
        let mut bytes = vec![first];
        bytes.extend(parts.concat());
        let whole = decode(std::iter::once(&bytes[..]));
        prop_assert_eq!(&whole, &decode(bytes.chunks(1)));
        prop_assert_eq!(&whole, &decode(bytes.chunks(size)));
    }

    /// 显示的每一行里没有会动屏幕的字符。
    #[test]
    fn clean_text_is_one_line(text in any::<String>()) {
        let shown = name::clean(&text);
        prop_assert!(!shown.contains(char::is_control));
        let moving = ['\u{2028}', '\u{2029}', '\u{202e}'];
        prop_assert!(!shown.contains(moving));
        prop_assert_eq!(name::clean(&shown), shown.as_ref());
        prop_assert!(shown.len() <= 6 * text.len());
    }

    /// 昵称换成别的写法仍是昵称,不会变成命令或者通知。
    #[test]
    fn good_names_are_harmless(text in any::<String>()) {
        if let Ok(name) = Nickname::new(&text) {
            let name = name.to_string();
            prop_assert!(!name.contains([':', ' ', '\n']) && !name.starts_with(['*', '!', '[', '/']));
            prop_assert!(name.len() <= 4 * name::MAX_COLUMNS);
        }
    }
}
