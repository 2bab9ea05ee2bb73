//! 看一张证书:在不在有效期里,是不是它自己签的,签得对不对。两边都用。

use std::sync::Arc;
use std::time::SystemTime;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

/// 用不了的证书。
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// 到期了。
    #[error("证书过期了")]
    Expired,
    /// 还没有开始。
    #[error("证书还没有生效:两台机器的钟差得太多?")]
    NotYet,
    /// 不是 X.509 证书,不是自己签的,签名不对,或者不是给服务器用的。
    #[error("证书不合规矩")]
    Malformed,
}

/// 密码学的实现。
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// 自己签的证书 `certificate` 在时刻 `now` 能不能用(RFC 5280 §6.1:它同时是信任的起点)。
///
/// # Errors
/// 不能用,为什么。
pub fn check(certificate: &CertificateDer, now: SystemTime) -> Result<(), Invalid> {
    let now = now.duration_since(SystemTime::UNIX_EPOCH);
    let now = UnixTime::since_unix_epoch(now.map_err(|_| Invalid::NotYet)?);
    let anchor = anchor_from_trusted_cert(certificate).map_err(|_| Invalid::Malformed)?;
    let anchors = [anchor];
    let own = EndEntityCert::try_from(certificate).map_err(|_| Invalid::Malformed)?;
    let verified = own.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &[],
        now,
        KeyUsage::server_auth(),
        None,
        None,
    );
    match verified {
        Ok(_) => Ok(()),
        Err(Error::CertExpired { .. }) => Err(Invalid::Expired),
        Err(Error::CertNotValidYet { .. }) => Err(Invalid::NotYet),
        Err(_) => Err(Invalid::Malformed),
    }
}
