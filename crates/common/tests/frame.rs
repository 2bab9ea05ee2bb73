//! 分帧:任意切开、出错、超时、恶意的长度,都得到同样的帧,不多占内存。
#![allow(clippy::expect_used, reason = "测试失败就是崩溃")]

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use common::frame::{CHUNK, FrameError, FrameReader, FrameWriter, HEADER};
use proptest::prelude::*;

/// 测试用的上限:比 `CHUNK` 大,大帧要让缓冲区长几次。
const LIMIT: usize = 100_000;

/// 一次读写的结果。
#[derive(Debug, Clone)]
enum Step {
    /// 最多这么多字节。
    Bytes(usize),
    /// 打断,超时。
    Fail(ErrorKind),
}

/// 按剧本收发的连接:剧本演完以后不再出错。
#[derive(Debug, Default)]
struct Script {
    steps: VecDeque<Step>,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    reads: Vec<usize>,
    writes: Vec<usize>,
}

impl Script {
    fn new(steps: impl IntoIterator<Item = Step>, incoming: &[u8]) -> Self {
        Self {
            steps: steps.into_iter().collect(),
            incoming: incoming.to_vec(),
            ..Self::default()
        }
    }

    /// 这一次最多几个字节。
    fn next(&mut self, wanted: usize) -> io::Result<usize> {
        match self.steps.pop_front() {
            Some(Step::Bytes(count)) => Ok(wanted.min(count)),
            Some(Step::Fail(kind)) => Err(kind.into()),
            None => Ok(wanted),
        }
    }
}

impl Read for Script {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads.push(buffer.len());
        let count = self.next(buffer.len().min(self.incoming.len()))?;
        buffer[..count].copy_from_slice(&self.incoming[..count]);
        self.incoming.drain(..count);
        Ok(count)
    }
}

