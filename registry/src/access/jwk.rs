//! JSON Web Keys (RFC 7517): those that a signature can be checked with.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{hmac, signature};
use serde::Deserialize;

/// The shortest shared secret taken, in bytes: as long as the shortest hash.
const SECRET: usize = 32;

/// A set of keys.
#[derive(Debug, Default)]
pub struct Keys(Vec<Key>);

/// Whether keys may be shared secrets: never where others can read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// They may.
    Taken,
    /// They are left out.
    LeftOut,
}

/// One key.
#[derive(Debug)]
struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    material: Material,
}

enum Material {
    Secret(Vec<u8>),
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// Why a text is no set of keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not a set.
    #[error("this is no JSON Web Key Set")]
    Set(#[source] serde_json::Error),
    /// A key that lacks something.
    #[error("key {index} of the set cannot be used: {why}")]
    Key {
        /// Which, from 0.
        index: usize,
        /// Why not.
        why: &'static str,
    },
    /// No key of a kind that is known.
    #[error("the set holds no key that a signature can be checked with")]
    None,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Written>,
}

/// A key as it is written; what belongs to other kinds of keys is absent.
#[derive(Deserialize)]
struct Written {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    k: Option<String>,
}

impl Keys {
    /// Reads a set. Keys of unknown kinds, and those that are not for signatures, are left out, as the standard has it.
    pub fn parse(text: &str, secrets: Secrets) -> Result<Self, KeyError> {
        let set: Set = serde_json::from_str(text).map_err(KeyError::Set)?;
        let mut keys = Vec::new();
        for (index, written) in set.keys.into_iter().enumerate() {
            if written.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
                continue;
            }
            let found = material(&written).map_err(|why| KeyError::Key { index, why })?;
            let Some(material) = found else { continue };
            if matches!(material, Material::Secret(_)) && secrets == Secrets::LeftOut {
                tracing::warn!(index, "a shared secret in a set that others can read is left out");
                continue;
            }
            keys.push(Key { id: written.kid, algorithm: written.alg, material });
        }
        if keys.is_empty() { Err(KeyError::None) } else { Ok(Keys(keys)) }
    }

    /// Whether a key of the set has signed a message; `None` where none of them could have.
    pub fn check(
        &self,
        id: Option<&str>,
        algorithm: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let fitting = self.0.iter().filter(|key| {
            id.is_none_or(|id| key.id.as_deref() == Some(id))
                && key.algorithm.as_deref().is_none_or(|own| own == algorithm)
        });
        let mut any = None;
        for key in fitting {
            match key.material.check(algorithm, message, signature) {
                Some(true) => return Some(true),
                Some(false) => any = Some(false),
                None => {}
            }
        }
        any
    }
}

impl Material {
    /// The kind of key decides what algorithm it is for, never the token alone.
    fn check(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> Option<bool> {
        let public = |with: &'static dyn signature::VerificationAlgorithm, key: &[u8]| {
            signature::UnparsedPublicKey::new(with, key).verify(message, signature).is_ok()
        };
        Some(match (self, algorithm) {
            (Material::Secret(key), "HS256") => shared(hmac::HMAC_SHA256, key, message, signature),
            (Material::Secret(key), "HS384") => shared(hmac::HMAC_SHA384, key, message, signature),
            (Material::Secret(key), "HS512") => shared(hmac::HMAC_SHA512, key, message, signature),
            (Material::Rsa { n, e }, name) => {
                let with = rsa(name)?;
                let key = signature::RsaPublicKeyComponents { n, e };
                key.verify(with, message, signature).is_ok()
            }
            (Material::P256(key), "ES256") => public(&signature::ECDSA_P256_SHA256_FIXED, key),
            (Material::P384(key), "ES384") => public(&signature::ECDSA_P384_SHA384_FIXED, key),
            (Material::Ed25519(key), "EdDSA") => public(&signature::ED25519, key),
            _ => return None,
        })
    }
}

fn shared(with: hmac::Algorithm, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    // Compares in constant time.
    hmac::verify(&hmac::Key::new(with, key), message, signature).is_ok()
}

fn rsa(algorithm: &str) -> Option<&'static signature::RsaParameters> {
    Some(match algorithm {
        "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
        "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
        "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

/// What a key is made of; nothing where it is of a kind that is not known.
fn material(written: &Written) -> Result<Option<Material>, &'static str> {
    let bytes = |member: &Option<String>| {
        let text = member.as_deref().ok_or("a member is missing")?;
        BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| "a member is not base64url")
    };
    let point = |half: usize| {
        let (x, y) = (bytes(&written.x)?, bytes(&written.y)?);
        if x.len() != half || y.len() != half {
            return Err("the point is not one of the curve");
        }
        Ok([vec![4], x, y].concat())
    };
    Ok(Some(match (written.kty.as_str(), written.crv.as_deref()) {
        ("oct", _) => {
            let secret = bytes(&written.k)?;
            if secret.len() < SECRET {
                return Err("a shared secret has 32 bytes at least");
            }
            Material::Secret(secret)
        }
        ("RSA", _) => Material::Rsa { n: bytes(&written.n)?, e: bytes(&written.e)? },
        ("EC", Some("P-256")) => Material::P256(point(32)?),
        ("EC", Some("P-384")) => Material::P384(point(48)?),
        ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(&written.x)?),
        _ => return Ok(None),
    }))
}

impl std::fmt::Debug for Material {
    /// Never the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Material::Secret(_) => "Secret",
            Material::Rsa { .. } => "Rsa",
            Material::P256(_) => "P256",
            Material::P384(_) => "P384",
            Material::Ed25519(_) => "Ed25519",
        })
    }
}
