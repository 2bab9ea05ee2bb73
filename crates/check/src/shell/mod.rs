//! 远程命令的检查:一条命令一个回答,一个字节不多,一个字节不少。

pub mod client;
pub mod hostile;
pub mod limits;
pub mod server;
pub mod session;

mod answers;
mod commands;
mod rude;
mod seen;
mod wire;

pub use wire::{Framed, Raw};
