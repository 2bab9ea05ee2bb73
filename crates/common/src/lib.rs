//! 每个阶段都用的两样东西:[`addr`] 把人敲的「主机:端口」变成套接字地址,[`frame`] 在字节流上分帧。
pub mod addr;
pub mod frame;
