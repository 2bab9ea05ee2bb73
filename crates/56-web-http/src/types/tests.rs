use super::*;

#[test]
fn the_extension_says_the_type() {
    let cases = [
        ("index.html", "text/html; charset=utf-8"),
        ("a/b.HTM", "text/html; charset=utf-8"),
        ("样式.css", "text/css; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("app.mjs", "text/javascript; charset=utf-8"),
        ("data.json", "application/json; charset=utf-8"),
        ("feed.xml", "text/xml; charset=utf-8"),
        ("logo.svg", "image/svg+xml; charset=utf-8"),
        ("page.xhtml", "application/xhtml+xml; charset=utf-8"),
        (
            "app.webmanifest",
            "application/manifest+json; charset=utf-8",
        ),
        ("README.md", "text/markdown; charset=utf-8"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.png", "image/png"),
        ("a.jpg", "image/jpeg"),
        ("a.webp", "image/webp"),
        ("a.ico", "image/x-icon"),
        ("a.mp4", "video/mp4"),
        ("a.woff2", "font/woff2"),
        ("a.wasm", "application/wasm"),
        ("a.pdf", "application/pdf"),
        ("a.js.gz", "application/gzip"),
        ("LICENSE", "application/octet-stream"),
        (".html", "application/octet-stream"),
        ("a.", "application/octet-stream"),
        ("a.html/b", "application/octet-stream"),
        ("a.你好", "application/octet-stream"),
        ("", "application/octet-stream"),
    ];
    for (name, expected) in cases {
        let kind = Type::of(name.as_bytes());
        assert_eq!([kind.name, kind.charset()].concat(), expected, "{name}");
    }
    assert_eq!(Type::of(b"a.\xff").name, UNKNOWN);
}

#[test]
fn only_what_shrinks_has_compressed_siblings() {
    for name in ["a.html", "a.svg", "a.wasm", "a.json", "a.ttf"] {
        assert!(Type::of(name.as_bytes()).is_compressible(), "{name}");
    }
    for name in ["a.png", "a.mp4", "a.woff2", "a.zip", "a"] {
        assert!(!Type::of(name.as_bytes()).is_compressible(), "{name}");
    }
}
