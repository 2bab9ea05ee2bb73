//! 任意一行字:解析不崩溃,规范写法和提示里的写法都能再解析,而且不再变化。
//!
//! 在 crates/common 里:`cargo +nightly fuzz run addr`。

#![no_main]

use common::addr::Address;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let right = match input.parse::<Address>() {
        Ok(address) => address.to_string(),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            let hint = error.hint();
            hint.strip_prefix("试试 ")
                .map(str::to_owned)
                .unwrap_or_default()
        }
    };
    let again = right.parse::<Address>().map(|address| address.to_string());
    assert_eq!(again.ok(), Some(right));
});
