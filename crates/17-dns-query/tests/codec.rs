//! 编码与解码:任何报文写成字节再读,还是它;任何字节都读不崩。

// 测试里的 unwrap 就是断言;只用到这些模块的一部分。
#![allow(clippy::unwrap_used, dead_code)]

#[path = "../src/message.rs"]
mod message;
#[path = "../src/name.rs"]
mod name;
#[path = "../src/question.rs"]
mod question;
#[path = "../src/record.rs"]
mod record;
#[path = "../src/show.rs"]
mod show;
#[path = "../src/wire.rs"]
mod wire;

use std::time::{Duration, Instant};

use message::Message;
use name::{MAX_LABEL, MAX_NAME, Name};
use proptest::collection::vec;
use proptest::prelude::*;
use question::Question;
use record::{CLASS_IN, Data, Record, kind};
use wire::{Reader, Writer};

fn named(text: &str) -> Name {
    let mut name = Name::root();
    for label in text.split('.').filter(|label| !label.is_empty()) {
        name.push(label.as_bytes()).unwrap();
    }
    name
}

/// 标签少而短,后缀才常常相同,指针才常常用到;偶尔有很长的。
fn any_name() -> impl Strategy<Value = Name> {
    let label = prop_oneof![
        9 => vec(prop::sample::select(b"abAB.\\\0\xff".to_vec()), 1..3),
        1 => vec(any::<u8>(), 1..=MAX_LABEL),
    ];
    vec(label, 0..5).prop_map(|labels| {
        let mut name = Name::root();
        for label in labels {
            // 超过 255 字节的就到此为止。
            if name.push(&label).is_err() {
                break;
            }
        }
        name
    })
}

fn any_data() -> impl Strategy<Value = Data> {
    let known = [1, 2, 5, 6, 12, 15, 16, 28];
    let other = any::<u16>().prop_filter("认识的类型有自己的格式", move |kind| {
        !known.contains(kind)
    });
    prop_oneof![
        any::<[u8; 4]>().prop_map(|octets| Data::A(octets.into())),
        any::<[u8; 16]>().prop_map(|octets| Data::Aaaa(octets.into())),
        any_name().prop_map(Data::Ns),
        any_name().prop_map(Data::Cname),
        any_name().prop_map(Data::Ptr),
        (any::<u16>(), any_name()).prop_map(|(preference, name)| Data::Mx(preference, name)),
        vec(vec(any::<u8>(), 0..=255), 0..4).prop_map(Data::Txt),
        (any_name(), any_name(), any::<[u32; 5]>()).prop_map(|(a, b, n)| Data::Soa(a, b, n)),
        (other, vec(any::<u8>(), 0..40)).prop_map(|(kind, bytes)| Data::Other(kind, bytes)),
    ]
}

fn any_record() -> impl Strategy<Value = Record> {
    (any_name(), any::<u32>(), any_data()).prop_map(|(name, ttl, data)| Record {
        name,
        class: CLASS_IN,
        ttl,
        data,
    })
}

fn any_question() -> impl Strategy<Value = Question> {
    (any_name(), any::<u16>(), any::<u16>()).prop_map(|(name, kind, class)| Question {
        name,
        kind,
        class,
    })
}

