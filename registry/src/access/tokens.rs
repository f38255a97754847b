//! Static tokens: a file with a line for each, which holds its hash and never the token.
//!
//! ```text
//! # name     grants                     token
//! ci-orders  writer@.orders,reader@*    sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8
//! ```
//!
//! A token has 256 random bits, so a hash that is quick to work out cannot be guessed back.

use std::{fmt::Write as _, fs, path::Path, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{digest, rand::SecureRandom};
use subtle::ConstantTimeEq;

use super::{Grant, GrantError, Principal};

/// What every token begins with, so that it is known for what it is where it should not be.
const PREFIX: &str = "stele_";

/// What a hash begins with.
const SHA256: &str = "sha256:";

/// The tokens of a file.
#[derive(Debug, Default)]
pub struct Tokens(Vec<(Hash, Arc<Principal>)>);

type Hash = [u8; 32];

/// Why a file of tokens cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// It cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] std::io::Error),
    /// A line that is none.
    #[error("line {line} is not `NAME GRANT,GRANT sha256:HEX`")]
    Line {
        /// Which.
        line: usize,
    },
    /// A grant that is none.
    #[error("line {line} holds a grant that is none")]
    Grant {
        /// Which.
        line: usize,
        /// What is wrong with it.
        #[source]
        cause: GrantError,
    },
    /// A name or a token that another line has.
    #[error("line {line} repeats a name or a token")]
    Twice {
        /// Which.
        line: usize,
    },
    /// No line at all.
    #[error("the file holds no token, so nobody could come in")]
    Empty,
}

/// A token that was just made.
#[derive(Debug)]
pub struct Minted {
    /// The token, which is shown once.
    pub token: String,
    /// The line for the file.
    pub line: String,
}

impl Tokens {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, TokenFileError> {
        Tokens::parse(&fs::read_to_string(path)?)
    }

    fn parse(text: &str) -> Result<Self, TokenFileError> {
        let mut tokens: Vec<(Hash, Arc<Principal>)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let [name, grants, hash] = line.split_whitespace().collect::<Vec<_>>()[..] else {
                return Err(TokenFileError::Line { line: number });
            };
            let grants = grants
                .split(',')
                .map(str::parse)
                .collect::<Result<Vec<Grant>, _>>()
                .map_err(|cause| TokenFileError::Grant { line: number, cause })?;
            let hash = hash
                .strip_prefix(SHA256)
                .and_then(unhex)
                .ok_or(TokenFileError::Line { line: number })?;
            if tokens.iter().any(|(known, principal)| *known == hash || principal.name() == name) {
                return Err(TokenFileError::Twice { line: number });
            }
            tokens.push((hash, Arc::new(Principal::new(name, grants))));
        }
        if tokens.is_empty() { Err(TokenFileError::Empty) } else { Ok(Tokens(tokens)) }
    }

    /// Whose a token is. Takes as long whichever it is, and whether it is any.
    pub fn find(&self, token: &str) -> Option<Arc<Principal>> {
        let asked = hash(token);
        let mut found = None;
        for (known, principal) in &self.0 {
            if bool::from(known.ct_eq(&asked)) {
                found = Some(principal);
            }
        }
        found.map(Arc::clone)
    }
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// A name that could not stand in the file, or in a header.
    #[error("`{0}` cannot be the name of a token: expected letters, digits, `-`, `_`, `.`, `@`")]
    Name(String),
    /// The system gives none.
    #[error("the system has no randomness to give")]
    Randomness,
}

/// Makes a token.
pub fn mint(name: &str, grants: &[Grant]) -> Result<Minted, MintError> {
    let fits = |c: char| c.is_alphanumeric() || "-_.@".contains(c);
    if name.is_empty() || !name.chars().all(fits) {
        return Err(MintError::Name(name.to_owned()));
    }
    let mut random = [0; 32];
    ring::rand::SystemRandom::new().fill(&mut random).map_err(|_| MintError::Randomness)?;
    let token = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random));
    let grants: Vec<String> = grants.iter().map(ToString::to_string).collect();
    let line = format!("{name} {} {SHA256}{}", grants.join(","), hex(&hash(&token)));
    Ok(Minted { token, line })
}

fn hash(token: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    hash
}

/// Bytes as people write them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants() -> Vec<Grant> {
        vec!["writer@.orders".parse().unwrap(), "reader@*".parse().unwrap()]
    }

    #[test]
    fn a_minted_token_is_known_by_its_line_and_no_other_is() {
        let minted = mint("ci", &grants()).unwrap();

        let tokens = Tokens::parse(&format!("# who may\n\n  {}\n", minted.line)).unwrap();

        assert_eq!(tokens.find(&minted.token).unwrap().name(), "ci");
        assert_eq!(tokens.find(&minted.token[1..]), None);
        assert_eq!(tokens.find(""), None);
        assert!(!minted.line.contains(&minted.token), "the file does not hold the token");
        assert_ne!(mint("ci", &grants()).unwrap().token, minted.token);
        assert_eq!(mint("c i", &grants()).unwrap_err(), MintError::Name("c i".into()));
    }

    #[test]
    fn a_line_that_is_none_is_told_by_its_number() {
        let refused = |text: &str| Tokens::parse(text).unwrap_err().to_string();
        let line = mint("a", &grants()).unwrap().line;

        insta::assert_snapshot!(refused("# nothing\n"), @"the file holds no token, so nobody could come in");
        insta::assert_snapshot!(refused("a reader@*"), @"line 1 is not `NAME GRANT,GRANT sha256:HEX`");
        insta::assert_snapshot!(refused("\na reader@* sha256:12"), @"line 2 is not `NAME GRANT,GRANT sha256:HEX`");
        insta::assert_snapshot!(refused("a king@* sha256:12"), @"line 1 holds a grant that is none");
        insta::assert_snapshot!(refused(&format!("{line}\n{line}")), @"line 2 repeats a name or a token");
    }
}
