//! 打断:客户端、服务器在随便哪一刻被杀掉,磁盘写不下,服务器换了文件。
//!
//! 不论怎样打断,最后的名字下面要么没有文件,要么是完整、正确的文件。
#![allow(clippy::unwrap_used)]

mod support;

use std::fs::{self, File};
use std::thread;
use std::time::Duration;

use support::relay::Relay;
use support::{Scene, content, finish, until};

/// 打断的次数和内容都由它决定。
const SEED: u64 = 0x5eed;

/// 半成品有 0 到全部字节,每一种长度都接得上。
#[test]
fn resumes_at_every_byte() {
    let scene = Scene::new();
    let whole = content(SEED, 40);
    scene.put("f", &whole);
    let server = scene.serve();
    // 让客户端自己写下状态:第一次下载时服务器已经走了一半,不好安排,于是自己造一份。
    let state = state_of(&scene, &server.address, whole.len());
    for held in 0..=whole.len() {
        fs::write(scene.here("out.part"), &whole[..held]).unwrap();
        fs::write(scene.here("out.part.state"), &state).unwrap();
        let done = scene.run(&server, &["f", "--output", "out"]).succeeded();
        assert_eq!(fs::read(scene.here("out")).unwrap(), whole);
        assert_eq!(scene.names(), ["out"]);
        let received = format!("收到 {} 字节", whole.len() - held);
        assert!(done.output.starts_with(&received), "{held}:{}", done.output);
        fs::remove_file(scene.here("out")).unwrap();
    }
}

/// 半成品里有一个字节不对:不信它。
#[test]
fn distrusts_a_damaged_part() {
    let scene = Scene::new();
    let whole = content(SEED, 5_000_000);
    scene.put("f", &whole);
    let server = scene.serve();
    let state = state_of(&scene, &server.address, whole.len());
    for damaged in [0, 1_234_567, 3_999_999] {
        let mut part = whole[..4_000_000].to_vec();
        part[damaged] ^= 0x10;
        fs::write(scene.here("out.part"), &part).unwrap();
        fs::write(scene.here("out.part.state"), &state).unwrap();
        let done = scene.run(&server, &["f", "--output", "out"]).succeeded();
        assert!(done.errors.contains("和服务器的不同"), "{}", done.errors);
        assert_eq!(fs::read(scene.here("out")).unwrap(), whole);
        fs::remove_file(scene.here("out")).unwrap();
    }
}

/// 状态文件是乱写的:不信它,也不出错。
#[test]
fn distrusts_a_damaged_state() {
    let scene = Scene::new();
    let whole = content(SEED, 100_000);
    scene.put("f", &whole);
    let server = scene.serve();
    let good = state_of(&scene, &server.address, whole.len());
    let mut random = fastrand::Rng::with_seed(SEED);
    for _ in 0..60 {
        let mut state = good.clone().into_bytes();
        for _ in 0..random.usize(1..4) {
            let place = random.usize(..state.len());
            state[place] = random.u8(..);
        }
        state.truncate(random.usize(..=state.len() + 50).min(state.len()));
        fs::write(
            scene.here("out.part"),
            &whole[..random.usize(..whole.len())],
        )
        .unwrap();
        fs::write(scene.here("out.part.state"), &state).unwrap();
        scene.run(&server, &["f", "--output", "out"]).succeeded();
        assert_eq!(fs::read(scene.here("out")).unwrap(), whole);
        assert_eq!(scene.names(), ["out"]);
        fs::remove_file(scene.here("out")).unwrap();
    }
}

/// 一次真的下载中途被杀掉,留下的状态;里面的版本是服务器现在的版本。
fn state_of(scene: &Scene, address: &str, size: usize) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(b"\0\0\0\x02\x01f").unwrap();
    let mut answer = [0; 4 + 1 + 1 + 8 + 16];
    stream.read_exact(&mut answer).unwrap();
    let version: String = answer[14..]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(scene.root("f").exists());
    format!("download-resume 1\nversion {version}\nsize {size}\nsegment 0 {size} 0\n")
}

