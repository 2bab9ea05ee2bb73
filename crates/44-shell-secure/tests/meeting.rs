//! 客户端认服务器:第一次要核对,变了就不说话,冒充的、过期的、半路切断的都看得出来。
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use support::{COMMAND, HELLO, PROGRAM, Quiet, STDOUT, TOKEN, fingerprint, frame, secret};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

const SECRET: &str = "a-token-that-nobody-else-has";

/// 一位客户:自己的目录,知道口令。
struct Customer(TempDir);

impl Customer {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        secret(&directory.path().join("token"), SECRET);
        Self(directory)
    }

    fn run(&self, address: &str, options: &[&str]) -> Output {
        let mut client = Command::new(PROGRAM);
        client
            .args(["client", address, "--state"])
            .arg(self.0.path());
        client.args(options).args(["--", "echo", "hi"]);
        client.env_remove("SHELL_SECURE_TOKEN");
        client.stdin(Stdio::null()).output().unwrap()
    }

    fn known(&self) -> String {
        fs::read_to_string(self.0.path().join("known_servers")).unwrap_or_default()
    }

    fn knows(&self, address: &str, fingerprint: &str) {
        let line = format!("{address} {fingerprint}\n");
        secret(&self.0.path().join("known_servers"), &line);
    }
}

/// 以退出码 255 失败,说了这些。
fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(255), "{said}");
    assert_eq!(output.stdout, b"", "{said}");
    for word in words {
        assert!(said.contains(word), "没有说「{word}」:{said}");
    }
}

/// 我们自己扮演的服务器,只接一位:给出地址,和他说过的全部的话。
struct Impostor {
    address: String,
    heard: JoinHandle<Vec<u8>>,
}

/// 服务器说完以后怎样。
#[derive(Clone, Copy, PartialEq)]
enum End {
    Politely,
    CutOff,
}

impl Impostor {
    /// 用证书 `certificate` 和私钥 `key` 握手;说 `says`。
    fn start(certificate: &str, key: &str, says: Vec<u8>, end: End) -> Self {
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let signer = provider.key_provider.load_private_key(key).unwrap();
        // 私钥可以不是证书的那一把:冒充的人只有证书。
        let pair = rustls::sign::CertifiedKey::new(vec![certificate], signer);
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(pair)));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let connection = ServerConnection::new(Arc::new(config)).unwrap();
            let mut tls = StreamOwned::new(connection, stream);
            let mut heard = vec![0; 4096];
            let length = tls.read(&mut heard).unwrap_or(0);
            heard.truncate(length);
            if length > 0 {
                tls.write_all(&says).unwrap();
                if end == End::Politely {
                    tls.conn.send_close_notify();
                }
                tls.flush().unwrap();
                let _ = tls.sock.shutdown(std::net::Shutdown::Write);
                // 他走以前也要说「完了」:没有说,读就是错误。
                let rest = std::io::copy(&mut tls, &mut std::io::sink());
                assert!(end == End::CutOff || rest.is_ok(), "{rest:?}");
            }
            heard
        });
        Self { address, heard }
    }
}

/// 一张自己签的证书和它的私钥,从 `start` 天以后起有效 `days` 天。
fn certificate(start: i64, days: i64) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.not_before = OffsetDateTime::now_utc() + Duration::days(start);
    params.not_after = params.not_before + Duration::days(days);
    params.is_ca = IsCa::ExplicitNoCa;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

fn hello() -> Vec<u8> {
    frame(HELLO, b"\x01\x05utf-8/tmp")
}

fn done() -> Vec<u8> {
    frame(support::EXIT, &[0, 0, 0, 0, 0])
}

#[test]
fn the_first_time_somebody_must_say_yes() {
    let server = Quiet::start(&[]);
    let customer = Customer::new();
    secret(&customer.0.path().join("token"), &server.token());
    let pem = fs::read(server.state("identity.pem")).unwrap();
    let real = fingerprint(&pem);
    let asked = customer.run(&server.address, &[]);
    refused(&asked, &["第一次连", &real, "--fingerprint"]);
    assert_eq!(customer.known(), "");
    let wrong = fingerprint(certificate(-1, 2).0.as_bytes());
    refused(
        &customer.run(&server.address, &["--fingerprint", &wrong]),
        &[&real, &wrong],
    );
    assert_eq!(customer.known(), "");
    let small = real.to_lowercase().replace(':', "");
    let told = customer.run(&server.address, &["--fingerprint", &small]);
    assert_eq!(told.stdout, b"hi\n");
    assert_eq!(customer.known(), format!("{} {real}\n", server.address));
    let again = customer.run(&server.address, &[]);
    assert_eq!((again.stdout, again.stderr), (b"hi\n".to_vec(), vec![]));
    assert!(server.events("command").len() == 2);
}

#[test]
fn accept_new_accepts_only_new_ones() {
    let server = Quiet::start(&[]);
    let customer = Customer::new();
    secret(&customer.0.path().join("token"), &server.token());
    assert_eq!(
        customer.run(&server.address, &["--accept-new"]).stdout,
        b"hi\n"
    );
    let other = fingerprint(certificate(-1, 2).0.as_bytes());
    customer.knows(&server.address, &other);
    let changed = customer.run(&server.address, &["--accept-new"]);
    refused(
        &changed,
        &["危险", "指纹变了", &other, "口令没有发出去", "提示:"],
    );
    assert!(customer.known().contains(&other));
    assert_eq!(server.events("command").len(), 1);
}

