//! 指纹:证书的 SHA-256,短得可以由人核对。两张不同的证书,找不到同一个指纹。

use std::fmt;
use std::str::FromStr;

use ring::digest::{SHA256, digest};

/// 指纹的长度,字节。
const LENGTH: usize = 32;

/// 一张证书的指纹。写出来的样子和 `openssl x509 -fingerprint -sha256` 相同。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; LENGTH]);

/// 看不懂的指纹。
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("指纹是 32 个两位的十六进制数,用冒号分开")]
pub struct Malformed;

impl Fingerprint {
    /// DER 编码的证书 `certificate` 的指纹。
    pub fn of(certificate: &[u8]) -> Self {
        let mut bytes = [0; LENGTH];
        bytes.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            let colon = if place == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl FromStr for Fingerprint {
    type Err = Malformed;

    /// 大小写都行,冒号可以不写:人从别处抄来,各种样子都有。
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let digits: Vec<u8> = text.bytes().filter(|&byte| byte != b':').collect();
        let mut bytes = [0; LENGTH];
        if digits.len() != 2 * LENGTH {
            return Err(Malformed);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            // `from_str_radix` 也认得「+1」。
            let hex = pair.iter().all(u8::is_ascii_hexdigit);
            let pair = str::from_utf8(pair).ok().filter(|_| hex).ok_or(Malformed)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| Malformed)?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read() {
        // SHA-256 的空输入(FIPS 180-4 的例子):E3B0C442……
        let empty = Fingerprint::of(b"");
        let shown = empty.to_string();
        assert!(shown.starts_with("E3:B0:C4:42:"), "{shown}");
        assert_eq!(shown.len(), 95);
        for text in [shown.clone(), shown.to_lowercase(), shown.replace(':', "")] {
            assert_eq!(text.parse(), Ok(empty));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let shown = Fingerprint::of(b"").to_string();
        let plus = shown.replacen("E3", "+3", 1);
        let wide = shown.replacen("E3", "é", 1);
        for text in ["", "E3", &shown[..94], &format!("{shown}0"), &plus, &wide] {
            assert_eq!(text.parse::<Fingerprint>(), Err(Malformed), "{text}");
        }
    }
}
