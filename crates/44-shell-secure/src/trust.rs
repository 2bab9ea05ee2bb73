//! 认服务器:不看名字,不看谁签的,只看指纹是不是认得的那一个。

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, PeerIncompatible,
    SignatureScheme,
};

use crate::certificate::{Invalid, check, provider};
use crate::fingerprint::Fingerprint;

/// 不是认得的那一个。
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("服务器的指纹是 {0}")]
pub struct Stranger(pub Fingerprint);

/// 证书用不了。
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("服务器的{0}")]
pub struct Unusable(pub Invalid);

#[derive(Debug)]
struct Verifier {
    /// 认得的指纹;`None` 是谁也不认得。
    expected: Option<Fingerprint>,
    provider: Arc<CryptoProvider>,
}

/// 只认 `expected` 的客户端设置。
///
/// # Errors
/// 这样编译的 rustls 没有 TLS 1.3。
pub fn configure(expected: Option<Fingerprint>) -> Result<ClientConfig, Error> {
    let provider = provider();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_protocol_versions(&[&TLS13])?;
    let verifier = Arc::new(Verifier { expected, provider });
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    // 不恢复以前的会话,也不把名字明文写在第一个报文里。
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    Ok(config)
}

impl ServerCertVerifier for Verifier {
    /// 先看指纹:不认得的,证书里写什么都不算数。再看有效期。
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let fingerprint = Fingerprint::of(end_entity);
        if self.expected != Some(fingerprint) {
            return Err(refuse(Stranger(fingerprint)));
        }
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now.as_secs());
        let checked = check(end_entity, now).map_err(|invalid| refuse(Unusable(invalid)));
        checked.map(|()| ServerCertVerified::assertion())
    }

    /// 证书是公开的,谁都能拿一份来用;只有它的主人有私钥,能给这一次握手签名(RFC 8446 §4.4.3)。
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    /// 只有 TLS 1.3,不会用到。
    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::Tls12NotOfferedOrEnabled.into())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

fn refuse(reason: impl std::error::Error + Send + Sync + 'static) -> Error {
    CertificateError::Other(OtherError(Arc::new(reason))).into()
}