/// 客户端在 100 个随机的时刻被杀掉,下一次接着下。
#[test]
fn kill_the_client_at_random_moments() {
    let scene = Scene::new();
    let mut random = fastrand::Rng::with_seed(SEED);
    let size = 6_000_000;
    let server = scene.serve();
    let relay = Relay::new(&server.address);
    let mut whole = content(0, size);
    scene.put("f", &whole);
    let interrupted = |random: &mut fastrand::Rng, to_the_end: bool| {
        // 一条连接、几条连接、收和写各用一个线程。
        let how = ["--jobs=1", "--jobs=4", "--no-verify"][random.usize(..3)];
        let options = ["f", "--output", "out", how];
        let client = scene.client_of(&relay.address, &options).spawn();
        let mut client = client.unwrap();
        match to_the_end {
            true => until("下完", || scene.here("out").exists()),
            false => relay.wait(|| client.try_wait().unwrap().is_some()),
        }
        // 已经结束了,也不要紧。
        let _ = client.kill();
        finish(client);
        relay.hang_up();
    };
    for round in 0..100 {
        // 每五次有一次一直放过去,最后的名字一出现就杀掉:正在收尾。
        let unlimited = round % 5 == 4;
        relay.allow(match unlimited {
            true => u64::MAX,
            false => random.u64(..size as u64 / 3),
        });
        interrupted(&mut random, unlimited);
        match fs::read(scene.here("out")) {
            Ok(saved) => {
                assert!(saved == whole, "第 {round} 次:最后的名字下面是错的文件");
                // 换一个版本,旧的成品留着:它只能被完整的新版本换掉。
                let old = whole;
                whole = content(round, size);
                scene.put("f", &whole);
                relay.allow(random.u64(..size as u64 * 2));
                interrupted(&mut random, false);
                let saved = fs::read(scene.here("out")).unwrap();
                let either = saved == old || saved == whole;
                assert!(either, "第 {round} 次:哪个版本都不是");
                fs::remove_file(scene.here("out")).unwrap();
            }
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
                assert!(!unlimited, "第 {round} 次:都放过去了,也没有下完");
            }
        }
    }
    scene.run(&server, &["f", "--output", "out"]).succeeded();
    assert!(fs::read(scene.here("out")).unwrap() == whole);
    assert_eq!(scene.names(), ["out"]);
}

/// 服务器在 100 个随机的时刻被杀掉,又在同一个端口上起来:客户端自己接着下。
#[test]
fn kill_the_server_at_random_moments() {
    let scene = Scene::new();
    let mut random = fastrand::Rng::with_seed(SEED);
    let whole = content(1, 4_000_000);
    scene.put("f", &whole);
    let mut server = scene.serve();
    let address = server.address.clone();
    let relay = Relay::new(&address);
    let options = ["f", "--output", "out", "--jobs", "2", "--retries", "1000"];
    let start = || scene.client_of(&relay.address, &options).spawn().unwrap();
    let check = |client| {
        finish(client).succeeded();
        assert!(fs::read(scene.here("out")).unwrap() == whole);
        fs::remove_file(scene.here("out")).unwrap();
    };
    let mut client = start();
    for round in 0..100 {
        // 每十次有一次让它下完。
        let unlimited = round % 10 == 9;
        relay.allow(match unlimited {
            true => u64::MAX,
            false => random.u64(1..400_000),
        });
        relay.wait(|| client.try_wait().unwrap().is_some());
        drop(server);
        relay.hang_up();
        match fs::read(scene.here("out")) {
            Ok(saved) => assert!(saved == whole, "第 {round} 次:最后的名字下面是错的文件"),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
        }
        server = scene.serve_at(&address, &[]);
        if unlimited || client.try_wait().unwrap().is_some() {
            check(client);
            client = start();
        }
    }
    relay.allow(u64::MAX);
    check(client);
}

