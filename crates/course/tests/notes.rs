//! 核对讲义:改错一个字就通不过,能重写的重写得回来。

#![allow(clippy::unwrap_used)] // 测试里,出错就是失败。

mod common;

use common::Fixture;

/// 一篇样样都有、样样都对的讲义。
const NOTE: &str = r#"# 探

见[运行](#运行)和[源码](../../crates/12-probe/src/server.rs)。

<!-- 表 阶梯 -->

| 章 | 阶段 | 包 | 新的一点 | 分钟 |
|---|---|---|---|---|
| 1 UDP | 11 听 | `listen` | 新的一点 | 20 |
| 1 UDP | [12 探](12-probe.md) | `probe` | 新的一点 | 20 |

<!-- /表 -->

## 运行

```session
甲$ probe echo
甲> 你好
甲| 回声:你好
```

```sh
cargo run -q -p probe -- echo --loud
cargo course diff listen probe
```

<!-- 帮助 probe echo -->
```text
用法: probe echo [--loud]
```

## 代码

<!-- 代码 probe src/server.rs serve answer -->
```rust
/// 服务。
fn serve() {
    receive();
    answer();
}

fn answer() {}
```

- 缩进的也行:

  <!-- 文件 crates/12-probe/src/main.rs -->
  ```rust
  fn main() {}
  ```

<!-- 示意 -->
```rust
let x = 1;
```

<!-- 差异 listen probe src/server.rs -->
```diff
--- 11-listen/src/server.rs
+++ 12-probe/src/server.rs
@@ -3,6 +3,9 @@
 /// 服务。
 fn serve() {
     receive();
+    answer();
 }
 
 fn receive() {}
+
+fn answer() {}
```
"#;

/// `NOTE` 里的 `from` 换成 `to` 之后,恰好有一处不符,它是…
fn only_problem(from: &str, to: &str) -> String {
    let edited = NOTE.replacen(from, to, 1);
    assert_ne!(edited, NOTE, "讲义里没有 {from}");
    let problems = Fixture::new().problems(&edited);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.into_iter().next().unwrap()
}

/// 改动之后不符,重写之后又是原来的样子,再重写就没有事做。
fn is_mended(from: &str, to: &str) {
    let problem = only_problem(from, to);
    assert!(problem.contains("cargo course notes --fix"), "{problem}");
    let fixture = Fixture::new();
    fixture.note(&NOTE.replacen(from, to, 1));
    let report = fixture.check(true);
    assert!(report.passed(), "{report}");
    assert!(
        report.notices[0].contains("docs/notes/12-probe.md"),
        "{report}"
    );
    assert_eq!(fixture.read("docs/notes/12-probe.md"), NOTE);
    let again = fixture.check(true);
    assert!(again.passed() && again.notices.is_empty(), "{again}");
}

#[test]
fn a_right_note_passes() {
    let fixture = Fixture::new();
    assert_eq!(fixture.problems(NOTE), Vec::<String>::new());
    let report = fixture.check(false);
    assert_eq!((report.notes, report.sessions), (2, 1));
}

#[test]
fn an_edited_excerpt_is_found_and_mended() {
    let problem = only_problem("    answer();\n}\n\nfn", "    answer()!\n}\n\nfn");
    assert!(
        problem.starts_with("docs/notes/12-probe.md:39: "),
        "{problem}"
    );
    assert!(
        problem.contains("讲义:    answer()!") && problem.contains("实际:    answer();"),
        "{problem}"
    );
    is_mended("    answer();\n}\n\nfn", "    answer()!\n}\n\nfn");
    is_mended("  fn main() {}\n", "  fn main() { }\n");
    is_mended("+    answer();", "+    answer() ;");
    is_mended("[--loud]\n", "[--load]\n");
    is_mended("| 1 UDP | 11 听", "| 1 TCP | 11 听");
}

#[test]
fn a_shortened_or_lengthened_excerpt_is_mended_too() {
    is_mended("fn answer() {}\n```\n\n- ", "```\n\n- ");
    is_mended(
        "用法: probe echo [--loud]\n",
        "用法: probe echo [--loud]\n多出一行\n",
    );
}

#[test]
fn a_wrong_session_is_found_and_never_rewritten() {
    let problem = only_problem("甲| 回声:你好", "甲| 回声:您好");
    assert!(
        problem.starts_with("docs/notes/12-probe.md:19: "),
        "{problem}"
    );
    let fixture = Fixture::new();
    let wrong = NOTE.replacen("甲| 回声:你好", "甲| 回声:您好", 1);
    fixture.note(&wrong);
    assert!(!fixture.check(true).passed());
    assert_eq!(fixture.read("docs/notes/12-probe.md"), wrong);
}

#[test]
fn a_malformed_session_is_named_with_its_line() {
    let problem = only_problem("甲| 回声:你好", "甲 回声:你好");
    assert!(
        problem.starts_with("docs/notes/12-probe.md:19: 看不懂"),
        "{problem}"
    );
}

#[test]
fn wrong_markers_are_errors() {
    let says = |from, to, reason: &str| {
        let problem = only_problem(from, to);
        assert!(problem.contains(reason), "{problem}");
    };
    says("<!-- 示意 -->", "<!-- 示例 -->", "没有「示例」这种标记");
    says(
        "<!-- 代码 probe src/server.rs serve answer",
        "<!-- 代码 probe",
        "应当写成",
    );
    says(
        "server.rs serve answer",
        "server.rs serve anwser",
        "没有叫 anwser 的",
    );
    says(
        "<!-- 代码 probe src/server.rs",
        "<!-- 代码 prob src/server.rs",
        "没有叫 prob 的阶段(是不是 probe?)",
    );
    says(
        "<!-- 代码 probe src/server.rs",
        "<!-- 代码 probe ../11-listen/src/server.rs",
        "应当是相对的",
    );
    says(
        "<!-- 差异 listen probe src/server.rs",
        "<!-- 差异 listen probe src/main.rs",
        "没有差异",
    );
    says("<!-- 帮助 probe echo", "<!-- 帮助 probe sing", "失败");
    says("<!-- 示意 -->\n", "", "没有标记");
    says("<!-- /表 -->", "", "表没有结束");
    says("<!-- 表 阶梯 -->", "", "前面没有对应的");
    says(
        "<!-- 示意 -->\n```rust",
        "<!-- 表 阶梯 -->\n\n| 章 | 阶段 | 包 | 新的一点 | 分钟 |\n|---|---|---|---|---|\n| 1 UDP | 11 听 | `listen` | 新的一点 | 20 |\n| 1 UDP | [12 探](12-probe.md) | `probe` | 新的一点 | 20 |\n\n<!-- /表 -->\n```rust",
        "没有标记",
    );
    says("见[运行]", "见<!-- 示意 -->[运行]", "独占一行");
}

#[test]
fn a_marker_without_its_block_is_an_error() {
    let problems =
        Fixture::new().problems("# 探\n\n<!-- 代码 probe src/server.rs serve -->\n\n正文\n");
    assert_eq!(
        problems,
        ["docs/notes/12-probe.md:3: 标记的下一行应当是一个代码块"]
    );
    let problems =
        Fixture::new().problems("<!-- 代码 probe src/main.rs -->\n```text\nfn main() {}\n```\n");
    assert_eq!(
        problems,
        ["docs/notes/12-probe.md:1: 这个标记下面应当是 ```rust 块"]
    );
}

#[test]
fn broken_links_are_found() {
    let says = |from, to, reason: &str| {
        let problem = only_problem(from, to);
        assert!(
            problem.starts_with("docs/notes/12-probe.md:3: "),
            "{problem}"
        );
        assert!(problem.contains(reason), "{problem}");
    };
    says("](#运行)", "](#运营)", "标题 #运营 不存在");
    says(
        "](../../crates/12-probe/src/server.rs)",
        "](../../crates/12-probe/src/sever.rs)",
        "不存在",
    );
    says(
        "](../../crates/12-probe/src/server.rs)",
        "](../../../12-probe)",
        "仓库外面",
    );
    says("](#运行)", "](SUMMARY.md#目)", "标题 #目 不存在");
    says(
        "见[运行](#运行)",
        "见<img src=\"img/x.svg\">",
        "img/x.svg 指向的文件不存在",
    );
}

#[test]
fn the_summary_lists_every_note() {
    let fixture = Fixture::new();
    fixture.write("docs/notes/前言.md", "# 前言\n");
    let problems = fixture.problems(NOTE);
    assert_eq!(
        problems,
        ["docs/notes/前言.md:1: 这一篇不在目录 docs/notes/SUMMARY.md 里"]
    );
}

#[test]
fn avoided_terms_are_found() {
    let fixture = Fixture::new();
    fixture.write("docs/notes/术语.md", "# 术语\n\n| 术语 | 英文 | 不用的说法 |\n|---|---|---|\n| 组播 | multicast | 多播、`群播` |\n");
    fixture.write(
        "docs/notes/SUMMARY.md",
        "- [探](12-probe.md)\n- [术语](术语.md)\n",
    );
    fixture.write(
        "docs/notes/12-probe.md",
        "# 探\n\n有人说「多播」。\n这是群播。\n",
    );
    let problems: Vec<String> = fixture
        .check(false)
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        problems,
        ["docs/notes/12-probe.md:4: 不用「群播」这个说法,用「组播」(见术语表)"]
    );
}

