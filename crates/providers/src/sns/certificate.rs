//! The certificate by whose key Amazon SNS signs.
//!
//! SNS serves the certificate alone, without those above it, so a chain cannot be followed. What it is trusted for is
//! that it was fetched by HTTPS from SNS's own host ([`super::place`]), or that the operator pinned it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    UnparsedPublicKey,
};
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, ServerName, SignatureVerificationAlgorithm,
    UnixTime, alg_id, pem::PemObject,
};
use webpki::{EndEntityCert, Error, KeyUsage};

use super::envelope::Version;
use crate::Unverified;

/// An X.509 certificate.
#[derive(Debug, Clone)]
pub(super) struct Certificate(CertificateDer<'static>);

impl Certificate {
    /// Reads the first certificate of a PEM text, or a bare one.
    pub(super) fn read(received: &[u8]) -> Result<Self, Unverified> {
        let der = if received.first() == Some(&0x30) {
            CertificateDer::from(received.to_vec())
        } else {
            CertificateDer::from_pem_slice(received).map_err(|_| Unverified::NoCertificate)?
        };
        let certificate = Self(der);
        certificate.parsed()?;
        Ok(certificate)
    }

    /// Whether it is valid at this time.
    pub(super) fn valid(&self, now: DateTime<Utc>) -> Result<&Self, Unverified> {
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let certificate = self.parsed()?;
        let outcome = certificate.verify_for_usage(
            &[],
            &[],
            &[],
            UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            KeyUsage::server_auth(),
            None,
            None,
        );
        // The dates are looked at first. With nobody to trust it goes on to fail in one of these ways when they are
        // right: what else it may be used for and who issued it is not asked here.
        let timely = matches!(
            outcome,
            Err(Error::UnknownIssuer | Error::CaUsedAsEndEntity | Error::RequiredEkuNotFoundContext(_))
        );
        if timely {
            Ok(self)
        } else {
            Err(Unverified::NoCertificate)
        }
    }

    /// Whether it is made out for one of these names.
    pub(super) fn made_out_for(&self, names: &[String]) -> Result<&Self, Unverified> {
        let certificate = self.parsed()?;
        let is_for = |name: &String| {
            ServerName::try_from(name.as_str())
                .is_ok_and(|name| certificate.verify_is_valid_for_subject_name(&name).is_ok())
        };
        let fits = names.iter().any(is_for);
        if fits {
            Ok(self)
        } else {
            Err(Unverified::NoCertificate)
        }
    }

    /// Whether its key made this signature.
    pub(super) fn signed(&self, version: Version, text: &str, signature: &[u8]) -> Result<(), Unverified> {
        let algorithm: &dyn SignatureVerificationAlgorithm = match version {
            Version::Sha1 => &Rsa(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
            Version::Sha256 => &Rsa(&RSA_PKCS1_2048_8192_SHA256),
        };
        self.parsed()?
            .verify_signature(algorithm, text.as_bytes(), signature)
            .map_err(|_| Unverified::Mismatch)
    }

    fn parsed(&self) -> Result<EndEntityCert<'_>, Unverified> {
        EndEntityCert::try_from(&self.0).map_err(|_| Unverified::NoCertificate)
    }
}

/// RSA by ring. `webpki` brings none with SHA-1, which SNS still signs with unless it is told otherwise.
#[derive(Debug)]
struct Rsa(&'static RsaParameters);

impl SignatureVerificationAlgorithm for Rsa {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        UnparsedPublicKey::new(self.0, public_key)
            .verify(message, signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    /// Asked for where a certificate is checked by another, which is not done here.
    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_PKCS1_SHA256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `openssl req -x509`, as an operator would for a stand-in for SNS: its own issuer, for no use in
    /// particular; the key is an elliptic one, so it cannot have signed.
    const OWN_ISSUER: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBfzCCASWgAwIBAgIUcXPBJ7rm2eOlz5jwpdTGLFN0O+owCgYIKoZIzj0EAwIw\n\
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA5MjQwNFoYDzIwNTYxMTIw\n\
        MDkyNDA0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n\
        PQMBBwNCAATTkmO2mBFosq7cdWpkrwum7vcu8cG1AIFWOEfrX+soPnhsRCkzgo7O\n\
        8WuaXzpGi4emWIYKVKz5D2LW9wHzvQvRo1MwUTAdBgNVHQ4EFgQU+q0J+eAveMmO\n\
        ekLlP4f6rCT4ZFYwHwYDVR0jBBgwFoAU+q0J+eAveMmOekLlP4f6rCT4ZFYwDwYD\n\
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAX+bW/3GrVtWT+aQStFxyq\n\
        vyN/HVlygbjwGh+7HkIQ+AIhAK6cy5erwNjFdw5qeiRMR2UEf+8hMuqmnP+zGGml\n\
        Fj/T\n\
        -----END CERTIFICATE-----";

    #[test]
    fn a_pinned_certificate_needs_only_be_valid_in_time() {
        let certificate = Certificate::read(OWN_ISSUER.as_bytes()).unwrap();
        let at = |time: &str| certificate.valid(time.parse().unwrap()).map(|_| ());
        assert_eq!(at("2040-01-01T00:00:00Z"), Ok(()));
        for outside in [
            "2026-01-01T00:00:00Z",
            "2060-01-01T00:00:00Z",
            "1960-01-01T00:00:00Z",
        ] {
            assert_eq!(at(outside), Err(Unverified::NoCertificate), "{outside}");
        }
    }

    #[test]
    fn a_key_of_another_kind_signed_nothing() {
        let certificate = Certificate::read(OWN_ISSUER.as_bytes()).unwrap();
        for version in [Version::Sha1, Version::Sha256] {
            assert_eq!(
                certificate.signed(version, "", &[0; 64]),
                Err(Unverified::Mismatch)
            );
        }
    }
}
