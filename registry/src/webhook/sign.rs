//! Signing: who is told can tell that it was this registry that told them, and when.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{hmac, rand::SecureRandom};

use crate::access::hex;

/// What a signature begins with: the way in which it was made.
const VERSION: &str = "v1=";

/// The signature over a time, a dot and a body.
pub fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(timestamp.to_string().as_bytes());
    context.update(b".");
    context.update(body);
    format!("{VERSION}{}", hex(context.sign().as_ref()))
}

/// A secret made up; nothing where the system has no randomness to give.
pub fn secret() -> Option<String> {
    let mut random = [0; 32];
    ring::rand::SystemRandom::new().fill(&mut random).ok()?;
    Some(format!("whsec_{}", BASE64_URL_SAFE_NO_PAD.encode(random)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_that_others_work_out() {
        // printf '1800000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
        insta::assert_snapshot!(signature("0123456789abcdef", 1_800_000_000, br#"{"a":1}"#), @"v1=d3e17924cac4a72ca2ee9e5700df170fdb5733eaf69ecd909fb0c18a962b03a5");
    }
}
