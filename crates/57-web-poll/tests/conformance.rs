//! 合乎 RFC 对静态网站的每一条要求;与另一个阶段的这个文件一字不差。

#[test]
fn conforms() {
    check::web::conformance::conformance(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))));
}
