//! 线上检查:启动一个程序,像真实的对端那样和它说话,看它的表现。
//!
//! 同一批检查有三个用处:各阶段的测试([`stage`])、学生自己的程序([`judge`])、讲义里的表格([`tables`])。

pub mod exam;
pub mod failure;
pub mod judge;
pub mod ladder;
pub mod tables;
pub mod tcp_peer;
pub mod terminal;
pub mod tool;
pub mod udp_peer;
pub mod web;

mod conventions;
mod dns;
mod dns_server;
mod download;
mod ip_calc;
mod packet_bytes;
mod packet_layers;
mod shell;
mod stage;
mod tcp_chat;
mod tcp_client;
mod tcp_server;
mod tcp_states;
mod tcp_talk;
mod udp_cast;
mod udp_client;
mod udp_reliable;
mod udp_server;

pub use stage::{disagreements, stage};
pub use terminal::{Screen, Terminal, Waited, end_all};