impl Write for Script {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes.push(bytes.len());
        let count = self.next(bytes.len())?;
        self.outgoing.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// 帧在线路上的样子,不靠被测的代码。
fn wire(bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut wire = Vec::new();
    for body in bodies {
        wire.extend_from_slice(&(body.len() as u32).to_be_bytes());
        wire.extend_from_slice(body);
    }
    wire
}

/// 超时就再来,直到流结束。
fn read_all(reader: &mut FrameReader, source: &mut impl Read) -> Result<Vec<Vec<u8>>, FrameError> {
    let mut bodies = Vec::new();
    loop {
        match reader.read(source) {
            Ok(Some(body)) => bodies.push(body.to_vec()),
            Ok(None) => return Ok(bodies),
            Err(FrameError::Io(error)) if is_timeout(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// 一块一块地喂,最后报告流结束。
fn decode_all<'a>(
    reader: &mut FrameReader,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Result<Vec<Vec<u8>>, FrameError> {
    let mut bodies = Vec::new();
    for mut piece in pieces {
        while let Some(body) = reader.decode(&mut piece)? {
            bodies.push(body.to_vec());
        }
        assert!(piece.is_empty(), "没有帧的时候,喂的字节全部拿走了");
    }
    reader.finish()?;
    Ok(bodies)
}

/// 大小不一的正文,多数很小,少数超过 `CHUNK`。
fn bodies() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let length = prop_oneof![
        4 => 0..20usize,
        2 => 0..3 * CHUNK,
        1 => (CHUNK - HEADER - 2)..(CHUNK + 3),
        1 => Just(LIMIT),
    ];
    let body = (length, any::<u8>()).prop_map(|(length, first)| {
        let bytes = (0..length).map(|index| first.wrapping_add((index % 251) as u8));
        bytes.collect()
    });
    prop::collection::vec(body, 0..8)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..10usize).prop_map(Step::Bytes),
        4 => (1..2 * CHUNK).prop_map(Step::Bytes),
        1 => Just(Step::Fail(ErrorKind::Interrupted)),
        1 => Just(Step::Fail(ErrorKind::WouldBlock)),
        1 => Just(Step::Fail(ErrorKind::TimedOut)),
    ];
    prop::collection::vec(step, 0..200)
}

/// 失败的例子印在屏幕上,不写进源代码的目录。
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(300))]

    /// 无论怎样切开、打断、超时,阻塞地读出的就是写进去的帧。
    #[test]
    fn any_split_reads_the_same_frames(bodies in bodies(), steps in steps()) {
        let mut source = Script::new(steps, &wire(&bodies));
        let mut reader = FrameReader::new(LIMIT);
        prop_assert_eq!(read_all(&mut reader, &mut source).expect("没有出错"), bodies);
    }

    /// 增量解码也一样。
    #[test]
    fn any_split_decodes_the_same_frames(bodies in bodies(), cuts in prop::collection::vec(1..3 * CHUNK, 0..100)) {
        let wire = wire(&bodies);
        let mut rest = wire.as_slice();
        let mut pieces = Vec::new();
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        let decoded = decode_all(&mut FrameReader::new(LIMIT), pieces.into_iter());
        prop_assert_eq!(decoded.expect("没有出错"), bodies);
    }

    /// 写出的字节不多不少,超时以后接着写。
    #[test]
    fn any_split_writes_the_same_bytes(bodies in bodies(), steps in steps()) {
        let mut sink = Script::new(steps, &[]);
        let mut writer = FrameWriter::new(LIMIT);
        for body in &bodies {
            let mut result = writer.write(&mut sink, body);
            while let Err(FrameError::Io(error)) = &result {
                prop_assert!(is_timeout(error));
                result = writer.flush(&mut sink);
            }
            result.expect("没有别的错误");
        }
        prop_assert_eq!(sink.outgoing, wire(&bodies));
    }

    /// 任意字节都不会崩溃,阻塞和增量的结果相同。
    #[test]
    fn garbage_gives_the_same_result_both_ways(
        bytes in prop::collection::vec(prop_oneof![3 => Just(0u8), 1 => any::<u8>()], 0..300),
        limit in 0..400usize,
        piece in 1..20usize,
    ) {
        let read = read_all(&mut FrameReader::new(limit), &mut bytes.as_slice());
        let decoded = decode_all(&mut FrameReader::new(limit), bytes.chunks(piece));
        prop_assert_eq!(format!("{read:?}"), format!("{decoded:?}"));
    }

    /// 谎报的长度占不到内存:读的时候给出的缓冲区不超过上限,也不超过真正到达的字节的两倍。
    #[test]
    fn no_length_makes_the_buffer_larger_than_the_limit(
        claimed in prop_oneof![any::<u32>(), 0..4 * CHUNK as u32],
        arrived in 0..3 * CHUNK,
        limit in prop_oneof![any::<u32>(), 0..4 * CHUNK as u32],
        step in 100..CHUNK,
    ) {
        let limit = limit as usize;
        let arrived = arrived.min(claimed as usize);
        let mut bytes = claimed.to_be_bytes().to_vec();
        bytes.resize(HEADER + arrived, 7);
        let steps = (0..=bytes.len() / step).map(|_| Step::Bytes(step));
        let mut source = Script::new(steps, &bytes);
        let result = read_all(&mut FrameReader::new(limit), &mut source);
        let refused = matches!(result, Err(FrameError::TooLong { .. }));
        prop_assert_eq!(refused, claimed as usize > limit);
        for (count, offered) in source.reads.iter().enumerate() {
            let received = match bytes.len().min(count * step) {
                whole if whole == HEADER + claimed as usize => 0,
                part => part,
            };
            prop_assert!(received + offered <= CHUNK.max(HEADER + limit));
            prop_assert!(received + offered <= CHUNK.max(2 * received));
        }
    }
}

/// 每次只给一个字节。
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(1);
        self.0.read(&mut buffer[..wanted])
    }
}

/// 一个字节一个字节地来,也不会每次搬动整个缓冲区(那样要搬 512 GB)。
#[test]
fn a_trickle_costs_no_more_than_its_bytes() {
    let body = vec![3; 1 << 20];
    let wire = wire(&[body.clone(), Vec::new(), body.clone()]);
    let mut reader = FrameReader::new(body.len());
    let bodies = read_all(&mut reader, &mut Trickle(&wire)).expect("没有出错");
    assert_eq!(bodies, [body.clone(), Vec::new(), body]);
}

