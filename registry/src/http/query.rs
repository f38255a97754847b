//! The query of a request, read leniently: existing clients spell their booleans in several ways.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, Query},
    http::{Uri, request::Parts},
};
use stele_api::problem::{Code, Problem};

/// The members of a query, in order.
pub struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Params::of(&parts.uri))
    }
}

impl Params {
    /// The query of a URI.
    pub fn of(uri: &Uri) -> Self {
        let members = Query::<Vec<(String, String)>>::try_from_uri(uri);
        Params(members.map(|Query(members)| members).unwrap_or_default())
    }

    /// What a member says, the last time where it is said more than once; nothing where it is absent or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all(name).last().filter(|text| !text.is_empty())
    }

    /// Everything that a member says, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a member says yes, in any spelling.
    pub fn is(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// A member, read.
    pub fn read<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Problem::new(Code::QueryInvalid, format!("`{text}` cannot be read as `{name}`"))
        })
    }

    /// The part of a list that `offset` and `limit` ask for; a negative limit is none.
    pub fn page<T>(&self, all: impl Iterator<Item = T>) -> Result<Vec<T>, Problem> {
        self.page_of_at_most(usize::MAX, all)
    }

    /// The same, of a list that is never answered whole.
    pub fn page_of_at_most<T>(
        &self,
        most: usize,
        all: impl Iterator<Item = T>,
    ) -> Result<Vec<T>, Problem> {
        let offset = self.read::<i64>("offset")?.unwrap_or(0);
        let limit = self.read::<i64>("limit")?.unwrap_or(-1);
        let rest = all.skip(usize::try_from(offset).unwrap_or(0));
        Ok(rest.take(usize::try_from(limit).unwrap_or(most).min(most)).collect())
    }
}
