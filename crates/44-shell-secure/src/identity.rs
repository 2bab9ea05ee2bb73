//! 服务器的身份:一对密钥和一张自己签的证书。第一次启动时造,以后一直用它,客户记住的就是它的指纹。

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, anyhow};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::version::TLS13;
use time::OffsetDateTime;

use crate::certificate::{Invalid, check, provider};
use crate::cli::{self, Hinted};
use crate::fingerprint::Fingerprint;
use crate::state::State;

/// 私钥和证书在一个文件里:一起造,一起换,不会只有一半。
const FILE: &str = "identity.pem";

/// 证书管这么久。长了,泄露的私钥也管这么久;短了,客户要常常核对新的指纹。
const LIFETIME: Duration = Duration::from_secs(730 * DAY);

/// 早一天开始有效:两台机器的钟总差一点。
const EARLY: Duration = Duration::from_secs(DAY);

/// 只剩这么久,每次启动都提醒。
const SOON: Duration = Duration::from_secs(30 * DAY);

const DAY: u64 = 24 * 60 * 60;

/// 服务器的身份。
pub struct Identity {
    /// 给每条连接用的 TLS 设置。
    pub config: Arc<ServerConfig>,
    /// 证书的指纹。
    pub fingerprint: Fingerprint,
}

impl Identity {
    /// 从目录 `state` 读;还没有就造一个。
    ///
    /// # Errors
    /// 读写不了,文件坏了,或者证书过期了。
    pub fn load(state: &State) -> anyhow::Result<Self> {
        let shown = state.path(FILE).display().to_string();
        let pem = state.read_or_make(FILE, make)?;
        let broken = |_| Hinted {
            text: format!("{shown} 坏了:读不出证书和私钥"),
            hint: "删掉它,再启动会造一个新的;指纹跟着变,要告诉每一位客户".to_owned(),
        };
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(broken)?;
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(broken)?;
        in_time(&certificate, &shown)?;
        let fingerprint = Fingerprint::of(&certificate);
        let config = Arc::new(configure(certificate, key)?);
        Ok(Self {
            config,
            fingerprint,
        })
    }
}

/// 造一对密钥(ECDSA P-256)和一张自己签的证书,写成 PEM。
fn make() -> anyhow::Result<String> {
    let key = KeyPair::generate().context("造密钥失败")?;
    let mut params = CertificateParams::default();
    // 名字只给人看:认的是指纹,不是名字。
    params
        .distinguished_name
        .push(DnType::CommonName, "shell-secure");
    let now = OffsetDateTime::now_utc();
    params.not_before = now - EARLY;
    params.not_after = now + LIFETIME;
    // 它只能证明自己,不能给别的证书签名。
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key).context("签证书失败")?;
    Ok(key.serialize_pem() + &certificate.pem())
}

/// 证书在有效期里;快到期就提醒。
fn in_time(certificate: &CertificateDer, shown: &str) -> anyhow::Result<()> {
    let now = SystemTime::now();
    let renew = format!("删掉 {shown},再启动会造一张新的;指纹跟着变,要告诉每一位客户");
    match (check(certificate, now), check(certificate, now + SOON)) {
        (Err(invalid), _) => Err(Hinted {
            text: format!("服务器自己的证书用不了:{invalid}"),
            hint: renew,
        }
        .into()),
        (Ok(()), Err(Invalid::Expired)) => {
            cli::note(format_args!("警告:证书不到 30 天就要过期了。{renew}"));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// 只有 TLS 1.3:没有降级,没有压缩,没有重新协商。也不发会话票据:每次都完整握手,
/// 就没有可以重放的早期数据(RFC 8446 §8)。
fn configure(
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> anyhow::Result<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(provider());
    let builder = builder.with_protocol_versions(&[&TLS13])?;
    let config = builder
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key);
    let mut config = config.map_err(|error| anyhow!("证书和私钥用不了:{error}"))?;
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}
