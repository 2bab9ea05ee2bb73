use super::*;

/// 最想要的排在前面;`identity` 是不编码。
fn order(values: &[&str]) -> Vec<&'static str> {
    let values = values.iter().map(|value| value.as_bytes());
    preferences(values)
        .map(|coding| coding.map_or("identity", Coding::name))
        .collect()
}

#[test]
fn codings_are_ordered_by_weight() {
    let cases: [(&str, &[&str]); 22] = [
        ("", &["identity"]),
        ("gzip", &["gzip", "identity"]),
        ("GZIP", &["gzip", "identity"]),
        ("x-gzip", &["gzip", "identity"]),
        (
            "gzip, deflate, br, zstd",
            &["br", "zstd", "gzip", "identity"],
        ),
        ("br;q=0.5, gzip;q=0.8", &["gzip", "br", "identity"]),
        ("br ; q=0.001,gzip ;Q=1.000", &["gzip", "br", "identity"]),
        ("gzip;q=0", &["identity"]),
        ("gzip;q=0.000", &["identity"]),
        ("identity", &["identity"]),
        ("gzip;q=0.5, identity", &["identity", "gzip"]),
        ("gzip;q=0.5, identity;q=0.5", &["gzip", "identity"]),
        ("*", &["br", "zstd", "gzip", "identity"]),
        ("*;q=0.5, gzip", &["gzip", "br", "zstd", "identity"]),
        ("*, br;q=0", &["zstd", "gzip", "identity"]),
        ("gzip, *;q=0", &["gzip"]),
        ("gzip, identity;q=0", &["gzip"]),
        ("identity;q=0", &[]),
        ("*;q=0", &[]),
        ("*;q=0, identity", &["identity"]),
        // 不认得的、写错的,不算。
        ("deflate, compress, dcb, gzip2, g zip", &["identity"]),
        (
            "gzip;q=2, br;q=1.1, zstd;q=0.1234, gzip;x=1, br;q=, br;q",
            &["identity"],
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(order(&[value]), expected, "{value}");
    }
    // 两行和一行是一样的。
    assert_eq!(order(&["gzip", "br;q=0.1"]), order(&["gzip, br;q=0.1"]));
    assert_eq!(order(&[]), ["identity"]);
}

#[test]
fn any_bytes_are_a_value() {
    for value in [
        &b"\xff;\xff"[..],
        b";;;,,,",
        b"gzip;q=\xff",
        b"*;q=0;q=1",
        b"\0",
    ] {
        assert!(preferences([value].into_iter()).count() <= 4);
    }
}
