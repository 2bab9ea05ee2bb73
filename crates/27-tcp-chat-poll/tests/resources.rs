//! 线程和描述符:和上一阶段说的话一样,用它的测试。

#[path = "../../26-tcp-chat/tests/resources.rs"]
mod resources;