fn any_message() -> impl Strategy<Value = Message> {
    let section = || vec(any_record(), 0..6);
    let head = (any::<u16>(), any::<u16>(), vec(any_question(), 0..2));
    (head, section(), section(), section()).prop_map(
        |((id, flags, questions), answers, authorities, additionals)| Message {
            id,
            flags,
            questions,
            answers,
            authorities,
            additionals,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn decode_undoes_encode(message in any_message()) {
        let bytes = message.encode().unwrap();
        prop_assert_eq!(Message::decode(&bytes), Ok(message));
    }

    #[test]
    fn any_bytes_decode_or_fail(bytes in vec(any::<u8>(), 0..600)) {
        let _ = Message::decode(&bytes);
    }

    /// 真的报文改动几个字节:比随意的字节走得更深。读得懂的,写出来再读还是它,也显示得出来。
    #[test]
    fn damaged_messages_decode_or_fail(
        message in any_message(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = message.encode().unwrap();
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            if let Ok(decoded) = Message::decode(bytes) {
                let again = decoded.encode().unwrap();
                prop_assert_eq!(&Message::decode(&again).unwrap(), &decoded);
                for record in &decoded.answers {
                    let shown = record.to_string();
                    prop_assert!(!shown.chars().any(char::is_control), "{:?}", shown);
                }
            }
        }
    }

    #[test]
    fn names_keep_their_bytes(name in any_name()) {
        let mut writer = Writer::default();
        // 前面有 12 字节的头。
        writer.message.resize(12, 0);
        name.encode(&mut writer).unwrap();
        let mut reader = Reader::new(&writer.message, 12);
        prop_assert_eq!(&Name::decode(&mut reader).unwrap(), &name);
        prop_assert_eq!(reader.left(), 0);
        prop_assert!(writer.message.len() - 12 <= MAX_NAME);
    }
}

/// 只有一个 A 记录的回答,问题是 `example`,记录的域名是 `owner`。
fn reply(owner: &[u8]) -> Vec<u8> {
    let header = [0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];
    let question = b"\x07example\0\0\x01\0\x01";
    let record = b"\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01";
    [&header[..], question, owner, record].concat()
}

/// 出错的位置和说法。
fn mistake(bytes: &[u8]) -> String {
    Message::decode(bytes).unwrap_err().to_string()
}

#[test]
fn a_query_byte_by_byte() {
    let question = Question {
        name: named("www.example.com"),
        kind: kind::AAAA,
        class: CLASS_IN,
    };
    let bytes = Message::query(0x1234, &question, true).encode().unwrap();
    let expected = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\x01\x03www\x07example\x03com\0\0\x1c\0\x01\
                     \0\0\x29\x04\xd0\0\0\0\0\0\0";
    assert_eq!(bytes, expected);
    let bytes = Message::query(0x1234, &question, false).encode().unwrap();
    assert_eq!(bytes[10..12], [0, 0]);
    assert_eq!(bytes.len(), expected.len() - 11);
}

#[test]
fn a_pointer_to_the_question() {
    let message = Message::decode(&reply(&[0xc0, 12])).unwrap();
    assert_eq!(message.answers[0].to_string(), "example. 60 IN A 192.0.2.1");
    // 写回去也用指针:一个字节不差。
    assert_eq!(message.encode().unwrap(), reply(&[0xc0, 12]));
}

#[test]
fn pointers_only_go_back() {
    let at = reply(&[]).len() - 14;
    let pointer = |target: usize| [0xc0, u8::try_from(target).unwrap()];
    for target in [at, at + 1, at + 2, 200] {
        let what = format!("第 {at} 字节处:域名的指针指向 {target},不在它之前,会绕成圈");
        assert_eq!(mistake(&reply(&pointer(target))), what);
    }
    // 报文头里没有域名。
    assert!(mistake(&reply(&pointer(11))).contains("指针指向 11"));
    // 先走一个标签再指回自己的开头:也是圈。
    let spiral = [b"\x01a".as_slice(), &pointer(at)].concat();
    assert!(mistake(&reply(&spiral)).contains("不在它之前"));
    assert!(mistake(&reply(&[0x40])).contains("0x40 没有定义"));
}

#[test]
fn names_stop_at_255_bytes() {
    let label = [b'x'; MAX_LABEL];
    let mut name = Name::root();
    for _ in 0..3 {
        name.push(&label).unwrap();
    }
    assert!(name.clone().push(&label[..62]).is_err());
    name.push(&label[..61]).unwrap();
    assert!(name.clone().push(b"x").is_err());
    assert!(name.push(&[b'x'; MAX_LABEL + 1]).is_err());
    assert!(name.push(b"").is_err());
    // 一串指针拼出来的也一样:每一段都合法,合起来太长。
    let mut owner = Vec::new();
    for _ in 0..5 {
        owner.extend([&[63], &label[..]].concat());
    }
    owner.push(0);
    assert!(mistake(&reply(&owner)).contains("超过 255 字节"));
}

#[test]
fn every_cut_is_an_error_not_a_panic() {
    let whole = reply(&[0xc0, 12]);
    for length in 0..whole.len() {
        assert!(Message::decode(&whole[..length]).is_err(), "{length}");
    }
    // 末尾多出的不看。
    assert!(Message::decode(&[&whole[..], b"more"].concat()).is_ok());
    assert_eq!(
        mistake(&whole[..5]),
        "第 0 字节处:报文头要 12 字节,只剩 5 字节"
    );
}

#[test]
fn lengths_that_lie() {
    let mut bytes = reply(&[0xc0, 12]);
    let length = bytes.len() - 5;
    bytes[length] = 3;
    assert!(mistake(&bytes).contains("IPv4 地址要 4 字节,只剩 3 字节"));
    bytes[length] = 5;
    assert!(mistake(&bytes).contains("记录的内容要 5 字节,只剩 4 字节"));
    bytes.push(0);
    assert!(mistake(&bytes).contains("多出 1 字节"));
}

/// 别的类里,A 记录的内容不是 IPv4 地址:原样留着,不去解释。
#[test]
fn other_classes_are_kept_as_bytes() {
    let mut bytes = reply(&[0xc0, 12]);
    let class = bytes.len() - 11;
    bytes[class] = 3;
    let message = Message::decode(&bytes).unwrap();
    assert_eq!(
        message.answers[0].data,
        Data::Other(kind::A, vec![192, 0, 2, 1])
    );
    assert!(
        message.answers[0]
            .to_string()
            .contains(" CLASS3 A \\# 4 c0 00 02 01")
    );
    assert_eq!(message.encode().unwrap(), bytes);
}

/// 最费事的报文:64 KB,每条记录的域名都是 255 字节,由 126 个指针拼成。
#[test]
fn the_worst_message_is_read_in_no_time() {
    let mut bytes = vec![0, 1, 0x81, 0x80, 0, 0, 0xff, 0xff, 0, 0, 0, 0];
    // 第一条:域名是根,内容里藏着一长串「一个字节的标签,指向前一个」。
    let mut chain = vec![1, b'x', 0];
    let start = 12 + 11;
    let mut previous = start;
    for _ in 0..125 {
        let here = start + chain.len();
        chain.extend([1, b'x']);
        chain.extend((0xc000 | u16::try_from(previous).unwrap()).to_be_bytes());
        previous = here;
    }
    bytes.extend([0, 0xff, 0, 0, 1, 0, 0, 0, 0]);
    bytes.extend(u16::try_from(chain.len()).unwrap().to_be_bytes());
    bytes.extend(chain);
    while bytes.len() < 65_000 {
        bytes.extend((0xc000 | u16::try_from(previous).unwrap()).to_be_bytes());
        bytes.extend([0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
    let started = Instant::now();
    // 每条 12 字节,装得下五千多条:超过了上限。
    assert!(mistake(&bytes).contains("记录超过 4096 条"));
    assert!(started.elapsed() < Duration::from_secs(5));
    // 条数不到上限就读得懂,域名都有 253 字节。
    bytes[6..8].copy_from_slice(&4096_u16.to_be_bytes());
    let message = Message::decode(&bytes).unwrap();
    assert_eq!(message.answers.len(), 4096);
    assert_eq!(message.answers[4095].name.labels().count(), 126);
}

#[test]
fn replies_are_recognised() {
    let question = Question {
        name: named("Example"),
        kind: kind::A,
        class: CLASS_IN,
    };
    let query = Message::query(1, &question, true);
    let right = Message::decode(&reply(&[0xc0, 12])).unwrap();
    assert!(right.is_reply_to(&query), "字母不分大小写");
    assert!(!right.is_truncated());
    let wrong: [fn(&mut Message); 7] = [
        |reply| reply.id = 2,
        |reply| reply.flags &= !0x8000,
        |reply| reply.flags |= 0x2800,
        |reply| reply.questions[0].name = named("example.x"),
        |reply| reply.questions[0].kind = kind::AAAA,
        |reply| reply.questions[0].class = 3,
        |reply| reply.questions.clear(),
    ];
    for (index, change) in wrong.iter().enumerate() {
        let mut reply = right.clone();
        change(&mut reply);
        assert!(!reply.is_reply_to(&query), "第 {index} 种");
    }
    // 「看不懂」可以不带问题。
    let mut reply = right.clone();
    reply.questions.clear();
    reply.flags |= 1;
    assert!(reply.is_reply_to(&query));
}

#[test]
fn the_high_bits_of_the_code_are_in_edns() {
    let mut message = Message::decode(&reply(&[0xc0, 12])).unwrap();
    message.flags |= 3;
    assert_eq!(message.rcode(), 3);
    message.additionals.push(Record {
        name: Name::root(),
        class: 1232,
        ttl: 1 << 24,
        data: Data::Other(kind::OPT, Vec::new()),
    });
    assert_eq!(message.rcode(), 0x13);
}

#[test]
fn everything_is_shown_harmlessly() {
    let shown = |data: Data| data.to_string();
    let mut name = Name::root();
    name.push(b"a.b\\\x1b\xe4 (x)").unwrap();
    assert_eq!(shown(Data::Ns(name)), "a\\.b\\\\\\027\\228\\032\\(x\\).");
    assert_eq!(shown(Data::Ns(Name::root())), ".");
    let text = |bytes: &[u8]| shown(Data::Txt(vec![bytes.to_vec()]));
    assert_eq!(text("说\"你好\"'".as_bytes()), "\"说\\\"你好\\\"'\"");
    assert_eq!(text(b"\x1b[2J\n\\"), "\"\\027[2J\\010\\\\\"");
    assert_eq!(text(b"\xff"), "\"\\255\"");
    // 改变书写方向的字符看不见,却能把后面的字倒过来。
    assert_eq!(text("\u{202e}".as_bytes()), "\"\\226\\128\\174\"");
    assert_eq!(shown(Data::Txt(Vec::new())), "");
    assert_eq!(shown(Data::Other(65, vec![1, 0xff])), "\\# 2 01 ff");
    assert_eq!(show::kind_name(65), "TYPE65");
    assert_eq!(shown(Data::Mx(10, named("mail.test"))), "10 mail.test.");
    let soa = Data::Soa(named("a"), named("b"), [1, 2, 3, 4, 5]);
    assert_eq!(shown(soa), "a. b. 1 2 3 4 5");
    assert_eq!(
        shown(Data::Aaaa("2001:db8::1".parse().unwrap())),
        "2001:db8::1"
    );
}

#[test]
fn too_long_to_write_is_an_error() {
    let record = Record {
        name: Name::root(),
        class: CLASS_IN,
        ttl: 0,
        data: Data::Txt(vec![vec![0; 256]]),
    };
    assert!(record.encode(&mut Writer::default()).is_err());
    let data = Data::Txt(vec![vec![0; 255]; 256]);
    assert!(
        Record { data, ..record }
            .encode(&mut Writer::default())
            .is_err()
    );
}
