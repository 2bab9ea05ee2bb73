//! 回答在网线上的两种样子:光是输出,和前面有长度的。

use crate::ladder::LATER;

/// 回答在网线上的样子,和它属于哪一阶段。
pub trait Wire {
    /// 从这一阶段起是这个样子。
    const SINCE: &str;
    /// 要有边界才做得到的,从哪一阶段起做得到。
    const BOUNDED: &str;
    /// 去哪里读。
    const NOTE: &str;

    /// 命令打印了 `stdout` 和 `stderr`(`merged` 是两样按先后排在一起),网线上的回答是什么。
    fn pack(stdout: &[u8], stderr: &[u8], merged: &[u8]) -> Vec<u8>;

    /// 只有标准输出的回答。
    fn answer(output: &[u8]) -> Vec<u8> {
        Self::pack(output, b"", output)
    }
}

/// 光是输出,两样按先后排在一起,末尾的一个换行去掉。
#[derive(Debug)]
pub struct Raw;

impl Wire for Raw {
    const SINCE: &str = "shell-sticky";
    const BOUNDED: &str = LATER;
    const NOTE: &str = "41-shell-sticky.md";

    fn pack(_stdout: &[u8], _stderr: &[u8], merged: &[u8]) -> Vec<u8> {
        let line = merged.strip_suffix(b"\n").unwrap_or(merged);
        line.strip_suffix(b"\r").unwrap_or(line).to_vec()
    }
}

/// 先是 4 字节的长度(i32,小端),再是标准输出,最后是标准错误。
#[derive(Debug)]
pub struct Framed;

impl Wire for Framed {
    const SINCE: &str = "shell-framed";
    const BOUNDED: &str = "shell-framed";
    const NOTE: &str = "42-shell-framed.md";

    fn pack(stdout: &[u8], stderr: &[u8], _merged: &[u8]) -> Vec<u8> {
        let body = [stdout, stderr].concat();
        // 检查自己的回答都远小于上限。
        let length = i32::try_from(body.len()).unwrap_or(i32::MAX);
        [length.to_le_bytes().as_slice(), &body].concat()
    }
}
