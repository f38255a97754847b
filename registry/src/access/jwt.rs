//! JSON Web Tokens (RFC 7519): signed by somebody we trust, for us, and not over.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Grant, Principal, jwk::Keys};

/// The longest token taken.
const MOST: usize = 16 * 1024;

/// How far clocks may be apart, in seconds.
const LEEWAY: i64 = 60;

/// What a token must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Who issued it.
    pub issuer: String,
    /// Whom it is for.
    pub audience: String,
    /// The claim with the grants: a name, or a JSON pointer.
    pub grants: String,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Not three parts of base64url with JSON in two of them.
    #[error("it is no JSON Web Token")]
    Malformed,
    /// The header says something that must be understood, and is not.
    #[error("it needs extensions that are not known here")]
    Critical,
    /// Signed by a key or an algorithm that is not known.
    #[error("no known key could have signed it")]
    KeyUnknown,
    /// Not signed by the key it names.
    #[error("its signature is wrong")]
    Signature,
    /// Over, or without an end.
    #[error("it is over, or never ends")]
    Expired,
    /// Not yet.
    #[error("its time has not come")]
    NotYet,
    /// Issued by somebody else.
    #[error("it was issued by another")]
    Issuer,
    /// For somebody else.
    #[error("it is for another audience")]
    Audience,
    /// It says not who it is about.
    #[error("it does not say who it is about")]
    Nobody,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// Reads a token, `now` in seconds since 1970. Nothing in it is believed before its signature is checked.
pub fn read(
    token: &str,
    keys: &Keys,
    expected: &Expected,
    now: i64,
) -> Result<Principal, JwtError> {
    if token.len() > MOST {
        return Err(JwtError::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
    let (header, claims) = message.split_once('.').ok_or(JwtError::Malformed)?;
    let header: Header = decoded(header)?;
    if header.crit.is_some() {
        return Err(JwtError::Critical);
    }
    let signature = bytes(signature)?;
    match keys.check(header.kid.as_deref(), &header.alg, message.as_bytes(), &signature) {
        None => return Err(JwtError::KeyUnknown),
        Some(false) => return Err(JwtError::Signature),
        Some(true) => {}
    }
    let claims: Map<String, Value> = decoded(claims)?;
    holds(&claims, expected, now)?;
    let subject = claims.get("sub").and_then(Value::as_str).filter(|text| !text.is_empty());
    let name = subject.ok_or(JwtError::Nobody)?;
    Ok(Principal::new(name, grants(&claims, &expected.grants)))
}

fn holds(claims: &Map<String, Value>, expected: &Expected, now: i64) -> Result<(), JwtError> {
    let time = |name: &str| claims.get(name).map(|value| value.as_f64().unwrap_or(f64::NAN));
    let seconds = |seconds: i64| {
        // Exact up to the year 285,428,751.
        #[expect(clippy::cast_precision_loss, reason = "times of this age are exact")]
        let exact = seconds as f64;
        exact
    };
    // Written so that what is not a number is refused.
    if !time("exp").is_some_and(|end| end > seconds(now - LEEWAY)) {
        return Err(JwtError::Expired);
    }
    if !time("nbf").is_none_or(|start| start < seconds(now + LEEWAY)) {
        return Err(JwtError::NotYet);
    }
    if claims.get("iss").and_then(Value::as_str) != Some(&expected.issuer) {
        return Err(JwtError::Issuer);
    }
    let is_ours = |value: &Value| value.as_str() == Some(&expected.audience);
    let for_us = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(is_ours),
        Some(one) => is_ours(one),
        None => false,
    };
    if for_us { Ok(()) } else { Err(JwtError::Audience) }
}

/// The grants in a claim: a list, or words in a text. What is no grant is for somebody else.
fn grants(claims: &Map<String, Value>, claim: &str) -> Vec<Grant> {
    let mut found = claims.get(claim);
    if found.is_none()
        && let Some(rest) = claim.strip_prefix('/')
    {
        let mut names = rest.split('/');
        found = names.next().and_then(|name| claims.get(name));
        found = names.try_fold(found, |at, name| at.map(|at| at.get(name))).flatten();
    }
    let words: Vec<&str> = match found {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => text.split_whitespace().collect(),
        _ => Vec::new(),
    };
    words.into_iter().filter_map(|word| word.parse().ok()).collect()
}

fn bytes(part: &str) -> Result<Vec<u8>, JwtError> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed)
}

fn decoded<T: DeserializeOwned>(part: &str) -> Result<T, JwtError> {
    serde_json::from_slice(&bytes(part)?).map_err(|_| JwtError::Malformed)
}

#[cfg(test)]
#[path = "jwt_tests.rs"]
mod tests;
