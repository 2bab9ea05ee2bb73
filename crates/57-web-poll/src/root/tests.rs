#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Read;

use super::*;

/// 根在临时目录的 `root` 里,旁边有一个外面的秘密。
fn place() -> (tempfile::TempDir, Root) {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("root/目录")).unwrap();
    fs::write(place.path().join("root/目录/甲.txt"), "甲").unwrap();
    fs::write(place.path().join("secret"), "secret").unwrap();
    fs::create_dir(place.path().join("root-2")).unwrap();
    fs::write(place.path().join("root-2/secret"), "secret").unwrap();
    let root = Root::open(&place.path().join("root")).unwrap();
    (place, root)
}

fn content(found: Found) -> String {
    let Found::File(mut file, stamp) = found else {
        panic!("{found:?}");
    };
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text.len() as u64, stamp.size);
    text
}

#[test]
fn finds_files_and_directories() {
    let (_place, root) = place();
    assert_eq!(content(root.find("目录/甲.txt".as_bytes()).unwrap()), "甲");
    assert!(matches!(root.find(b"").unwrap(), Found::Directory(_)));
    assert!(matches!(
        root.find("目录".as_bytes()).unwrap(),
        Found::Directory(_)
    ));
    for absent in [
        "none",
        "目录/甲.txt/b",
        "目录/none",
        "../secret",
        "/etc/passwd",
    ] {
        assert!(root.find(absent.as_bytes()).is_err(), "{absent}");
    }
    assert!(root.find(&[b'a'; 300]).is_err());
    assert!(root.find(&b"a/".repeat(4000)).is_err());
}

#[test]
fn a_root_that_is_no_directory_is_refused() {
    let (place, _root) = place();
    assert!(Root::open(&place.path().join("secret")).is_err());
    assert!(Root::open(&place.path().join("none")).is_err());
}

#[test]
fn the_stamp_is_the_one_of_the_open_file() {
    let (_place, root) = place();
    let name = "目录/甲.txt".as_bytes();
    let Found::File(_, opened) = root.find(name).unwrap() else {
        panic!("应当是文件");
    };
    assert_eq!(root.stamp(name).unwrap(), opened);
    assert!(root.stamp(b"none").is_err());
}

#[test]
fn a_real_path_outside_is_not_resolved() {
    let (place, root) = place();
    drop(root);
    let root = place.path().join("root").canonicalize().unwrap();
    let inside = resolve(&root, Path::new("目录/../目录/甲.txt")).unwrap();
    assert_eq!(inside, Path::new("目录/甲.txt"));
    assert_eq!(resolve(&root, Path::new("")).unwrap(), Path::new(""));
    for outside in ["..", "../secret", "../root-2/secret", "/"] {
        assert!(resolve(&root, Path::new(outside)).is_err(), "{outside}");
    }
}

#[test]
fn a_directory_gives_its_entries_until_told_to_stop() {
    let (place, root) = place();
    fs::write(place.path().join("root/乙"), "12").unwrap();
    let Found::Directory(directory) = root.find(b"").unwrap() else {
        panic!("应当是目录");
    };
    let mut seen = Vec::new();
    directory
        .each(|entry| {
            seen.push((String::from_utf8(entry.name).unwrap(), entry.kind));
            true
        })
        .unwrap();
    seen.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [
        ("乙".to_owned(), Kind::File),
        ("目录".to_owned(), Kind::Directory),
    ];
    assert_eq!(seen, expected);
    let mut count = 0;
    directory
        .each(|_| {
            count += 1;
            false
        })
        .unwrap();
    assert_eq!(count, 1);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;
    use crate::failure::Failure;
    use crate::status::Status;

    /// 两种走法:内核守着的,和自己一段一段走的;哪一种都要一样。
    fn both(root: &Root, name: &str) -> [Result<Found, Status>; 2] {
        let walked = root.walk_resolved(name.as_bytes()).and_then(|descriptor| {
            let file = File::from(descriptor);
            let stat = rustix::fs::fstat(&file)?;
            Ok(match file.metadata()?.is_file() {
                true => Found::File(file, system::stamp(&stat)),
                false => Found::Other,
            })
        });
        [root.find(name.as_bytes()), walked]
            .map(|found| found.map_err(|error| Failure::from(error).status))
    }

    #[test]
    fn links_inside_are_followed_and_links_outside_are_not_found() {
        let (place, root) = place();
        let inside = |name: &str| place.path().join("root").join(name);
        symlink("目录/甲.txt", inside("relative")).unwrap();
        symlink("../目录/../目录/甲.txt", inside("目录/up")).unwrap();
        symlink(inside("目录/甲.txt"), inside("absolute")).unwrap();
        symlink(inside("目录"), inside("directory")).unwrap();
        for name in ["relative", "目录/up", "absolute", "directory/甲.txt"] {
            for found in both(&root, name) {
                assert_eq!(content(found.unwrap()), "甲", "{name}");
            }
        }
        symlink("../secret", inside("out")).unwrap();
        symlink(place.path().join("secret"), inside("out-absolute")).unwrap();
        symlink("..", inside("parent")).unwrap();
        symlink("../root-2", inside("brother")).unwrap();
        symlink("/proc/self/root", inside("magic")).unwrap();
        symlink("/proc/self/cwd", inside("cwd")).unwrap();
        symlink("loop", inside("loop")).unwrap();
        symlink("none", inside("dangling")).unwrap();
        for name in [
            "out",
            "out-absolute",
            "parent",
            "parent/secret",
            "brother/secret",
            "magic/etc/passwd",
            "cwd/Cargo.toml",
            "loop",
            "dangling",
        ] {
            for found in both(&root, name) {
                assert_eq!(found.unwrap_err(), Status::NOT_FOUND, "{name}");
            }
        }
        // 问过真正的路径以后,路上的一段被换成了链接。
        for swapped in ["out", "relative", "parent/secret", "directory/甲.txt"] {
            assert!(root.walk_plain(Path::new(swapped)).is_err(), "{swapped}");
        }
        // 出去又回来的,终点在里面。
        for found in both(&root, "parent/root/目录/甲.txt") {
            assert_eq!(content(found.unwrap()), "甲");
        }
    }

    #[test]
    fn a_pipe_is_not_waited_for_and_a_socket_is_no_file() {
        let (place, root) = place();
        let pipe = place.path().join("root/pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        assert!(matches!(root.find(b"pipe").unwrap(), Found::Other));
        let _listener = UnixListener::bind(place.path().join("root/socket")).unwrap();
        let error = root.find(b"socket").unwrap_err();
        assert_eq!(Failure::from(error).status, Status::NOT_FOUND);
    }

    #[test]
    fn errors_of_the_system_have_a_status() {
        use rustix::io::Errno;
        let cases = [
            (Errno::NOENT, 404),
            (Errno::NOTDIR, 404),
            (Errno::LOOP, 404),
            (Errno::NAMETOOLONG, 404),
            (Errno::XDEV, 404),
            (Errno::ACCESS, 403),
            (Errno::PERM, 403),
            (Errno::MFILE, 503),
            (Errno::NFILE, 503),
            (Errno::NOMEM, 503),
            (Errno::AGAIN, 503),
            (Errno::IO, 500),
        ];
        for (errno, status) in cases {
            assert_eq!(
                Failure::from(io::Error::from(errno)).status.0,
                status,
                "{errno:?}"
            );
        }
    }
}
