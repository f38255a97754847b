//! Tokens as an issuer signs them, and as an attacker bends them.

use ring::{
    hmac,
    rand::SystemRandom,
    signature::{self, KeyPair},
};
use serde_json::json;

use super::{super::jwk::Secrets, *};

const NOW: i64 = 1_800_000_000;
const SECRET: &[u8; 32] = b"0123456789abcdef0123456789abcdef";

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn expected() -> Expected {
    Expected { issuer: "https://id".into(), audience: "stele".into(), grants: "stele".into() }
}

fn claims() -> Value {
    json!({"iss": "https://id", "aud": ["other", "stele"], "sub": "ada", "exp": NOW + 60,
        "nbf": NOW, "stele": ["writer@.orders", "something-else"]})
}

fn shared() -> Keys {
    let set = json!({"keys": [{"kty": "oct", "kid": "s", "k": encoded(SECRET)}]});
    Keys::parse(&set.to_string(), Secrets::Taken).unwrap()
}

fn signed(header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), message.as_bytes());
    format!("{message}.{}", encoded(tag))
}

fn refused(claims: &Value) -> JwtError {
    let token = signed(&json!({"alg": "HS256", "kid": "s"}), claims);
    read(&token, &shared(), &expected(), NOW).unwrap_err()
}

fn but(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

#[test]
fn a_token_says_who_it_is_and_what_for() {
    let token = signed(&json!({"alg": "HS256"}), &claims());

    let principal = read(&token, &shared(), &expected(), NOW).unwrap();

    assert_eq!(principal, Principal::new("ada", vec!["writer@.orders".parse().unwrap()]));
}

#[test]
fn grants_are_found_where_the_issuer_puts_them() {
    let claims = but("realm", json!({"roles": "admin@* reader@."}));
    let token = signed(&json!({"alg": "HS256"}), &claims);
    let expected = Expected { grants: "/realm/roles".into(), ..expected() };

    let principal = read(&token, &shared(), &expected, NOW).unwrap();

    assert!(principal.may_everywhere(super::super::Role::Admin));
}

#[test]
fn what_is_over_for_others_or_from_others_is_refused() {
    assert_eq!(refused(&but("exp", json!(NOW - 61))), JwtError::Expired);
    assert_eq!(refused(&but("exp", Value::Null)), JwtError::Expired);
    assert_eq!(refused(&but("exp", json!("9999999999"))), JwtError::Expired);
    assert_eq!(refused(&but("nbf", json!(NOW + 61))), JwtError::NotYet);
    assert_eq!(refused(&but("nbf", json!("soon"))), JwtError::NotYet);
    assert_eq!(refused(&but("iss", json!("https://id.evil"))), JwtError::Issuer);
    assert_eq!(refused(&but("aud", json!("steles"))), JwtError::Audience);
    assert_eq!(refused(&but("aud", Value::Null)), JwtError::Audience);
    assert_eq!(refused(&but("sub", json!(""))), JwtError::Nobody);
}

#[test]
fn nothing_unsigned_or_bent_is_taken() {
    let good = signed(&json!({"alg": "HS256"}), &claims());
    let read = |token: &str| read(token, &shared(), &expected(), NOW).unwrap_err();
    let header = |alg: &str| json!({"alg": alg});
    let (message, tag) = good.rsplit_once('.').unwrap();
    let other = encoded(but("sub", json!("eve")).to_string());

    assert_eq!(read(&signed(&header("none"), &claims())), JwtError::KeyUnknown);
    assert_eq!(read(&signed(&header("RS256"), &claims())), JwtError::KeyUnknown);
    assert_eq!(
        read(&signed(&json!({"alg": "HS256", "kid": "x"}), &claims())),
        JwtError::KeyUnknown
    );
    assert_eq!(
        read(&signed(&json!({"alg": "HS256", "crit": ["b64"]}), &claims())),
        JwtError::Critical
    );
    assert_eq!(read(&format!("{message}.")), JwtError::Signature);
    assert_eq!(
        read(&format!("{}.{other}.{tag}", encoded(header("HS256").to_string()))),
        JwtError::Signature
    );
    for malformed in ["", "a.b", "..", "a.b.c", &"x".repeat(20_000)] {
        assert_eq!(read(malformed), JwtError::Malformed, "{malformed}");
    }
}

#[test]
fn a_public_key_is_never_a_shared_secret() {
    let random = SystemRandom::new();
    let with = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let document = signature::EcdsaKeyPair::generate_pkcs8(with, &random).unwrap();
    let pair = signature::EcdsaKeyPair::from_pkcs8(with, document.as_ref(), &random).unwrap();
    let point = pair.public_key().as_ref();
    let set = json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig",
        "x": encoded(&point[1..33]), "y": encoded(&point[33..])}, {"kty": "future"}]});
    let keys = Keys::parse(&set.to_string(), Secrets::LeftOut).unwrap();
    let message = format!("{}.{}", encoded(r#"{"alg":"ES256"}"#), encoded(claims().to_string()));
    let genuine = pair.sign(&random, message.as_bytes()).unwrap();
    let confused = format!("{}.{}", encoded(r#"{"alg":"HS256"}"#), encoded(claims().to_string()));
    let forged = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, point), confused.as_bytes());

    let taken = read(&format!("{message}.{}", encoded(genuine)), &keys, &expected(), NOW);
    let refused = read(&format!("{confused}.{}", encoded(forged)), &keys, &expected(), NOW);

    assert_eq!(taken.unwrap().name(), "ada");
    assert_eq!(refused.unwrap_err(), JwtError::KeyUnknown);
}

#[test]
fn a_set_without_a_key_to_check_with_is_refused() {
    let refused =
        |set: Value, secrets| Keys::parse(&set.to_string(), secrets).unwrap_err().to_string();
    let secret = json!({"keys": [{"kty": "oct", "k": encoded(SECRET)}]});

    insta::assert_snapshot!(refused(json!({"keys": []}), Secrets::Taken), @"the set holds no key that a signature can be checked with");
    insta::assert_snapshot!(refused(secret, Secrets::LeftOut), @"the set holds no key that a signature can be checked with");
    insta::assert_snapshot!(refused(json!({"keys": [{"kty": "oct", "k": "c2hvcnQ"}]}), Secrets::Taken), @"key 0 of the set cannot be used: a shared secret has 32 bytes at least");
    insta::assert_snapshot!(refused(json!([]), Secrets::Taken), @"this is no JSON Web Key Set");
}
