//! 检查用的命令,sh 和 cmd 都认得。

use std::fs;

use crate::exam::Exam;

/// 什么也不打印、马上结束的命令。
pub const NOTHING: &str = "cd .";

/// 没有这个命令。
pub const UNKNOWN: &str = "no-such-command-here";

/// 先往标准错误打印一行 err,再往标准输出打印一行 out。
pub const BOTH: &str = if cfg!(windows) {
    "echo err>&2& echo out"
} else {
    "echo err 1>&2; echo out"
};

/// `echo` 打印的一行。
#[must_use]
pub fn line(text: &str) -> Vec<u8> {
    let end = if cfg!(windows) { "\r\n" } else { "\n" };
    format!("{text}{end}").into_bytes()
}

/// 正好 `length` 个字节的许多行,每一行都不一样。
#[must_use]
pub fn lines(length: usize) -> Vec<u8> {
    let mut text: Vec<u8> = (1..)
        .flat_map(|number| format!("line {number}\n").into_bytes())
        .take(length)
        .collect();
    // 末尾不是换行:有的阶段会去掉它,长度就不是 length 了。
    if let Some(last) = text.last_mut() {
        *last = b'.';
    }
    text
}

/// 往标准输出打印这些字节的命令:它们先写进检查自己的目录里的一个文件。
///
/// # Errors
/// 文件写不了。
pub fn prints(exam: &Exam, name: &str, content: &[u8]) -> anyhow::Result<String> {
    let path = exam.directory().join(name);
    fs::write(&path, content)?;
    Ok(shows(&path.display().to_string()))
}

/// 往标准输出打印这个文件的命令。
#[must_use]
pub fn shows(path: &str) -> String {
    match cfg!(windows) {
        true => format!("type \"{path}\""),
        false => format!("cat '{path}'"),
    }
}

/// 换到这个目录的命令。
#[must_use]
pub fn enters(path: &str) -> String {
    match cfg!(windows) {
        true => format!("cd /d \"{path}\""),
        false => format!("cd '{path}'"),
    }
}
