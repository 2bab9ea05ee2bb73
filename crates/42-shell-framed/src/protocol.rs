//! 回答在网线上的样子:先说有多长,再说是什么。
//!
//! ```text
//! 4 字节 长度 n,有符号,小端 │ n 字节 标准输出,接着是标准错误
//! ```
//!
//! 这是 Python 的 `struct.pack('i', n)` 在电脑上写出的字节:它用本机的字节序,多数电脑是小端。
//! 新的协议应当用网络字节序和无符号数,像 `common::frame` 那样;这里是为了和已有的程序说得上话。

use std::io::{self, Read, Write};

use anyhow::{Context, bail};
use byteorder::{ByteOrder, LittleEndian};

/// 长度占几个字节。
const HEADER: usize = 4;

/// 一个回答最多这么多字节。长度是对方说的:先和它比较,再分配内存;也远小于 i32 写得下的 2 GiB。
const MAX_ANSWER: usize = 16 << 20;

/// 发出一个回答:长度和正文一次写出。
///
/// 分两次写,每个回答都慢 40 毫秒:Nagle 算法要等长度得到确认才发正文(RFC 9293 §3.7.4),
/// 而对方的延迟确认在等更多的字节(§3.8.6.3)。
pub fn send_answer(sink: &mut impl Write, body: &[u8]) -> anyhow::Result<()> {
    let length = match i32::try_from(body.len()) {
        Ok(length) if body.len() <= MAX_ANSWER => length,
        _ => bail!("回答有 {} 字节,最多只能发 {MAX_ANSWER}", body.len()),
    };
    let mut answer = vec![0; HEADER];
    LittleEndian::write_i32(&mut answer, length);
    answer.extend_from_slice(body);
    sink.write_all(&answer).context("发送失败")
}

/// 收一个回答:收满长度,再收满正文,一个字节也不多收。
pub fn receive_answer(source: &mut impl Read) -> anyhow::Result<Vec<u8>> {
    let header = read_up_to(source, HEADER)?;
    match header.len() {
        HEADER => {}
        0 => bail!("服务器关闭了连接,没有回答"),
        received => bail!("连接断了:长度只收到 {received} 个字节"),
    }
    let length = LittleEndian::read_i32(&header);
    let wanted = match usize::try_from(length) {
        Ok(wanted) if wanted <= MAX_ANSWER => wanted,
        Ok(_) => bail!("服务器说回答有 {length} 字节,最多只收 {MAX_ANSWER}"),
        Err(_) => bail!("服务器说回答有 {length} 字节:长度不能是负数"),
    };
    let body = read_up_to(source, wanted)?;
    if body.len() < wanted {
        bail!("连接断了:说好 {wanted} 字节,还差 {}", wanted - body.len());
    }
    Ok(body)
}

/// 收满 `wanted` 个字节,或者到流的末尾。内存随真正到达的字节增长,不随对方说的长度。
fn read_up_to(source: &mut impl Read, wanted: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let received = io::Read::take(source, wanted as u64).read_to_end(&mut bytes);
    received.context("没有得到完整的回答")?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// 记下每一次写。
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn header_and_body_leave_in_one_write() {
        let mut writes = Writes::default();
        send_answer(&mut writes, b"hi\n").unwrap();
        send_answer(&mut writes, b"").unwrap();
        assert_eq!(writes.0, [&b"\x03\0\0\0hi\n"[..], &b"\0\0\0\0"[..]]);
    }

    #[test]
    fn the_length_is_little_endian() {
        let mut writes = Writes::default();
        send_answer(&mut writes, &[b'x'; 1892]).unwrap();
        assert_eq!(writes.0[0][..HEADER], [0x64, 0x07, 0, 0]);
    }

    #[test]
    fn the_limit_holds_on_both_sides() {
        let mut writes = Writes::default();
        send_answer(&mut writes, &vec![0; MAX_ANSWER]).unwrap();
        let largest = writes.0.concat();
        assert_eq!(
            receive_answer(&mut largest.as_slice()).unwrap().len(),
            MAX_ANSWER
        );
        let error = send_answer(&mut writes, &vec![0; MAX_ANSWER + 1]).unwrap_err();
        assert!(error.to_string().contains("最多"));
        for header in [[1, 0, 0, 1], [0xff; 4], [0xff, 0xff, 0xff, 0x7f]] {
            // 正文一个字节也没有:靠长度就拒绝。
            let error = receive_answer(&mut header.as_slice()).unwrap_err();
            assert!(error.to_string().contains("长度不能") || error.to_string().contains("最多"));
        }
    }

    #[test]
    fn nothing_beyond_the_answer_is_taken() {
        let mut bytes = &b"\x02\0\0\0hi\0\0\0\0rest"[..];
        assert_eq!(receive_answer(&mut bytes).unwrap(), b"hi");
        assert_eq!(receive_answer(&mut bytes).unwrap(), b"");
        assert_eq!(bytes, b"rest");
    }

    #[test]
    fn an_end_inside_an_answer_is_told() {
        for (bytes, words) in [
            (&b""[..], "没有回答"),
            (b"\x02\0", "只收到 2 个字节"),
            (b"\x02\0\0\0h", "还差 1"),
        ] {
            let error = receive_answer(&mut &*bytes).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
