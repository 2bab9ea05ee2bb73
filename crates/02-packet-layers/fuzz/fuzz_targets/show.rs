//! 任何字节当作抓包文件:`show` 要么打印,要么说明哪里不对。

#![no_main]
#![allow(dead_code, unused_crate_dependencies)]

use std::io::Cursor;
use std::path::Path;

use libfuzzer_sys::fuzz_target;

#[path = "../../src/boxes.rs"]
mod boxes;
#[path = "../../src/capture.rs"]
mod capture;
#[path = "../../src/cli.rs"]
mod cli;
#[path = "../../src/show.rs"]
mod show;
#[path = "../../src/text.rs"]
mod text;
#[path = "../../src/wire/mod.rs"]
mod wire;

fuzz_target!(|data: &[u8]| {
    let path = Path::new("fuzz.pcap");
    let Ok(mut capture) = capture::Capture::read(path, Box::new(Cursor::new(data.to_vec()))) else {
        return;
    };
    // 第一个包也画成盒子。
    let link = capture.link;
    if let Ok(Some(packet)) = capture.next() {
        let found = wire::dissect::dissect(link, &packet.bytes, packet.original);
        let _ = boxes::draw(&packet.bytes, &found);
    }
    let _ = show::print_all(capture, None, |text| {
        assert!(!text.contains('\u{1b}'), "控制字符不能原样打印");
        Ok(())
    });
});