#[test]
fn the_end_between_frames_is_none_again_and_again() {
    let mut source = Script::new([], &wire(&[b"a".to_vec()]));
    let mut reader = FrameReader::new(LIMIT);
    assert_eq!(reader.read(&mut source).expect("一帧"), Some(&b"a"[..]));
    for _ in 0..3 {
        assert_eq!(reader.read(&mut source).expect("流的结尾"), None);
    }
}

#[test]
fn the_end_inside_a_frame_is_an_error() {
    let whole = wire(&[b"abcdef".to_vec()]);
    for (received, text) in [
        (1, "一帧 4 字节,收到 1 就断了"),
        (3, "一帧 4 字节,收到 3 就断了"),
        (4, "一帧 10 字节,收到 4 就断了"),
        (9, "一帧 10 字节,收到 9 就断了"),
    ] {
        let cut = &whole[..received];
        let error = read_all(&mut FrameReader::new(6), &mut &*cut).expect_err("断开了");
        assert_eq!(error.to_string(), text);
        let error = decode_all(&mut FrameReader::new(6), cut.chunks(1)).expect_err("断开了");
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn the_limit_itself_is_allowed_and_one_more_is_not() {
    for limit in [0, 1, 5, CHUNK - HEADER, CHUNK, LIMIT] {
        let text = format!("一帧 {} 字节,上限是 {limit}", limit + 1);
        let (right, wrong) = (vec![1; limit], vec![1; limit + 1]);

        let mut sink = Script::default();
        let mut writer = FrameWriter::new(limit);
        writer.write(&mut sink, &right).expect("正好是上限");
        let error = writer.write(&mut sink, &wrong).expect_err("超过上限");
        assert_eq!(error.to_string(), text);
        writer.flush(&mut sink).expect("没有东西要写");
        assert_eq!(sink.outgoing, wire(std::slice::from_ref(&right)));

        let mut source = Script::new([], &wire(&[right.clone(), wrong]));
        let mut reader = FrameReader::new(limit);
        assert_eq!(reader.read(&mut source).expect("正好是上限"), Some(&*right));
        for _ in 0..3 {
            let error = reader.read(&mut source).expect_err("超过上限");
            assert_eq!(error.to_string(), text);
        }
    }
}

/// 超过上限的长度一到就报错,不再从连接上读。
#[test]
fn nothing_is_read_after_a_length_over_the_limit() {
    let mut source = Script::new([Step::Bytes(4)], &[0, 0, 1, 0, 9, 9, 9]);
    let mut reader = FrameReader::new(255);
    for _ in 0..3 {
        let error = reader.read(&mut source).expect_err("超过上限");
        assert!(matches!(
            error,
            FrameError::TooLong {
                length: 256,
                limit: 255
            }
        ));
    }
    assert_eq!(source.reads.len(), 1);
}

/// 帧头和正文一次写出,多大的帧都一样;排队的帧也是一起写出。
#[test]
fn a_frame_is_one_write() {
    let mut sink = Script::default();
    let mut writer = FrameWriter::new(LIMIT);
    for length in [0, 1, 64, CHUNK, LIMIT] {
        writer.write(&mut sink, &vec![1; length]).expect("写得出");
        assert_eq!(sink.writes.pop(), Some(HEADER + length));
        assert_eq!(sink.writes, []);
    }
    for length in [0, 1, 64] {
        writer.queue(&vec![1; length]).expect("不超过上限");
    }
    writer.flush(&mut sink).expect("写得出");
    assert_eq!(sink.writes, [3 * HEADER + 65]);
}

/// 许多小帧一次读进来。
#[test]
fn many_small_frames_are_one_read() {
    let bodies = vec![vec![1; 60]; 100];
    let mut source = Script::new([], &wire(&bodies));
    let mut reader = FrameReader::new(LIMIT);
    for body in &bodies {
        assert_eq!(reader.read(&mut source).expect("一帧"), Some(&**body));
    }
    assert_eq!(source.reads, [CHUNK]);
}

#[test]
fn a_timeout_while_writing_keeps_the_order() {
    let steps = [Step::Bytes(2), Step::Fail(ErrorKind::WouldBlock)];
    let mut sink = Script::new(steps, &[]);
    let mut writer = FrameWriter::new(LIMIT);
    writer.write(&mut sink, b"one").expect_err("超时");
    assert_eq!(sink.outgoing, [0, 0]);
    writer.write(&mut sink, b"two").expect("接着写");
    assert_eq!(sink.outgoing, wire(&[b"one".to_vec(), b"two".to_vec()]));
}

#[test]
fn other_errors_come_with_their_cause() {
    let reset = || [Step::Fail(ErrorKind::ConnectionReset)];
    let read = FrameReader::new(LIMIT)
        .read(&mut Script::new(reset(), &[]))
        .map(|_| ());
    let write = FrameWriter::new(LIMIT).write(&mut Script::new(reset(), &[]), b"");
    let full = FrameWriter::new(LIMIT).write(&mut Script::new([Step::Bytes(0)], &[]), b"");
    let expected = [
        (read, ErrorKind::ConnectionReset),
        (write, ErrorKind::ConnectionReset),
        (full, ErrorKind::WriteZero),
    ];
    for (result, kind) in expected {
        let error = result.expect_err("连接断了");
        assert!(error.to_string().starts_with("收发一帧时出错:"), "{error}");
        assert!(matches!(error, FrameError::Io(cause) if cause.kind() == kind));
    }
}

/// 真的连接:两端在同一台机器上。
fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("监听");
    let near = TcpStream::connect(listener.local_addr().expect("地址")).expect("连接");
    let (far, _) = listener.accept().expect("接受");
    near.set_nodelay(true).expect("一个字节也马上发");
    (near, far)
}

/// 对方一个字节一个字节地发,中间我们不停地超时。
#[test]
fn a_socket_byte_by_byte_with_timeouts() {
    let bodies = vec![b"hello".to_vec(), Vec::new(), "你好".into(), vec![7; 300]];
    let (mut near, mut far) = connection();
    let timeout = Duration::from_millis(1);
    far.set_read_timeout(Some(timeout)).expect("超时");
    let bytes = wire(&bodies);
    let sender = thread::spawn(move || {
        for byte in bytes {
            near.write_all(&[byte]).expect("发得出");
            thread::yield_now();
        }
    });
    let received = read_all(&mut FrameReader::new(LIMIT), &mut far).expect("没有出错");
    sender.join().expect("发送的线程");
    assert_eq!(received, bodies);
}

/// 对方不读,写到一半写不下了;对方读了以后接着写,一个字节也不少。
#[test]
fn a_full_socket_loses_nothing() {
    let (mut near, mut far) = connection();
    near.set_nonblocking(true).expect("不阻塞");
    let body = vec![9; 16 << 20];
    let mut writer = FrameWriter::new(body.len());
    let mut result = writer.write(&mut near, &body);
    // Windows 会一次收下整个缓冲区。
    assert!(result.is_err() || cfg!(windows));
    let limit = body.len();
    let receiver = thread::spawn(move || read_all(&mut FrameReader::new(limit), &mut far));
    while let Err(error) = result {
        assert!(matches!(error, FrameError::Io(error) if is_timeout(&error)));
        thread::yield_now();
        result = writer.flush(&mut near);
    }
    near.set_nonblocking(false).expect("阻塞");
    writer.write(&mut near, b"end").expect("对方在读");
    drop(near);
    let received = receiver.join().expect("接收的线程").expect("没有出错");
    assert_eq!(received, [body, b"end".to_vec()]);
}

/// 不阻塞的套接字:没有字节时 `WouldBlock`,有了再读。
#[test]
fn a_nonblocking_socket_is_read_when_it_is_ready() {
    let (mut near, mut far) = connection();
    far.set_nonblocking(true).expect("不阻塞");
    let mut reader = FrameReader::new(LIMIT);
    let error = reader.read(&mut far).expect_err("还没有字节");
    assert!(matches!(error, FrameError::Io(error) if is_timeout(&error)));
    FrameWriter::new(LIMIT)
        .write(&mut near, b"ready")
        .expect("发得出");
    drop(near);
    let received = read_all(&mut reader, &mut far).expect("没有出错");
    assert_eq!(received, [b"ready".to_vec()]);
}
