//! 把一个文件经过 TCP 送到另一头,有哪几种搬法,各要多少 CPU。
//!
//! 用法:`copy_ways 发法 收法 文件 [输出]`;输出默认是 /dev/null,已经有的文件从头覆盖。例如
//! `copy_ways sendfile splice /dev/shm/big /dev/shm/copy`。收法后面加 `+reserve`,写之前先占好位置(fallocate(2))。
//!
//! 标准输出只有一行:
//! `seconds=0.412 mib_per_second=4970 send_cpu=0.21 receive_cpu=0.19`,CPU 是每 GiB 的秒数。
//!
//! 发和收是两个线程,各占一个核;`two-threads` 另有一个线程写文件,哪个核闲用哪个。系统调用的次数用 strace 数,见 docs/notes/零拷贝.md。

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    linux::run()
}

#[cfg(not(target_os = "linux"))]
fn main() -> anyhow::Result<()> {
    anyhow::bail!("sendfile 和 splice 的这种用法只有 Linux 有");
}
