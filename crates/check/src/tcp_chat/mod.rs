//! 聊天室的检查:人人看到同样的话,谁也拖不住谁。

pub mod client;
pub mod server;

mod member;
