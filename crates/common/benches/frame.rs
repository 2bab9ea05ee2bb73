//! 收帧的速度:我们的 `FrameReader`、tokio-util 的 `LengthDelimitedCodec`、只复制字节的 memcpy。
//!
//! `cargo bench -p common`,不到 20 秒。三者按 A B C C B A 的次序轮流,机器忽快忽慢时大家一样;
//! 比值先在同一轮里算,再取中位数。

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::{BufMut, BytesMut};
use common::frame::{CHUNK, FrameReader, HEADER};
use tokio_util::codec::{Decoder, LengthDelimitedCodec};

/// 每次至少计时这么久,时钟和调度的误差就很小。
const TURN: Duration = Duration::from_millis(150);
/// A B C 或 C B A 的轮数。
const ROUNDS: usize = 12;
/// 内存里的流的字节数:一级缓存放不下,像刚收到的字节。
const STREAM: usize = 1 << 20;

/// 收完内存里的整个流,返回帧数。
type Receive = fn(stream: &[u8], length: usize) -> usize;

const CONTENDERS: [(&str, Receive); 3] = [
    ("FrameReader", frame_reader),
    ("tokio-util", tokio_util),
    ("memcpy", memcpy),
];

fn main() {
    for length in [64, 64 << 10] {
        let body = vec![7; length];
        let frame = [&(length as u32).to_be_bytes()[..], &body].concat();
        let stream = frame.repeat(STREAM / frame.len());
        report(length, &rounds(&stream, length));
    }
}

/// 每一轮里三者的每帧纳秒数。
fn rounds(stream: &[u8], length: usize) -> Vec<[f64; 3]> {
    let round = |number: usize| {
        let mut nanos = [0.0; 3];
        for turn in 0..CONTENDERS.len() {
            let turn = if number.is_multiple_of(2) {
                turn
            } else {
                2 - turn
            };
            nanos[turn] = nanos_per_frame(CONTENDERS[turn].1, stream, length);
        }
        nanos
    };
    (0..ROUNDS).map(round).collect()
}

fn nanos_per_frame(receive: Receive, stream: &[u8], length: usize) -> f64 {
    let (start, mut frames) = (Instant::now(), 0);
    while start.elapsed() < TURN {
        frames += receive(black_box(stream), length);
    }
    start.elapsed().as_nanos() as f64 / frames as f64
}

fn report(length: usize, rounds: &[[f64; 3]]) {
    println!("正文 {length} 字节,{ROUNDS} 轮的中位数:");
    for (index, (name, _)) in CONTENDERS.iter().enumerate() {
        let nanos = median(rounds.iter().map(|round| round[index]));
        let ratio = median(rounds.iter().map(|round| round[index] / round[0]));
        let speed = length as f64 / nanos * 1e9 / f64::from(1 << 30);
        println!("  {name:<12} 每帧 {nanos:>8.1} ns  {speed:>6.2} GiB/s  用时比 {ratio:>6.2}");
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn frame_reader(mut stream: &[u8], length: usize) -> usize {
    let mut reader = FrameReader::new(length);
    let mut frames = 0;
    while let Ok(Some(body)) = reader.read(&mut stream) {
        black_box(body);
        frames += 1;
    }
    frames
}

/// 像 `FramedRead` 那样:8 KiB 的 `BytesMut`,满了才长大,有多少空位读多少。
fn tokio_util(mut stream: &[u8], length: usize) -> usize {
    let mut codec = LengthDelimitedCodec::builder()
        .max_frame_length(length)
        .new_codec();
    let mut buffer = BytesMut::with_capacity(CHUNK);
    let mut frames = 0;
    while !stream.is_empty() {
        buffer.reserve(1);
        let room = buffer.capacity() - buffer.len();
        let (piece, rest) = stream.split_at(room.min(stream.len()));
        buffer.put_slice(piece);
        stream = rest;
        while let Ok(Some(body)) = codec.decode(&mut buffer) {
            black_box(&*body);
            frames += 1;
        }
    }
    frames
}

/// 收帧的极限:只把每一帧的正文复制到同一个缓冲区。
fn memcpy(stream: &[u8], length: usize) -> usize {
    let mut buffer = vec![0; length];
    let frames = stream.chunks_exact(HEADER + length);
    frames
        .map(|frame| black_box(&mut buffer).copy_from_slice(&frame[HEADER..]))
        .count()
}
