//! Access: who may do what. Off, everybody may do everything; on, a token says who somebody is, and its grants what for.

mod grant;
mod jwk;
mod jwt;
mod keys;
mod principal;
mod rate;
mod tokens;

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::http::{HeaderMap, header};
use base64::{Engine, prelude::BASE64_STANDARD};

pub use self::{
    grant::{Contexts, Grant, GrantError, Role},
    jwk::KeyError,
    jwt::{Expected, JwtError},
    keys::{Address, Clear, InTheClear, KeySource, KeysError},
    principal::Principal,
    rate::Rates,
    tokens::{MintError, Minted, TokenFileError, Tokens, hex, mint},
};
use self::{jwk::Keys, keys::Jwks};
use crate::watched::Watched;

/// How often a file of tokens or keys is looked at.
pub const LOOK: Duration = Duration::from_secs(5);

/// Who may come in.
#[derive(Clone, Default)]
pub struct Access(Option<Arc<Guard>>);

/// What knows those who may.
#[derive(Default)]
pub struct Guard {
    tokens: Option<Watched<Tokens>>,
    jwts: Option<Jwts>,
}

struct Jwts {
    keys: Jwks,
    expected: Expected,
}

/// What access is set up from.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The file with the static tokens.
    pub tokens: Option<PathBuf>,
    /// Where the keys are from that sign JSON Web Tokens, and what such a token must say.
    pub jwt: Option<(KeySource, Expected)>,
}

/// Why access cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The file of tokens cannot be used.
    #[error("cannot use the tokens in `{}`", path.display())]
    Tokens {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: TokenFileError,
    },
    /// The keys cannot be used.
    #[error("cannot use the keys that sign tokens")]
    Keys(#[from] KeysError),
}

/// Why somebody does not come in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nothing was shown.
    #[error("nobody is named: the request has no token")]
    Nothing,
    /// What was shown is not of a kind that is known.
    #[error("the header `Authorization` is neither `Bearer` nor `Basic`")]
    Scheme,
    /// The token is not known.
    #[error("the token is not known")]
    Unknown,
    /// The token is a JWT that is not taken.
    #[error("the token is not taken: {0}")]
    Jwt(JwtError),
}

impl Access {
    /// Everybody may do everything.
    pub fn open() -> Self {
        Access(None)
    }

    /// Sets access up; open where nothing says who may come in. Must be called within a runtime.
    pub async fn set_up(settings: Settings) -> Result<Self, AccessError> {
        let Settings { tokens, jwt } = settings;
        if tokens.is_none() && jwt.is_none() {
            return Ok(Access::open());
        }
        let tokens = tokens
            .map(|path| {
                Watched::open(path.clone(), LOOK, Tokens::read)
                    .map_err(|cause| AccessError::Tokens { path, cause })
            })
            .transpose()?;
        let jwts = match jwt {
            None => None,
            Some((source, expected)) => Some(Jwts { keys: Jwks::open(source).await?, expected }),
        };
        Ok(Access(Some(Arc::new(Guard { tokens, jwts }))))
    }

    /// Whether everybody may do everything.
    pub fn is_open(&self) -> bool {
        self.0.is_none()
    }

    /// Who asks.
    pub fn principal(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Denied> {
        let Some(guard) = &self.0 else { return Ok(Principal::anybody()) };
        let value = headers.get(header::AUTHORIZATION).ok_or(Denied::Nothing)?;
        let (scheme, rest) =
            value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Denied::Scheme)?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return guard.bearer(rest);
        }
        if scheme.eq_ignore_ascii_case("basic") {
            let (name, token) = basic(rest).ok_or(Denied::Unknown)?;
            let known = guard.token(&token)?;
            return if known.name() == name { Ok(known) } else { Err(Denied::Unknown) };
        }
        Err(Denied::Scheme)
    }
}

impl Guard {
    fn bearer(&self, token: &str) -> Result<Arc<Principal>, Denied> {
        match &self.jwts {
            Some(jwts) if token.bytes().filter(|byte| *byte == b'.').count() == 2 => {
                let now = jiff::Timestamp::now().as_second();
                let (keys, expected): (Arc<Keys>, &Expected) =
                    (jwts.keys.current(), &jwts.expected);
                let read = jwt::read(token, &keys, expected, now);
                if let Err(JwtError::KeyUnknown) = &read {
                    jwts.keys.missed();
                }
                read.map(Arc::new).map_err(Denied::Jwt)
            }
            _ => self.token(token),
        }
    }

    fn token(&self, token: &str) -> Result<Arc<Principal>, Denied> {
        let tokens = self.tokens.as_ref().ok_or(Denied::Unknown)?;
        tokens.current().find(token).ok_or(Denied::Unknown)
    }
}

/// The name and the password of basic authentication.
fn basic(text: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}
