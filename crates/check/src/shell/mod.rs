//! 远程命令的检查:一条命令一个回答,一个字节不多,一个字节不少。

pub mod client;
pub mod hostile;
pub mod limits;
pub mod secure;
pub mod server;
pub mod session;
pub mod stream_client;
pub mod stream_command;
pub mod stream_server;

mod answers;
mod commands;
mod rude;
mod seen;
mod stream;
mod wire;

pub use wire::{Framed, Raw};
