//! A set of JSON types, with numbers told apart as the dialects do.

use serde_json::Value;

/// Some of the types an instance can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TypeSet(u8);

impl TypeSet {
    pub const NULL: TypeSet = TypeSet(1);
    pub const BOOLEAN: TypeSet = TypeSet(2);
    /// A whole number spelled without fraction or exponent.
    pub const WHOLE: TypeSet = TypeSet(4);
    /// A whole number spelled like 2.0 or 2e0: an integer from draft 6 on, not in draft 4.
    pub const WHOLE_SPELLED_AS_FRACTION: TypeSet = TypeSet(8);
    pub const FRACTION: TypeSet = TypeSet(16);
    pub const STRING: TypeSet = TypeSet(32);
    pub const ARRAY: TypeSet = TypeSet(64);
    pub const OBJECT: TypeSet = TypeSet(128);
    pub const NUMBER: TypeSet = TypeSet(4 | 8 | 16);
    pub const EVERY: TypeSet = TypeSet(255);
    pub const NONE: TypeSet = TypeSet(0);

    /// Each single type, simplest first.
    pub const SINGLES: [TypeSet; 8] = [
        TypeSet::NULL,
        TypeSet::BOOLEAN,
        TypeSet::WHOLE,
        TypeSet::WHOLE_SPELLED_AS_FRACTION,
        TypeSet::FRACTION,
        TypeSet::STRING,
        TypeSet::ARRAY,
        TypeSet::OBJECT,
    ];

    /// The types that a `type` keyword's word means; `None` for an unknown word.
    pub fn named(word: &str, spelled_integers: bool) -> Option<TypeSet> {
        Some(match word {
            "null" => TypeSet::NULL,
            "boolean" => TypeSet::BOOLEAN,
            "integer" if spelled_integers => TypeSet::WHOLE,
            "integer" => TypeSet::WHOLE.or(TypeSet::WHOLE_SPELLED_AS_FRACTION),
            "number" => TypeSet::NUMBER,
            "string" => TypeSet::STRING,
            "array" => TypeSet::ARRAY,
            "object" => TypeSet::OBJECT,
            _ => return None,
        })
    }

    /// The one type of a value.
    pub fn of(value: &Value) -> TypeSet {
        match value {
            Value::Null => TypeSet::NULL,
            Value::Bool(_) => TypeSet::BOOLEAN,
            Value::String(_) => TypeSet::STRING,
            Value::Array(_) => TypeSet::ARRAY,
            Value::Object(_) => TypeSet::OBJECT,
            Value::Number(number) => {
                let spelled = number.as_str();
                if !spelled.contains(['.', 'e', 'E']) {
                    TypeSet::WHOLE
                } else if super::rational(spelled).is_some_and(|exact| exact.is_integer()) {
                    TypeSet::WHOLE_SPELLED_AS_FRACTION
                } else {
                    TypeSet::FRACTION
                }
            }
        }
    }

    pub fn or(self, other: TypeSet) -> TypeSet {
        TypeSet(self.0 | other.0)
    }

    pub fn and(self, other: TypeSet) -> TypeSet {
        TypeSet(self.0 & other.0)
    }

    pub fn without(self, other: TypeSet) -> TypeSet {
        TypeSet(self.0 & !other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn has(self, other: TypeSet) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn meets(self, other: TypeSet) -> bool {
        self.0 & other.0 != 0
    }
}
