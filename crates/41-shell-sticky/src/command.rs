//! 运行一个命令:交给系统的 shell,收下它打印的全部;太多、太久就结束它。

use std::io::{self, PipeReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::console;
use crate::encoding::Encoding;

/// 一个命令的输出最多这么多字节:先攒在内存里,再一次发出;远多于人要看的,远少于内存。
const MAX_OUTPUT: usize = 8 << 20;

/// 一次从管道里取走最多这么多字节:Linux 的管道一共就装这么多(pipe(7))。
const CHUNK: usize = 64 << 10;

/// 取出来还没有攒上的,最多这么多块:多了就让管道满着,命令等一等。
const QUEUE: usize = 4;

/// 命令关了输出却还没有结束,每隔多久看一次:从短的开始,多数命令马上就结束。
const PAUSES: [Duration; 2] = [Duration::from_micros(50), Duration::from_millis(5)];

/// 正在运行的命令。同一时刻至多一个:一位接一位地服务,一个接一个地运行。
static RUNNING: Mutex<Option<Child>> = Mutex::new(None);

/// 运行客户说的命令,返回它打印的全部字节。看不懂、太多、太久也有回答,是一句中文。
pub fn run(message: &[u8], longest: Duration, encoding: Encoding) -> anyhow::Result<Vec<u8>> {
    let Some(text) = console::command_text(message, encoding) else {
        return Ok(console::sentence(
            "看不懂这个命令:编码不对,或者里面有 NUL",
            encoding,
        ));
    };
    let deadline = Instant::now() + longest;
    let (reader, writer) = io::pipe().context("建立管道失败")?;
    let (sender, chunks) = mpsc::sync_channel(QUEUE);
    drain(reader, sender)?;
    let mut command = shell(&text);
    // 标准错误也写进同一根管道:两样按打印的先后排在一起。没有标准输入:谁来打字呢?
    command.stdin(Stdio::null());
    command.stdout(writer.try_clone().context("复制管道失败")?);
    command.stderr(writer);
    start(command)?;
    let (output, trouble) = collect(&chunks, deadline);
    if trouble.is_some() {
        drop(end_running());
    }
    finish(deadline);
    let mut output = console::to_wire(output, encoding);
    // 末尾的一个换行不要,像 shell 的 $(命令) 那样。
    if output.pop_if(|byte| *byte == b'\n').is_some() {
        output.pop_if(|byte| *byte == b'\r');
    }
    if let Some(trouble) = trouble {
        if !output.is_empty() && !output.ends_with(b"\n") {
            output.push(b'\n');
        }
        output.extend(console::sentence(&trouble, encoding));
    }
    Ok(output)
}

/// 把命令交给系统的 shell:管道、通配符、`cd`、`&&` 都由它解释。
#[cfg(unix)]
fn shell(text: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new("/bin/sh");
    // 自成一个进程组:要结束的时候,连同它启动的所有进程一起结束。
    command.arg("-c").arg(text).process_group(0);
    command
}

/// 把命令交给系统的 shell。`/d` 不运行自动命令;`/s` 只去掉最外面的一对引号,里面的原样留着。
#[cfg(windows)]
fn shell(text: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut command = Command::new("cmd");
    command.raw_arg(format!("/d /s /c \"{text}\""));
    command
}

/// 启动命令。`command` 在这里释放,我们手里的写端随之关闭:不然永远读不到管道的末尾。
fn start(mut command: Command) -> anyhow::Result<()> {
    let mut running = running();
    *running = Some(command.spawn().context("启动不了 shell")?);
    Ok(())
}

/// 开一个线程,把管道里的字节一块一块地取出来,直到末尾;没有人要了也停下。
fn drain(mut reader: PipeReader, sender: SyncSender<Vec<u8>>) -> anyhow::Result<()> {
    let work = move || {
        let mut buffer = vec![0; CHUNK];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => {
                    let chunk = buffer[..length].to_vec();
                    if sender.send(chunk).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    };
    let thread = thread::Builder::new().spawn(work);
    thread.map(drop).context("开不了新线程")
}

/// 攒下全部输出,直到管道的末尾;太多、太久就停下,说明为什么。
///
/// 命令留在后台的进程也握着管道的写端,它们也关了才是末尾。
fn collect(chunks: &Receiver<Vec<u8>>, deadline: Instant) -> (Vec<u8>, Option<String>) {
    let mut output = Vec::new();
    let trouble = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match chunks.recv_timeout(left) {
            Ok(chunk) if output.len() + chunk.len() > MAX_OUTPUT => {
                output.clear();
                break Some(format!("输出超过 {MAX_OUTPUT} 字节,已经结束这个命令"));
            }
            Ok(chunk) => output.extend(chunk),
            Err(RecvTimeoutError::Disconnected) => break None,
            Err(RecvTimeoutError::Timeout) => {
                break Some("到了期限还没有运行完,已经结束这个命令".to_owned());
            }
        }
    };
    (output, trouble)
}

/// 等命令结束,从进程表里收走它;到了期限就结束它。
fn finish(deadline: Instant) {
    let [mut pause, longest] = PAUSES;
    loop {
        let mut running = running();
        match running.as_mut().map(Child::try_wait) {
            Some(Ok(None)) if Instant::now() < deadline => {}
            Some(Ok(None)) => kill(running.as_mut()),
            _ => {
                *running = None;
                return;
            }
        }
        drop(running);
        thread::park_timeout(pause);
        pause = longest.min(2 * pause);
    }
}

/// 结束正在运行的命令,连同它启动的进程。返回的锁没有放开之前,不会有新的命令。
pub fn end_running() -> MutexGuard<'static, Option<Child>> {
    let mut running = running();
    kill(running.as_mut());
    running
}

/// 结束整个进程组(kill(2))。还没有收走的进程,它的号不会给别人。
#[cfg(unix)]
fn kill(child: Option<&mut Child>) {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    let id = child.and_then(|child| i32::try_from(child.id()).ok());
    if let Some(id) = id {
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
    }
}

/// Windows 没有进程组:`taskkill /t` 顺着父子关系找到每一个。
#[cfg(windows)]
fn kill(child: Option<&mut Child>) {
    let Some(child) = child else { return };
    let id = child.id().to_string();
    let mut taskkill = Command::new("taskkill");
    taskkill.args(["/f", "/t", "/pid", &id]);
    taskkill.stdout(Stdio::null()).stderr(Stdio::null());
    let _ = taskkill.status();
    let _ = child.kill();
}

fn running() -> MutexGuard<'static, Option<Child>> {
    // 持锁时不会恐慌;即使有过,里面的东西也还是好的。
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
