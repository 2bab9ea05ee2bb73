//! 内容编码:压缩好的一份放在旁边(`a.js.br`),客户肯收就给它(RFC 9110 §8.4、§12.5.3)。

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

/// 一种编码;次序就是权重一样时的次序,先写的通常压得更小。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Brotli(RFC 7932)。
    Brotli,
    /// Zstandard(RFC 8878)。
    Zstandard,
    /// gzip(RFC 1952)。
    Gzip,
}

impl Coding {
    /// 所有的编码。
    const ALL: [Self; 3] = [Self::Brotli, Self::Zstandard, Self::Gzip];

    /// 在 HTTP 里的名字。
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstandard => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// 文件名的结尾。
    pub fn suffix(self) -> &'static [u8] {
        match self {
            Self::Brotli => b".br",
            Self::Zstandard => b".zst",
            Self::Gzip => b".gz",
        }
    }
}

/// 权重,千分之几。
type Weight = u16;

/// 客户肯收什么。
#[derive(Debug, Clone, Copy, Default)]
struct Accepted {
    codings: [Option<Weight>; 3],
    identity: Option<Weight>,
    /// `*`:没有说到的其余的。
    others: Option<Weight>,
}

/// 按 Accept-Encoding,把肯收的从最想要的排起;`None` 是不编码。
///
/// 没有这个字段,就只有不编码:什么都肯收,但是老的客户不一定会解。
/// 一个也没有,是客户连不编码的也不要(`identity;q=0`),而 RFC 9110 §12.5.3 只在这时许我们说没有(406)。
pub fn preferences<'a>(
    values: impl Iterator<Item = &'a [u8]>,
) -> impl Iterator<Item = Option<Coding>> {
    let mut accepted = Accepted::default();
    for element in values.flat_map(|value| value.split(|&byte| byte == b',')) {
        accepted.read(element);
    }
    let weight = |listed: Option<Weight>| listed.or(accepted.others).unwrap_or(0);
    let [brotli, zstandard, gzip] = accepted.codings;
    let mut ranked = [
        (weight(brotli), Some(Coding::Brotli)),
        (weight(zstandard), Some(Coding::Zstandard)),
        (weight(gzip), Some(Coding::Gzip)),
        (weight(accepted.identity), None),
    ];
    // 没有说到的不编码总是可以的,排在最后。
    let unlisted = accepted.identity.or(accepted.others).is_none();
    ranked.sort_by_key(|&(weight, _)| Reverse(weight));
    ranked
        .into_iter()
        .filter(move |&(weight, coding)| weight > 0 || (coding.is_none() && unlisted))
        .map(|(_, coding)| coding)
}

impl Accepted {
    /// 一项:名字,也许有权重;写错的不算。
    fn read(&mut self, element: &[u8]) {
        let mut parts = element.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        let weight = match parts.next() {
            None => Some(1000),
            Some(weight) => self::weight(weight),
        };
        // x-gzip 是 gzip 的老名字(RFC 9110 §8.4.1.3)。
        let name = match name.eq_ignore_ascii_case(b"x-gzip") {
            true => b"gzip",
            false => name,
        };
        let known = Coding::ALL.iter().zip(&mut self.codings);
        let mut places = known
            .map(|(coding, place)| (coding.name(), place))
            .chain([("identity", &mut self.identity), ("*", &mut self.others)]);
        let found = places.find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
        if let (Some((_, place)), Some(weight)) = (found, weight) {
            *place = Some(weight);
        }
    }
}

/// `q=0.5`:小数点后面最多三位,不超过 1(RFC 9110 §12.4.2)。
fn weight(text: &[u8]) -> Option<Weight> {
    let value = text.strip_prefix(b"q=").or(text.strip_prefix(b"Q="))?;
    let (whole, fraction) = match value {
        [whole] => (whole, &[][..]),
        [whole, b'.', fraction @ ..] => (whole, fraction),
        _ => return None,
    };
    if fraction.len() > 3 || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = fraction.iter().chain(std::iter::repeat(&b'0')).take(3);
    let thousandths = digits.fold(0, |sum, digit| sum * 10 + Weight::from(digit - b'0'));
    match (whole, thousandths) {
        (b'0', thousandths) => Some(thousandths),
        (b'1', 0) => Some(1000),
        _ => None,
    }
}