/// 服务器重新起来,文件已经换了:从头下载新的。
#[test]
fn restarted_on_another_file() {
    let scene = Scene::new();
    let (old, new) = (content(1, 8_000_000), content(2, 8_000_000));
    scene.put("f", &old);
    let server = scene.serve();
    let address = server.address.clone();
    let relay = Relay::new(&address);
    let options = ["f", "--output", "out"];
    let client = scene.client_of(&relay.address, &options).spawn().unwrap();
    // 收到一半,服务器走了。
    relay.allow(4_000_000);
    relay.wait(|| false);
    drop(server);
    relay.hang_up();
    scene.put("f", &new);
    relay.allow(u64::MAX);
    let _server = scene.serve_at(&address, &[]);
    finish(client).succeeded();
    assert!(fs::read(scene.here("out")).unwrap() == new);
    assert_eq!(scene.names(), ["out"]);
}

/// 文件在下载的时候一直被改写:要么下到某个完整的版本,要么说清楚。
#[test]
fn rewritten_while_downloading() {
    let scene = Scene::new();
    scene.put("f", &vec![0; 4_000_000]);
    let server = scene.serve();
    let options = ["f", "--output", "out", "--limit", "20MB/s"];
    let mut client = scene.client(&server, &options).spawn().unwrap();
    let mut round = 0u8;
    while client.try_wait().unwrap().is_none() {
        round = round.wrapping_add(1);
        scene.put("f", &vec![round; 4_000_000]);
        thread::park_timeout(Duration::from_millis(40));
    }
    let done = finish(client);
    match fs::read(scene.here("out")) {
        Ok(saved) => assert!(done.code == Some(0) && saved.iter().all(|byte| *byte == saved[0])),
        Err(_) => drop(done.failed()),
    }
}

/// 文件写到一半写不下去了:说出来,最后的名字下面没有文件,半成品留着,有了地方就接着下。
#[cfg(unix)]
#[test]
fn no_room_for_the_file() {
    use std::process::{Command, Stdio};
    let scene = Scene::new();
    let whole = content(7, 3_000_000);
    scene.put("f", &whole);
    let server = scene.serve();
    for how in ["--jobs=1", "--jobs=3", "--no-verify"] {
        // 不让它写大于 1 MiB 的文件;不理会随之而来的信号,写的时候就得到错误。
        let script = "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\"";
        let child = Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_download-resume")])
            .args(["client", &server.address, "f", "--output", "out", how])
            .current_dir(scene.here(""))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let done = finish(child).failed();
        assert!(done.errors.contains("写不了文件"), "{}", done.errors);
        assert!(!scene.here("out").exists());
        let done = scene.run(&server, &["f", "--output", "out"]).succeeded();
        // 分了段,收到的一段可能正好是写不下的一段。
        let resumed = done.errors.contains("已经有");
        assert!(resumed || how == "--jobs=3", "{}", done.errors);
        assert!(fs::read(scene.here("out")).unwrap() == whole);
        fs::remove_file(scene.here("out")).unwrap();
    }
}

/// 4 GiB 以上:接在 4 GiB 的两边,一个字节不差。没有写过的地方不占磁盘。
#[test]
fn beyond_four_gibibytes() {
    use std::io::{Seek, SeekFrom, Write};
    let scene = Scene::new();
    let tail = content(9, 100_000);
    let size = (4 << 30) + 50_000;
    let held = size - tail.len() as u64;
    let mut file = File::create(scene.root("f")).unwrap();
    file.seek(SeekFrom::Start(held)).unwrap();
    file.write_all(&tail).unwrap();
    drop(file);
    let server = scene.serve();
    let state = state_of(&scene, &server.address, usize::try_from(size).unwrap());
    fs::write(scene.here("out.part.state"), state).unwrap();
    let part = File::create(scene.here("out.part")).unwrap();
    part.set_len(held + 10_000).unwrap();
    part.set_len(held).unwrap();
    let done = scene.run(&server, &["f", "--output", "out"]).succeeded();
    assert!(
        done.output.starts_with("收到 100000 字节"),
        "{}",
        done.output
    );
    let mut saved = File::open(scene.here("out")).unwrap();
    assert_eq!(saved.metadata().unwrap().len(), size);
    saved.seek(SeekFrom::Start(held)).unwrap();
    let mut end = Vec::new();
    std::io::Read::read_to_end(&mut saved, &mut end).unwrap();
    assert!(end == tail);
}