#[test]
fn wrong_commands_are_found() {
    let says = |from, to, reason: &str| {
        let problem = only_problem(from, to);
        assert!(problem.contains(reason), "{problem}");
    };
    says(
        "-p probe -- echo --loud",
        "-p prob -- echo --loud",
        "没有叫 prob 的阶段",
    );
    says(
        "-p probe -- echo --loud",
        "-p 12 -- echo --loud",
        "要写包名",
    );
    says("-- echo --loud", "-- sing", "没有 sing 这个子命令");
    says("-- echo --loud", "-- echo --quiet", "没有 --quiet 这个选项");
    says(
        "cargo course diff listen probe",
        "cargo course dif listen probe",
        "没有 dif 这个命令",
    );
    says(
        "cargo course diff listen probe",
        "cargo course diff listen prob",
        "没有叫 prob 的阶段",
    );
}

#[test]
fn a_session_whose_program_is_missing_is_skipped_with_a_notice() {
    let fixture = Fixture::new();
    fixture.note("# 探\n\n```session\n甲$ no-such-program-here\n```\n");
    let report = fixture.check(false);
    assert!(report.passed(), "{report}");
    assert!(
        report.notices[0].contains("no-such-program-here,跳过"),
        "{report}"
    );
    let report = fixture.check_strictly(false, true);
    assert_eq!(report.problems.len(), 1, "{report}");
}

#[test]
fn a_session_says_where_it_can_be_played() {
    let fixture = Fixture::new();
    fixture.note("# 探\n\n```session linux\n甲$ probe wrong\n甲| 不会有这一行\n```\n");
    let report = fixture.check(false);
    // 在 Linux 上演了,而且与讲义不符;别的系统上跳过。
    assert_eq!(report.passed(), !cfg!(target_os = "linux"), "{report}");
    fixture.note("# 探\n\n```session wine\n甲$ probe\n```\n");
    let report = fixture.check(false);
    let problem = report.problems[0].to_string();
    assert!(
        problem.contains("docs/notes/12-probe.md:3: 看不懂「session wine」"),
        "{problem}"
    );
}

#[test]
fn windows_line_ends_are_kept() {
    let fixture = Fixture::new();
    let wrong = NOTE.replacen("[--loud]\n", "[--load]\n", 1);
    fixture.note(&wrong.replace('\n', "\r\n"));
    assert!(fixture.check(true).passed());
    assert_eq!(
        fixture.read("docs/notes/12-probe.md"),
        NOTE.replace('\n', "\r\n")
    );
}
