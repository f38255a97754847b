//! A dialect is the edition of JSON Schema that a schema is written in.

use serde::{Deserialize, Serialize};

/// The editions Stele reads.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Dialect {
    /// Draft 4 (2013), the one of `OpenAPI` 3.0's relatives and `SchemaVer` repositories.
    #[serde(rename = "draft-04")]
    Draft4,
    /// Draft 6 (2017).
    #[serde(rename = "draft-06")]
    Draft6,
    /// Draft 7 (2018).
    #[serde(rename = "draft-07")]
    Draft7,
    /// Draft 2019-09.
    #[serde(rename = "2019-09")]
    Draft201909,
    /// Draft 2020-12, the one assumed where nothing is said.
    #[default]
    #[serde(rename = "2020-12")]
    Draft202012,
}

impl Dialect {
    /// The dialect a `$schema` names: `http` or `https`, with or without an empty fragment; the undated
    /// `json-schema.org/schema` is the newest. The self-describing meta-schema of Iglu is draft 4 in effect.
    pub fn from_uri(uri: &str) -> Option<Dialect> {
        let bare = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"))?;
        match bare.strip_suffix('#').unwrap_or(bare) {
            "json-schema.org/draft-04/schema"
            | "iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0" => {
                Some(Dialect::Draft4)
            }
            "json-schema.org/draft-06/schema" => Some(Dialect::Draft6),
            "json-schema.org/draft-07/schema" => Some(Dialect::Draft7),
            "json-schema.org/draft/2019-09/schema" => Some(Dialect::Draft201909),
            "json-schema.org/draft/2020-12/schema" | "json-schema.org/schema" => {
                Some(Dialect::Draft202012)
            }
            _ => None,
        }
    }

    /// The dialect as the `"dialect"` of a request or a configuration names it: a `$schema` URI or a short name.
    pub fn from_name(name: &str) -> Option<Dialect> {
        match name {
            "draft-04" | "4" => Some(Dialect::Draft4),
            "draft-06" | "6" => Some(Dialect::Draft6),
            "draft-07" | "7" => Some(Dialect::Draft7),
            "2019-09" => Some(Dialect::Draft201909),
            "2020-12" => Some(Dialect::Draft202012),
            uri => Dialect::from_uri(uri),
        }
    }

    /// The `$schema` URI of the dialect, in its own spelling.
    pub fn uri(self) -> &'static str {
        match self {
            Dialect::Draft4 => "http://json-schema.org/draft-04/schema#",
            Dialect::Draft6 => "http://json-schema.org/draft-06/schema#",
            Dialect::Draft7 => "http://json-schema.org/draft-07/schema#",
            Dialect::Draft201909 => "https://json-schema.org/draft/2019-09/schema",
            Dialect::Draft202012 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// Whether keywords beside a `$ref` are ignored: so up to draft 7 (draft 7, section 8.3).
    pub fn ref_hides_siblings(self) -> bool {
        self <= Dialect::Draft7
    }

    pub(crate) fn draft(self) -> jsonschema::Draft {
        match self {
            Dialect::Draft4 => jsonschema::Draft::Draft4,
            Dialect::Draft6 => jsonschema::Draft::Draft6,
            Dialect::Draft7 => jsonschema::Draft::Draft7,
            Dialect::Draft201909 => jsonschema::Draft::Draft201909,
            Dialect::Draft202012 => jsonschema::Draft::Draft202012,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_dialect_are_the_same() {
        for uri in
            ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft-07/schema"]
        {
            assert_eq!(Dialect::from_uri(uri), Some(Dialect::Draft7));
        }
        assert_eq!(Dialect::from_uri("https://json-schema.org/draft-99/schema"), None);
    }

    #[test]
    fn a_dialects_own_uri_names_it() {
        use Dialect::{Draft4, Draft6, Draft7, Draft201909, Draft202012};
        for dialect in [Draft4, Draft6, Draft7, Draft201909, Draft202012] {
            assert_eq!(Dialect::from_uri(dialect.uri()), Some(dialect));
        }
    }
}
