//! What a conversion makes of a schema.
//!
//! Numbers too long to write out (beyond 400 digits, such as 1e999) fail when they come and count as no value here.

use serde_json::{Map, Value, json};

use super::{Convert, Direction, Format, Kind};
use crate::{
    lens::{
        number::Decimal,
        shape::{Domain, Shape, Stop, Wrong, either, only_texts, types_of},
    },
    pointer::Pointer,
};

/// The texts of every decimal, and of those without a sign.
const DECIMAL: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$";
const UNSIGNED: &str = r"^(0|[1-9][0-9]*)(\.[0-9]+)?$";

impl Convert {
    pub(super) fn shape(&self, direction: Direction, shape: &mut Shape) -> Result<(), Stop> {
        let instead = self.on_error(direction);
        shape.replace(&self.at, |place, domain, total| {
            // Whether every value of this branch is converted; with an `on_error` it does not matter.
            let mut takes_all = true;
            let converted = match domain {
                Domain::Values(values) => {
                    let mut images = Vec::new();
                    for value in values {
                        // The same number may be spelled otherwise, and be another text then.
                        *total &= !(value.is_number() && self.follows_spelling(direction));
                        match (self.cross(direction, value), instead) {
                            (Ok(image), _) => images.push(image),
                            (Err(_), Some(instead)) => images.push(instead.clone()),
                            (Err(message), None) => {
                                let advice = "give an `on_error`, or say the type with `from`";
                                return Err(Stop::Wrong(Wrong::new(place, message, advice)));
                            }
                        }
                    }
                    return Ok(json!({"enum": images}));
                }
                Domain::Schema(node) => self.image(direction, place, node, &mut takes_all)?,
            };
            Ok(match instead {
                None => {
                    *total &= takes_all;
                    converted
                }
                Some(instead) => either(&[converted, json!({"enum": [instead]})], total),
            })
        })
    }

    fn image(
        &self,
        direction: Direction,
        place: &Pointer,
        node: &Map<String, Value>,
        total: &mut bool,
    ) -> Result<Value, Stop> {
        let (from, to, scale) = self.sides(direction);
        let taken: &[&str] = match from {
            None => &["integer", "number", "boolean"],
            Some(Kind::Integer) => &["integer"],
            Some(Kind::Number) => &["integer", "number"],
            Some(Kind::String) => &["string"],
            Some(Kind::Boolean) => &["boolean"],
        };
        let Some(types) = types_of(node) else {
            *total = false;
            return Ok(self.plain_image(to));
        };
        if !types.iter().any(|kind| {
            taken.contains(&kind.as_str()) || kind == "number" && from == Some(Kind::Integer)
        }) {
            let message = format!(
                "expects {}, but the schema says {}",
                from.map_or("a number or a boolean", Kind::name),
                types.join(" or ")
            );
            let advice = format!("say what it is with `from: {}`", types[0]);
            return Err(Stop::Wrong(Wrong::new(place, message, advice)));
        }
        *total &= types.iter().all(|kind| taken.contains(&kind.as_str()));
        *total &= match (from, to) {
            (Some(Kind::String), Some(Kind::Number)) => {
                !self.is_epoch() && only_texts(node, DECIMAL)
            }
            (Some(Kind::String), Some(Kind::Integer)) => {
                !self.is_epoch() && only_texts(node, &whole(scale))
            }
            (Some(Kind::String), _) | (_, Some(Kind::Boolean)) => false,
            (_, Some(Kind::Integer)) => {
                from == Some(Kind::Integer) && scale >= 0 || from == Some(Kind::Boolean)
            }
            (_, Some(Kind::String)) => !self.is_epoch(),
            _ => true,
        };
        if let (Some(from), Some(Kind::String)) = (from.filter(|from| from.is_numeric()), to)
            && !self.is_epoch()
        {
            let pattern = spelled(from, scale, is_unsigned(node));
            return Ok(json!({"type": "string", "pattern": pattern}));
        }
        let mut image = self.plain_image(to);
        if from == Some(Kind::String)
            && to.is_some_and(Kind::is_numeric)
            && only_texts(node, UNSIGNED)
            && let Value::Object(image) = &mut image
        {
            image.insert("minimum".into(), 0.into());
        }
        let numeric = from.is_some_and(Kind::is_numeric) && to.is_some_and(Kind::is_numeric);
        if let (true, Value::Object(image)) = (numeric, &mut image) {
            for bound in
                ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
            {
                match node.get(bound) {
                    Some(Value::Number(number)) => {
                        let Some(scaled) =
                            Decimal::of(number).and_then(|n| n.shift(scale).number())
                        else {
                            continue;
                        };
                        image.insert(bound.into(), Value::Number(scaled));
                    }
                    Some(flag @ Value::Bool(_)) => {
                        image.insert(bound.into(), flag.clone());
                    }
                    _ => {}
                }
            }
        }
        Ok(image)
    }

    /// Whether a text is made of a number as it is spelled: 1.50 becomes "1.50".
    fn follows_spelling(&self, direction: Direction) -> bool {
        let (from, to, scale) = self.sides(direction);
        to == Some(Kind::String) && from != Some(Kind::Integer) && scale == 0 && !self.is_epoch()
    }

    fn is_epoch(&self) -> bool {
        matches!(self.format, Some(Format::EpochSeconds | Format::EpochMillis))
    }

    fn plain_image(&self, to: Option<Kind>) -> Value {
        match to {
            None => json!({"type": ["number", "boolean"]}),
            Some(Kind::String) if self.is_epoch() => {
                json!({"type": "string", "format": "date-time"})
            }
            Some(kind) => json!({"type": kind.name()}),
        }
    }
}

/// The texts that a number is spelled as, once shifted by `scale`.
fn spelled(from: Kind, scale: i64, unsigned: bool) -> String {
    let sign = if unsigned { "" } else { "-?" };
    let fraction = match (from, -scale) {
        (Kind::Integer, ..=0) => String::new(),
        (Kind::Integer, places) => format!(r"\.[0-9]{{{places}}}"),
        (_, ..=0) => r"(\.[0-9]+)?".to_owned(),
        (_, places) => format!(r"\.[0-9]{{{places},}}"),
    };
    format!("^{sign}(0|[1-9][0-9]*){fraction}$")
}

/// The texts that are a whole number once shifted by `scale`.
fn whole(scale: i64) -> String {
    match scale {
        0 => r"^-?(0|[1-9][0-9]*)(\.0+)?$".to_owned(),
        1.. => format!(r"^-?(0|[1-9][0-9]*)(\.[0-9]{{1,{scale}}}0*)?$"),
        _ => format!(r"^-?(0|[1-9][0-9]*0{{{}}})(\.0+)?$", -scale),
    }
}

/// Whether the schema takes no number below zero.
fn is_unsigned(node: &Map<String, Value>) -> bool {
    ["minimum", "exclusiveMinimum"]
        .iter()
        .filter_map(|bound| Decimal::of(node.get(*bound)?.as_number()?))
        .any(|bound| bound >= Decimal::integer(0))
}
