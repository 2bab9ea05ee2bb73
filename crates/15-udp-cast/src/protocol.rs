//! 询问与回答:两种数据报的写法,都是一行文字,没有换行。
//!
//! 询问 `udp-cast? 编号`,回答 `udp-cast! 编号 名字`;编号是 16 个十六进制数字,回答原样带回。

/// 名字最多这么多字节:够写二十个汉字;回答也就大不了多少,冒充别人来问,放大不了流量。
pub const MAX_NAME: usize = 64;

const QUESTION: &str = "udp-cast? ";
const ANSWER: &str = "udp-cast! ";

/// 编号的位数:64 位的数,四位一个十六进制数字。
const ID_DIGITS: usize = 16;

/// 写一个询问。
pub fn question(id: u64) -> Vec<u8> {
    format!("{QUESTION}{id:016x}").into_bytes()
}

/// 这个数据报是询问就给出编号;多一个字节、少一个字节都不是。
pub fn read_question(datagram: &[u8]) -> Option<u64> {
    read_id(datagram.strip_prefix(QUESTION.as_bytes())?)
}

/// 写一个回答。
pub fn answer(id: u64, name: &str) -> Vec<u8> {
    format!("{ANSWER}{id:016x} {name}").into_bytes()
}

/// 这个数据报是回答就给出编号和名字。名字是陌生人写的,不一定是文字。
pub fn read_answer(datagram: &[u8]) -> Option<(u64, &[u8])> {
    let rest = datagram.strip_prefix(ANSWER.as_bytes())?;
    let (id, name) = rest.split_at_checked(ID_DIGITS)?;
    let name = name.strip_prefix(b" ")?;
    (name.len() <= MAX_NAME).then_some((read_id(id)?, name))
}

/// 只认自己写得出来的那一种写法:大写、正号、少了前面的零都不是。
fn read_id(digits: &[u8]) -> Option<u64> {
    let digits = str::from_utf8(digits).ok()?;
    let id = u64::from_str_radix(digits, 16).ok()?;
    (format!("{id:016x}") == digits).then_some(id)
}

#[cfg(test)]
// 测试里的 unwrap 就是断言。
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for id in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX] {
            assert_eq!(read_question(&question(id)), Some(id));
            for name in ["", "甲", " 有 空格 ", &"x".repeat(MAX_NAME)] {
                assert_eq!(read_answer(&answer(id, name)), Some((id, name.as_bytes())));
            }
        }
    }

    #[test]
    fn what_is_not_quite_right_is_refused() {
        for datagram in [
            "",
            "udp-cast? ",
            "udp-cast? 0",
            "udp-cast? 0123456789ABCDEF",
            "udp-cast? +123456789abcdef",
            "udp-cast? 0123456789abcdef ",
            "udp-cast? 0123456789abcdef0",
            "udp-cast! 0123456789abcdef x",
            " udp-cast? 0123456789abcdef",
        ] {
            assert_eq!(read_question(datagram.as_bytes()), None, "{datagram}");
        }
        for datagram in [
            "",
            "udp-cast! ",
            "udp-cast! 0123456789abcdef",
            "udp-cast! 0123456789abcdefx",
            "udp-cast! 0123456789abcde  x",
            "udp-cast? 0123456789abcdef x",
        ] {
            assert_eq!(read_answer(datagram.as_bytes()), None, "{datagram}");
        }
        let long = answer(1, &"x".repeat(MAX_NAME + 1));
        assert_eq!(read_answer(&long), None);
    }

    #[test]
    fn every_cut_and_every_flipped_byte_is_handled() {
        let whole = answer(7, "甲");
        for length in 0..whole.len() {
            let _ = read_answer(&whole[..length]);
            for byte in 0..=255 {
                let mut damaged = whole.clone();
                damaged[length] = byte;
                if let Some((id, name)) = read_answer(&damaged) {
                    let again = [format!("{ANSWER}{id:016x} ").as_bytes(), name].concat();
                    assert_eq!(again, damaged);
                }
            }
        }
    }
}
