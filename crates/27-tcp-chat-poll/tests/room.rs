//! 许多人同时:和上一阶段说的话一样,用它的测试。

#[path = "../../26-tcp-chat/tests/room.rs"]
mod room;
