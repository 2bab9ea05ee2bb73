use std::net::Ipv4Addr;
use std::sync::mpsc::channel;

use super::*;

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

fn line(request: &[u8], sent: u64) -> String {
    entry(Ipv4Addr::LOCALHOST.into(), request, Status::OK, sent, DATE)
}

#[test]
fn writes_the_common_log_format() {
    assert_eq!(
        line(b"GET / HTTP/1.1", 5),
        "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] \"GET / HTTP/1.1\" 200 5\n"
    );
    assert!(line(b"", 0).ends_with("] \"-\" 200 -\n"));
}

#[test]
fn every_hostile_byte_is_escaped() {
    for byte in 0..=255 {
        let line = line(&[b'a', byte, b'b'], 1);
        let (_, rest) = line.split_once("] \"a").unwrap_or_default();
        let (written, _) = rest.split_once("b\" 200 1\n").unwrap_or_default();
        let plain = matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        let wanted = match plain {
            true => char::from(byte).to_string(),
            false => format!("\\x{byte:02X}"),
        };
        assert_eq!(written, wanted, "{byte:#x}");
    }
}

#[test]
fn waiting_lines_are_bounded_and_the_lost_are_counted() {
    let lines = Lines::default();
    let text = "x".repeat(1000) + "\n";
    let count = WAITING / text.len() + 10;
    for _ in 0..count {
        lines.push(&text);
    }
    let taken = lines.take(Duration::ZERO);
    let (text, lost) = taken.unwrap_or_default();
    assert!(text.len() <= WAITING);
    assert_eq!(text.lines().count() + lost as usize, count);
    assert_eq!(lost, 10);
    lines.lock().ended = true;
    assert_eq!(lines.take(Duration::ZERO), None);
}

#[test]
fn a_waiting_writer_is_woken() {
    let lines = Arc::new(Lines::default());
    let (sender, receiver) = channel();
    let writer = Arc::clone(&lines);
    let thread = thread::spawn(move || {
        while let Some((text, _)) = writer.take(GATHER) {
            let _ = sender.send(text);
        }
    });
    for number in 0..3 {
        let line = format!("{number}\n");
        lines.push(&line);
        assert_eq!(receiver.recv(), Ok(line));
    }
    lines.lock().ended = true;
    lines.arrived.notify_one();
    assert!(thread.join().is_ok());
}
