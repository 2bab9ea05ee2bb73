//! 几种校验和、摘要各有多快:一块 512 MiB 的内存,每种五次,打印中位数。
//!
//! `cargo run --release -p check --example digest_speed`

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use blake3::hazmat::{HasherExt, Mode, merge_subtrees_root};
use sha2::{Digest, Sha256, Sha512};

/// 比 CPU 的缓存大得多,和真的文件一样;是 2 的幂,正好分成两棵同样大的子树。
const SIZE: usize = 512 << 20;

/// 每种几次。
const ROUNDS: usize = 5;

fn main() {
    // 内容不影响快慢;不全是零,免得内存里只有一个零页。
    let data: Vec<u8> = (0..SIZE).map(|index| (index >> 6) as u8).collect();
    time("CRC-32", &data, crc32fast::hash);
    time("SHA-256", &data, |data| Sha256::digest(data));
    time("SHA-512", &data, |data| Sha512::digest(data));
    time("BLAKE3", &data, blake3::hash);
    time("BLAKE3,两个线程", &data, two_threads);
    assert_eq!(blake3::hash(&data), two_threads(&data));
}

/// 摘要是一棵树:两半各由一个线程算,再合成树根,和一个线程算的一样。
fn two_threads(data: &[u8]) -> blake3::Hash {
    let half = data.len() / 2;
    let subtree = |start: usize| {
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(start as u64);
        hasher.update(&data[start..start + half]);
        hasher.finalize_non_root()
    };
    let (left, right) = thread::scope(|scope| {
        let left = scope.spawn(|| subtree(0));
        let right = subtree(half);
        (left.join().unwrap_or_default(), right)
    });
    merge_subtrees_root(&left, &right, Mode::Hash)
}

fn time<T>(name: &str, data: &[u8], digest: impl Fn(&[u8]) -> T) {
    let mut rates: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            black_box(digest(black_box(data)));
            data.len() as f64 / f64::from(1 << 30) / started.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    println!("{name}:每秒 {:.1} GiB", rates[ROUNDS / 2]);
}
