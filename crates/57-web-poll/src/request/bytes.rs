//! 字节的分类,行尾,和成片地看字节。

use super::Reject;

/// 从头开始有几个字节是 `allowed` 允许的。
///
/// 先 16 个一组地看:没有分支的循环,编译器会换成向量指令,一条看 16 个;一组里有不许的,再逐个找。
pub fn run(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> usize {
    let mut seen = 0;
    for block in bytes.as_chunks::<16>().0 {
        if !block.iter().fold(true, |all, &byte| all & allowed(byte)) {
            break;
        }
        seen += block.len();
    }
    let rest = bytes.get(seen..).unwrap_or_default();
    let more = rest.iter().position(|&byte| !allowed(byte));
    seen + more.unwrap_or(rest.len())
}

/// `rest` 的开头是不是完整的行尾;还差字节是 `false`,是别的就以 `reason` 拒绝。
///
/// 行尾只认 CRLF。RFC 9112 §2.2 许人把单独的 LF 也当行尾,可是路上的代理未必这样看:
/// 一边看到两行、一边看到一行,正是走私请求的缝。所有的浏览器和工具都发 CRLF。
pub fn line_end(rest: &[u8], reason: &'static str) -> Result<bool, Reject> {
    match rest {
        [b'\r', b'\n', ..] => Ok(true),
        [] | [b'\r'] => Ok(false),
        [b'\r' | b'\n', ..] => Err(Reject::bad("行尾应当是 CRLF,不能是单独的 CR 或者 LF")),
        _ => Err(Reject::bad(reason)),
    }
}

/// 名字里的字节:方法、字段名都是 token(RFC 9110 §5.6.2)。
pub fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.'
            )
            || matches!(byte, b'^' | b'_' | b'`' | b'|' | b'~');
        byte += 1;
    }
    table
};

/// 目标里的字节:看得见的 ASCII,除了 `#`(片段不发给服务器,RFC 9110 §7.1)。
///
/// 空格、控制字符、中文的原样字节都不行:它们必须写成 `%20` 那样。RFC 3986 还不许 `"<>\^{|}` 和反引号,
/// 但是浏览器会在查询里原样发出其中几个,它们也分不开请求行,所以放过。
pub fn is_target(byte: u8) -> bool {
    byte.is_ascii_graphic() & (byte != b'#')
}

/// 字段值里的字节(RFC 9110 §5.5):控制字符里只许制表符;0x80 以上的原样放过,不解释。
pub fn is_value(byte: u8) -> bool {
    (byte >= b' ') & (byte != 0x7f) | (byte == b'\t')
}

/// 去掉两头的空格和制表符(OWS,RFC 9110 §5.6.3);别的空白不是这里的空白。
pub fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}
