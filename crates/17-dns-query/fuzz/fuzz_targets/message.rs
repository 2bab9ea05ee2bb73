//! 任何字节:读不崩;读得懂的,写出来再读还是它;显示出来没有控制字符。
#![no_main]
#![allow(dead_code)]

#[path = "../../src/message.rs"]
mod message;
#[path = "../../src/name.rs"]
mod name;
#[path = "../../src/question.rs"]
mod question;
#[path = "../../src/record.rs"]
mod record;
#[path = "../../src/show.rs"]
mod show;
#[path = "../../src/wire.rs"]
mod wire;

use libfuzzer_sys::fuzz_target;
use message::Message;

fuzz_target!(|bytes: &[u8]| {
    let Ok(decoded) = Message::decode(bytes) else {
        return;
    };
    let (head, ..) = Message::decode_head(bytes).expect("读得懂全部,就读得懂头");
    assert_eq!(head.questions, decoded.questions);
    let sections = [
        &decoded.answers,
        &decoded.authorities,
        &decoded.additionals,
    ];
    for record in sections.into_iter().flatten() {
        assert!(!record.to_string().chars().any(char::is_control));
    }
    let again = decoded.encode().expect("读得出来的,都写得回去");
    assert_eq!(Message::decode(&again).as_ref(), Ok(&decoded));
});
