//! 收场:和上一阶段说的话一样,用它的测试。

#[path = "../../26-tcp-chat/tests/closing.rs"]
mod closing;