/// 指纹变了:口令没有发出去。怎样接着用:从服务器那边抄来新的。
#[test]
fn a_changed_fingerprint_is_refused() {
    let (pem, key) = certificate(-1, 2);
    let customer = Customer::new();
    let impostor = Impostor::start(&pem, &key, [hello(), done()].concat(), End::Politely);
    let before = fingerprint(certificate(-1, 2).0.as_bytes());
    customer.knows(&impostor.address, &before);
    refused(
        &customer.run(&impostor.address, &[]),
        &["危险", "指纹变了", &before],
    );
    assert_eq!(impostor.heard.join().unwrap(), b"");
    let impostor = Impostor::start(&pem, &key, [hello(), done()].concat(), End::Politely);
    customer.knows(&impostor.address, &before);
    let now = fingerprint(pem.as_bytes());
    let told = customer.run(&impostor.address, &["--fingerprint", &now]);
    assert!(told.status.success());
    assert!(customer.known().contains(&now) && !customer.known().contains(&before));
    assert_eq!(impostor.heard.join().unwrap()[4], TOKEN);
}

/// 拿着真的证书、没有它的私钥:签不了这一次握手。
#[test]
fn a_copied_certificate_is_not_enough() {
    let (pem, _) = certificate(-1, 2);
    let (_, other_key) = certificate(-1, 2);
    let customer = Customer::new();
    let impostor = Impostor::start(&pem, &other_key, hello(), End::Politely);
    customer.knows(&impostor.address, &fingerprint(pem.as_bytes()));
    refused(&customer.run(&impostor.address, &[]), &["没有它的私钥"]);
    assert_eq!(impostor.heard.join().unwrap(), b"");
}

#[test]
fn certificates_out_of_time_are_refused() {
    for (start, days, word) in [(-10, 5, "过期"), (5, 5, "还没有生效")] {
        let (pem, key) = certificate(start, days);
        let customer = Customer::new();
        let impostor = Impostor::start(&pem, &key, hello(), End::Politely);
        customer.knows(&impostor.address, &fingerprint(pem.as_bytes()));
        refused(&customer.run(&impostor.address, &[]), &[word]);
        assert_eq!(impostor.heard.join().unwrap(), b"");
    }
}

/// 半路切断的:TCP 的末尾谁都能伪造,TLS 的不能。
#[test]
fn a_cut_off_is_not_an_end() {
    let (pem, key) = certificate(-1, 2);
    let half = [hello(), frame(STDOUT, b"half\n")].concat();
    for (end, words) in [
        (End::CutOff, ["被切断", "close_notify"]),
        (End::Politely, ["服务器关闭了连接", "错误:"]),
    ] {
        let customer = Customer::new();
        let impostor = Impostor::start(&pem, &key, half.clone(), end);
        customer.knows(&impostor.address, &fingerprint(pem.as_bytes()));
        let finished = customer.run(&impostor.address, &[]);
        assert_eq!(finished.stdout, b"half\n");
        let said = String::from_utf8(finished.stderr).unwrap();
        assert_eq!(finished.status.code(), Some(255), "{said}");
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
        let heard = impostor.heard.join().unwrap();
        assert_eq!(heard[4], TOKEN);
        assert!(heard.len() < 64 || heard[4 + 1 + SECRET.len() + 4] == COMMAND);
    }
}

#[test]
#[cfg(unix)]
fn secrets_that_others_can_read_are_not_used() {
    use std::os::unix::fs::PermissionsExt;

    let customer = Customer::new();
    let token = customer.0.path().join("token");
    fs::set_permissions(&token, fs::Permissions::from_mode(0o640)).unwrap();
    refused(
        &customer.run("127.0.0.1:1", &[]),
        &["别人也读得到", "chmod 600"],
    );
    fs::remove_file(&token).unwrap();
    refused(
        &customer.run("127.0.0.1:1", &[]),
        &["没有口令", "SHELL_SECURE_TOKEN"],
    );
    secret(&token, "short");
    refused(&customer.run("127.0.0.1:1", &[]), &["不合规矩"]);
    secret(&token, SECRET);
    customer.knows("127.0.0.1:1", "xyz");
    refused(&customer.run("127.0.0.1:1", &[]), &["第 1 行看不懂"]);
}

/// 不加密只能连本机。
#[test]
fn plain_only_on_this_machine() {
    let server = Quiet::start(&["--no-tls"]);
    let customer = Customer::new();
    secret(&customer.0.path().join("token"), &server.token());
    assert_eq!(customer.run(&server.address, &["--no-tls"]).stdout, b"hi\n");
    refused(
        &customer.run(&server.address, &[]),
        &["没有做完握手", "提示:"],
    );
    let finished = Command::new(PROGRAM)
        .args(["server", "0.0.0.0:0", "--no-tls", "--state"])
        .arg(customer.0.path())
        .output()
        .unwrap();
    let said = String::from_utf8(finished.stderr).unwrap();
    assert_eq!(finished.status.code(), Some(1));
    assert!(said.contains("要加密,也要口令"), "{said}");
    assert_eq!(finished.stdout, b"");
}
