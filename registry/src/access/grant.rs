//! A grant is a role in some contexts, written `writer@.orders`.

use std::{fmt, str::FromStr};

use stele_api::subject::{Context, SubjectError};

/// What somebody may do; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Read, check and translate.
    Reader,
    /// Register, describe, delete and restore.
    Writer,
    /// Whatever loosens a rule or cannot be undone.
    Admin,
}

/// Which contexts a grant is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contexts {
    /// All, and whatever is about none.
    All,
    /// One.
    One(Context),
    /// Those whose name begins like this.
    Prefix(String),
}

/// A role in some contexts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What.
    pub role: Role,
    /// Where.
    pub contexts: Contexts,
}

/// Why a text is no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// Another role.
    #[error(
        "`{0}` is not a role: expected `reader`, `writer` or `admin`, such as in `writer@.orders`"
    )]
    Role(String),
    /// No contexts.
    #[error("`{0}` says no context: expected `{0}@*`, `{0}@.orders` or `{0}@.orders*`")]
    Nowhere(String),
    /// A context that is none.
    #[error("`{0}` is not a context")]
    Context(String, #[source] SubjectError),
}

impl Contexts {
    /// Whether a context is among them.
    pub fn hold(&self, context: &Context) -> bool {
        match self {
            Contexts::All => true,
            Contexts::One(one) => one == context,
            Contexts::Prefix(prefix) => context.as_str().starts_with(prefix.as_str()),
        }
    }
}

impl FromStr for Role {
    type Err = GrantError;

    fn from_str(text: &str) -> Result<Self, GrantError> {
        match text {
            "reader" => Ok(Role::Reader),
            "writer" => Ok(Role::Writer),
            "admin" => Ok(Role::Admin),
            other => Err(GrantError::Role(other.to_owned())),
        }
    }
}

impl FromStr for Grant {
    type Err = GrantError;

    fn from_str(text: &str) -> Result<Self, GrantError> {
        let Some((role, contexts)) = text.split_once('@') else {
            text.parse::<Role>()?;
            return Err(GrantError::Nowhere(text.to_owned()));
        };
        let role = role.parse()?;
        let contexts = match contexts.strip_suffix('*') {
            Some("") => Contexts::All,
            Some(prefix) => {
                context(prefix)?;
                Contexts::Prefix(prefix.to_owned())
            }
            None => Contexts::One(context(contexts)?),
        };
        Ok(Grant { role, contexts })
    }
}

fn context(text: &str) -> Result<Context, GrantError> {
    text.parse().map_err(|cause| GrantError::Context(text.to_owned(), cause))
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Reader => "reader",
            Role::Writer => "writer",
            Role::Admin => "admin",
        })
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.contexts {
            Contexts::All => write!(f, "{}@*", self.role),
            Contexts::One(context) => write!(f, "{}@{context}", self.role),
            Contexts::Prefix(prefix) => write!(f, "{}@{prefix}*", self.role),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_holds_where_it_says_and_nowhere_else() {
        for (grant, context, holds) in [
            ("reader@*", ".", true),
            ("reader@*", ".orders", true),
            ("writer@.", ".", true),
            ("writer@.", ".orders", false),
            ("writer@.orders", ".orders", true),
            ("writer@.orders", ".orders-eu", false),
            ("writer@.orders*", ".orders-eu", true),
            ("writer@.orders*", ".order", false),
        ] {
            let read: Grant = grant.parse().unwrap();

            assert_eq!(read.contexts.hold(&context.parse().unwrap()), holds, "{grant} {context}");
            assert_eq!(read.to_string(), grant);
        }
    }

    #[test]
    fn what_is_no_grant_says_what_was_expected() {
        let refused = |text: &str| text.parse::<Grant>().unwrap_err().to_string();

        insta::assert_snapshot!(refused("writer"), @"`writer` says no context: expected `writer@*`, `writer@.orders` or `writer@.orders*`");
        insta::assert_snapshot!(refused("owner@*"), @"`owner` is not a role: expected `reader`, `writer` or `admin`, such as in `writer@.orders`");
        insta::assert_snapshot!(refused("writer@orders"), @"`orders` is not a context");
    }
}
