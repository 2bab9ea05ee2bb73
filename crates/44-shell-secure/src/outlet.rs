//! 命令的输出写到哪里:原样的字节,或者解码成文字。

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anyhow::Context;
use encoding_rs::{Encoding, UTF_8};

use crate::cli::OutputClosed;
use crate::reply::Channel;
use crate::screen::Screen;

/// 标准输出和标准错误。
pub struct Outlet {
    output: Stream,
    errors: Stream,
}

struct Stream {
    target: Box<dyn Write>,
    is_terminal: bool,
    /// 给人看的才有。
    screen: Option<Screen>,
}

impl Outlet {
    /// 原样写出每一个字节:给管道里的下一个程序。
    ///
    /// # Errors
    /// 标准输出用不了。
    pub fn exact() -> anyhow::Result<Self> {
        let stream = |target, is_terminal| Stream {
            target,
            is_terminal,
            screen: None,
        };
        let output = stdout().context("标准输出用不了")?;
        Ok(Self {
            output: stream(output, io::stdout().is_terminal()),
            errors: stream(Box::new(io::stderr()), io::stderr().is_terminal()),
        })
    }

    /// 按编码 `label` 解码成文字:给人看。
    ///
    /// # Errors
    /// 标准输出用不了。
    pub fn decoded(label: &str) -> anyhow::Result<Self> {
        let mut outlet = Self::exact()?;
        outlet.output.decode(label);
        outlet.errors.decode(label);
        Ok(outlet)
    }

    /// 知道了编码是 `label`:终端看不懂的,解码;管道里的,还是原样。
    pub fn speak(&mut self, label: &str) {
        for stream in [&mut self.output, &mut self.errors] {
            // Windows 的控制台只收文字,UTF-8 也要先查过。
            if stream.is_terminal && (cfg!(windows) || label != "utf-8") {
                stream.decode(label);
            }
        }
    }

    /// 写出 `bytes`。一个字可能分在两次里,解码器会等它的下一半。
    ///
    /// # Errors
    /// 标准输出的另一头不读了([`OutputClosed`]),或者写不了。
    pub fn write(&mut self, channel: Channel, bytes: &[u8]) -> anyhow::Result<()> {
        match channel {
            Channel::Output => match self.output.write(bytes, false) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(OutputClosed.into()),
                written => written.context("写标准输出失败"),
            },
            Channel::Errors => {
                // 标准错误没有人要了,不算失败。
                let _ = self.errors.write(bytes, false);
                Ok(())
            }
        }
    }

    /// 一个命令结束了:给人看的,最后总有换行。
    pub fn finish(&mut self) {
        for stream in [&mut self.output, &mut self.errors] {
            let _ = stream.write(&[], true);
        }
    }
}

impl Stream {
    /// 不认得的编码当作 UTF-8。
    fn decode(&mut self, label: &str) {
        let encoding = Encoding::for_label(label.as_bytes()).unwrap_or(UTF_8);
        self.screen = Some(Screen::new(encoding));
    }

    fn write(&mut self, bytes: &[u8], last: bool) -> io::Result<()> {
        let Some(screen) = &mut self.screen else {
            return self.target.write_all(bytes);
        };
        let shown = screen.show(bytes, last);
        self.target.write_all(shown.as_bytes())?;
        self.target.flush()
    }
}

/// 标准输出,不经过标准库的行缓冲:它在每一批里找最后一个换行,把后面的留下。
fn stdout() -> io::Result<Box<dyn Write>> {
    let output = io::stdout();
    // Windows 的控制台要的不是字节,标准库会替我们换成 UTF-16。
    if cfg!(windows) && output.is_terminal() {
        return Ok(Box::new(output));
    }
    #[cfg(unix)]
    let copy = std::os::fd::AsFd::as_fd(&output).try_clone_to_owned()?;
    #[cfg(windows)]
    let copy = std::os::windows::io::AsHandle::as_handle(&output).try_clone_to_owned()?;
    Ok(Box::new(File::from(copy)))
}
