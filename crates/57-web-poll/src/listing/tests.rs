#![allow(clippy::unwrap_used)]

use std::fs;

use super::*;

fn listing(place: &std::path::Path, hidden: bool) -> Listing {
    let root = Root::open(place).unwrap();
    let Found::Directory(directory) = root.find(b"").unwrap() else {
        panic!("应当是目录");
    };
    let path = RelativePath::new(b"/").unwrap();
    Listing::new(&root, &directory, &path, hidden).unwrap()
}

fn names(listing: &Listing) -> Vec<String> {
    let name = |entry: &Entry| String::from_utf8(entry.name.clone()).unwrap();
    listing.entries.iter().map(name).collect()
}

fn content(response: &Response) -> String {
    let crate::response::Body::Bytes(bytes) = &response.body else {
        panic!("应当有正文");
    };
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn directories_come_first_then_names_in_order() {
    let place = tempfile::tempdir().unwrap();
    for name in ["乙.txt", "a.txt", "B.txt", ".hidden", "10", "9"] {
        fs::write(place.path().join(name), "").unwrap();
    }
    for name in ["目录", "z", ".git"] {
        fs::create_dir(place.path().join(name)).unwrap();
    }
    let shown = ["z", "目录", "10", "9", "B.txt", "a.txt", "乙.txt"];
    assert_eq!(names(&listing(place.path(), false)), shown);
    assert_eq!(names(&listing(place.path(), true)).len(), shown.len() + 2);
}

#[test]
fn names_are_escaped_and_links_encoded() {
    let mut list = Listing {
        entries: Vec::new(),
        complete: true,
    };
    for name in [
        "<script>alert(1)</script>",
        "a\"b'&.html",
        "javascript:alert(1)",
        "甲 乙?#%.txt",
        "\u{1b}[2J",
    ] {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("a"), "12345").unwrap();
        let mut entry = listing(place.path(), false).entries.remove(0);
        entry.name = name.as_bytes().to_owned();
        list.entries.push(entry);
    }
    let path = RelativePath::new("/<b>/甲/".as_bytes()).unwrap();
    let page = content(&list.html(&path));
    let expected = [
        "<title>/&lt;b&gt;/甲/</title>",
        "<a href=\"../\">../</a>",
        ">&lt;script&gt;alert(1)&lt;/script&gt;</a><td>5<td>20",
        "href=\"%3Cscript%3Ealert%281%29%3C%2Fscript%3E\"",
        "href=\"a%22b%27%26.html\">a&quot;b&#39;&amp;.html</a>",
        "href=\"javascript%3Aalert%281%29\"",
        "href=\"%E7%94%B2%20%E4%B9%99%3F%23%25.txt\">甲 乙?#%.txt</a>",
        "href=\"%1B%5B2J\">\u{fffd}[2J</a>",
    ];
    for part in expected {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("<script") && !page.contains("<b>"));
    let json = content(&list.json());
    for part in [
        "\"a\\\"b'&.html\"",
        "\"\\u001b[2J\"",
        "\"type\":\"file\"",
        "\"size\":5",
    ] {
        assert!(json.contains(part), "{part}\n{json}");
    }
    assert!(page.ends_with("</html>\n") && json.ends_with("\n]\n"));
}

#[test]
fn a_very_large_directory_is_cut_short_and_says_so() {
    let place = tempfile::tempdir().unwrap();
    for number in 0..=MAX_ENTRIES {
        fs::write(place.path().join(format!("{number}")), "").unwrap();
    }
    let list = listing(place.path(), false);
    assert_eq!((list.entries.len(), list.complete), (MAX_ENTRIES, false));
    let path = RelativePath::new(b"/").unwrap();
    let page = list.html(&path);
    assert!(content(&page).contains("太多了,只列出 10000 项"));
    assert!(
        str::from_utf8(&page.fields)
            .unwrap()
            .contains("X-Listing-Truncated: 10000\r\n")
    );
    fs::remove_file(place.path().join("0")).unwrap();
    assert!(listing(place.path(), false).complete);
}

#[test]
fn an_empty_directory_is_an_empty_list() {
    let place = tempfile::tempdir().unwrap();
    assert_eq!(content(&listing(place.path(), false).json()), "[\n]\n");
    let path = RelativePath::new(b"/").unwrap();
    assert!(!content(&listing(place.path(), false).html(&path)).contains("<a "));
}

#[test]
fn dates_are_written_as_numbers() {
    assert_eq!(time(784_111_777), "1994-11-06 08:49");
    assert_eq!(time(0), "1970-01-01 00:00");
}

#[cfg(unix)]
#[test]
fn links_are_shown_as_what_they_lead_to() {
    use std::os::unix::fs::symlink;
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("d")).unwrap();
    fs::write(place.path().join("f"), "12345").unwrap();
    symlink("d", place.path().join("to-d")).unwrap();
    symlink("f", place.path().join("to-f")).unwrap();
    symlink("/etc/passwd", place.path().join("out")).unwrap();
    symlink("none", place.path().join("dangling")).unwrap();
    let list = listing(place.path(), false);
    assert_eq!(names(&list), ["d", "to-d", "f", "to-f"]);
    assert_eq!(list.entries[3].stamp.size, 5);
}
