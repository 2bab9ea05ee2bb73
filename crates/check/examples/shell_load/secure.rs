//! 44 的连接:TLS,先说口令,以后和 43 一样。

use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error,
    SignatureScheme, StreamOwned,
};

use crate::PATIENCE;
use crate::stream::Stream;

/// 连上 `server`,握手,说口令。证书和口令在服务器存东西的目录 `state` 里。
pub fn connect(
    server: &str,
    state: &Path,
) -> anyhow::Result<Stream<StreamOwned<ClientConnection, TcpStream>>> {
    let stream = TcpStream::connect(server).with_context(|| format!("连不上 {server}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let provider = Arc::new(ring::default_provider());
    let expected = CertificateDer::from_pem_file(state.join("identity.pem"));
    let verifier = OnlyThis {
        expected: expected.context("读不了证书")?,
        provider: Arc::clone(&provider),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    let name = ServerName::try_from("shell-secure")?;
    let connection = ClientConnection::new(Arc::new(config), name)?;
    let mut stream = Stream::new(StreamOwned::new(connection, stream));
    let token = std::fs::read_to_string(state.join("token")).context("读不了口令")?;
    stream.send(&[&[8], token.trim().as_bytes()].concat())?;
    Ok(stream)
}

/// 只认这一张证书,不看名字和期限。
#[derive(Debug)]
struct OnlyThis {
    expected: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for OnlyThis {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *certificate == self.expected {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::UnknownIssuer.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
