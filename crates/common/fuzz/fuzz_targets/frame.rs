//! 任意的字节,任意切开:阻塞读和增量解码的结果相同,帧是字节流里原来的那些字节。
//!
//! 在 crates/common 里:`cargo +nightly fuzz run frame`。

#![no_main]

use std::io::{self, ErrorKind, Read};

use common::frame::{CHUNK, FrameError, FrameReader, FrameWriter, HEADER};
use libfuzzer_sys::fuzz_target;

/// 每次最多给 `piece` 字节,每隔一次打断或者超时。
struct Halting<'a> {
    bytes: &'a [u8],
    piece: usize,
    limit: usize,
    calls: usize,
}

impl Read for Halting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(buffer.len() <= CHUNK.max(HEADER + self.limit));
        self.calls += 1;
        match self.calls % 4 {
            0 => Err(ErrorKind::Interrupted.into()),
            2 => Err(ErrorKind::WouldBlock.into()),
            _ => {
                let wanted = buffer.len().min(self.piece);
                self.bytes.read(&mut buffer[..wanted])
            }
        }
    }
}

fuzz_target!(|input: (u16, u8, &[u8])| {
    let (limit, piece, bytes) = input;
    let (limit, piece) = (usize::from(limit), usize::from(piece) + 1);
    let (read, read_end) = read(Halting {
        bytes,
        piece,
        limit,
        calls: 0,
    });
    let (decoded, decoded_end) = decode(bytes.chunks(piece), limit);
    assert_eq!(read, decoded);
    assert_eq!(read_end, decoded_end);

    // 写回去就是原来的字节。
    let mut writer = FrameWriter::new(limit);
    let mut written = Vec::new();
    for body in &read {
        assert!(writer.write(&mut written, body).is_ok());
    }
    assert!(bytes.starts_with(&written));
    assert_eq!(read_end == "完", written.len() == bytes.len());
});

/// 读出的帧,和流怎样结束。
fn read(mut source: Halting) -> (Vec<Vec<u8>>, String) {
    let mut reader = FrameReader::new(source.limit);
    let mut bodies = Vec::new();
    loop {
        match reader.read(&mut source) {
            Ok(Some(body)) => bodies.push(body.to_vec()),
            Ok(None) => return (bodies, "完".into()),
            Err(FrameError::Io(error)) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return (bodies, error.to_string()),
        }
    }
}

fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>, limit: usize) -> (Vec<Vec<u8>>, String) {
    let mut reader = FrameReader::new(limit);
    let mut bodies = Vec::new();
    for mut piece in pieces {
        loop {
            match reader.decode(&mut piece) {
                Ok(Some(body)) => bodies.push(body.to_vec()),
                Ok(None) => break,
                Err(error) => return (bodies, error.to_string()),
            }
        }
    }
    match reader.finish() {
        Ok(()) => (bodies, "完".into()),
        Err(error) => (bodies, error.to_string()),
    }
}
