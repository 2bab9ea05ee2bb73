//! 本阶段的表现与阶梯一致:该通过的检查都通过,该由以后的阶段修复的都还不通过。

#[test]
fn behaves_as_the_ladder_says() {
    check::stage("web-poll", env!("CARGO_BIN_EXE_web-poll"));
}
