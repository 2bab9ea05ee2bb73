//! 课程工具:列出阶梯、演示讲义里的会话、比较两个阶段、检查学生的程序、核对讲义。
//!
//! 命令行在 [`cli`],每个子命令一个模块;两处共用的只有会话引擎([`session`] 读、[`play`] 演)。

pub mod cli;
pub mod demo;
pub mod diff;
pub mod error;
pub mod ladder;
pub mod names;
pub mod notes;
pub mod play;
pub mod ports;
pub mod programs;
pub mod session;
pub mod text;
pub mod words;
pub mod workspace;
