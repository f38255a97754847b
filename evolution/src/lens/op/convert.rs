//! `convert`: the same value as another type: texts, numbers and booleans, epochs and timestamps, shifted decimals.

mod typing;
mod value;

use serde_json::Value;

use super::{Direction, Fault, Operation, Scene, View};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        number,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

/// The type of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    String,
    Integer,
    Number,
    Boolean,
}

/// How a text says a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// As JSON would, without an exponent: `12.50`.
    Decimal,
    /// As a timestamp of RFC 3339, the number being seconds since 1970.
    EpochSeconds,
    /// The same in milliseconds.
    EpochMillis,
}

pub(crate) struct Convert {
    at: Pointer,
    /// The older side; where it is not said and the newer side is a text, the text says it.
    from: Option<Kind>,
    to: Kind,
    format: Option<Format>,
    /// The newer number is the older times 10^scale.
    scale: i64,
    on_error_up: Option<Value>,
    on_error_down: Option<Value>,
}

/// The largest shift of a decimal point.
const MAX_SCALE: i64 = 30;

impl Kind {
    const ALL: [Kind; 4] = [Kind::String, Kind::Integer, Kind::Number, Kind::Boolean];

    fn name(self) -> &'static str {
        match self {
            Kind::String => "string",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
        }
    }

    fn is_numeric(self) -> bool {
        matches!(self, Kind::Integer | Kind::Number)
    }
}

impl Format {
    const ALL: [Format; 3] = [Format::Decimal, Format::EpochSeconds, Format::EpochMillis];

    fn name(self) -> &'static str {
        match self {
            Format::Decimal => "decimal",
            Format::EpochSeconds => "epoch_s",
            Format::EpochMillis => "epoch_ms",
        }
    }
}

impl Convert {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        let at = fields.pointer("at")?;
        fields.required("to")?;
        let named = |key: &'static str| choice(fields, key, &Kind::ALL, Kind::name);
        let to = named("to")?.unwrap_or(Kind::String);
        let format = choice(fields, "format", &Format::ALL, Format::name)?;
        let scale = match fields.optional("scale") {
            None => 0,
            Some(value) => {
                value.as_i64().filter(|scale| scale.abs() <= MAX_SCALE).ok_or_else(|| {
                    let message = format!("expected a whole number up to {MAX_SCALE}");
                    LensError::at(&fields.place("scale"), message)
                })?
            }
        };
        let said = named("from")?;
        let from = said.or(match (to, format) {
            (Kind::String, Some(Format::Decimal)) => Some(Kind::Number),
            (Kind::String, Some(_)) => Some(Kind::Integer),
            (Kind::String, None) => (scale != 0).then_some(Kind::Number),
            (Kind::Boolean, _) => Some(Kind::String),
            (_, None) if scale != 0 => Some(Kind::Number),
            _ => Some(Kind::String),
        });
        let (on_error_up, on_error_down) = super::on_error(fields)?;
        let convert = Convert { at, from, to, format, scale, on_error_up, on_error_down };
        convert.possible().map_err(|(message, advice)| fields.wrong(message).with_hint(advice))?;
        Ok(convert)
    }

    fn possible(&self) -> Result<(), (String, &'static str)> {
        let (from, to) = (self.from, self.to);
        let numeric = |side: Option<Kind>| side.is_none_or(Kind::is_numeric);
        let text_and_number =
            from == Some(Kind::String) && to.is_numeric() || to == Kind::String && numeric(from);
        if from == Some(to) && self.scale == 0 {
            return Err((format!("both sides are `{}`", to.name()), "leave the operation out"));
        }
        if from == Some(Kind::String) && to == Kind::String {
            return Err(("a text cannot be scaled".into(), "use a decimal or a number"));
        }
        if self.format.is_some() && !text_and_number {
            let advice = "a `format` stands between a text and a number: say `to: string`, or `from: string`";
            return Err(("there is no text on one side and number on the other".into(), advice));
        }
        let boolean = from == Some(Kind::Boolean) || to == Kind::Boolean;
        if self.scale != 0 && boolean {
            return Err(("a boolean cannot be scaled".into(), "leave `scale` out"));
        }
        if self.scale != 0 && !matches!(self.format, None | Some(Format::Decimal)) {
            let advice = "use `epoch_s` or `epoch_ms` to choose the unit";
            return Err(("a timestamp cannot be scaled".into(), advice));
        }
        Ok(())
    }

    /// One side's type, the other's, and the shift between them.
    fn sides(&self, direction: Direction) -> (Option<Kind>, Option<Kind>, i64) {
        match direction {
            Direction::Up => (self.from, Some(self.to), self.scale),
            Direction::Down => (Some(self.to), self.from, -self.scale),
        }
    }

    fn on_error(&self, direction: Direction) -> Option<&Value> {
        match direction {
            Direction::Up => self.on_error_up.as_ref(),
            Direction::Down => self.on_error_down.as_ref(),
        }
    }

    fn run<'n>(&'n self, direction: Direction, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let Some(value) = scene.find(&self.at).map(View::to_value) else { return Ok(()) };
        let converted = match (self.cross(direction, &value), self.on_error(direction)) {
            (Ok(converted), _) => {
                let back = match direction {
                    Direction::Up => self.cross(Direction::Down, &converted),
                    Direction::Down => self.cross(Direction::Up, &converted),
                };
                if !back.is_ok_and(|back| number::comes_back(&back, &value)) {
                    scene.lose(&self.at);
                }
                converted
            }
            (Err(_), Some(instead)) => {
                scene.lose(&self.at);
                instead.clone()
            }
            (Err(message), None) => return Err(scene.fault(&self.at, message)),
        };
        scene.replace(&self.at, converted)
    }
}

/// One of the names of `all`, or nothing where the key is absent.
fn choice<T: Copy>(
    fields: &Fields<'_>,
    key: &'static str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, LensError> {
    let Some(value) = fields.optional(key) else { return Ok(None) };
    let text = fields.as_text(key, value)?;
    let found = all.iter().copied().find(|choice| name(*choice) == text);
    found.map(Some).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|choice| name(*choice)).collect();
        let known = crate::lens::hint::listed(names);
        LensError::at(&fields.place(key), format!("unknown {key} `{text}`"))
            .with_hint(format!("known here: {known}"))
    })
}

impl Operation for Convert {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Up, scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Down, scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.shape(Direction::Up, shape)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.shape(Direction::Down, shape)
    }

    fn writes(&self, _: Direction) -> Vec<Pointer> {
        vec![self.at.clone()]
    }

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(vec![self.at.clone()])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::lens::tests::{back_and_forth, fails, up, with};

    fn convert(body: &Value) -> crate::lens::Lens {
        let mut body = body.clone();
        body["at"] = json!("/v");
        with(&json!([{"convert": body}]))
    }

    fn event(value: &str) -> Value {
        serde_json::from_str(&format!("{{\"v\": {value}}}")).unwrap()
    }

    #[test]
    fn values_cross_and_come_back_exactly() {
        let decimal = json!({"to": "string", "format": "decimal"});
        let cases = [
            (decimal.clone(), "12345678901234567890123.10", r#""12345678901234567890123.10""#),
            (decimal.clone(), "3", r#""3""#),
            (decimal, "-0.5", r#""-0.5""#),
            (json!({"to": "number", "format": "decimal"}), r#""1.10""#, "1.10"),
            (json!({"to": "string"}), "true", r#""true""#),
            (json!({"to": "string"}), "12", r#""12""#),
            (json!({"to": "integer"}), r#""12""#, "12"),
            (json!({"to": "boolean"}), r#""false""#, "false"),
            (json!({"to": "boolean", "from": "integer"}), "1", "true"),
            (json!({"to": "integer", "from": "boolean"}), "true", "1"),
            (json!({"to": "integer", "scale": 2}), "12.34", "1234"),
            (json!({"to": "number", "from": "integer", "scale": -2}), "1234", "12.34"),
            (json!({"to": "integer", "format": "decimal", "scale": 2}), r#""12.30""#, "1230"),
            (json!({"to": "string", "from": "integer", "scale": -2}), "1230", r#""12.30""#),
            (
                json!({"to": "integer", "format": "epoch_s"}),
                r#""2026-01-31T12:00:00Z""#,
                "1769860800",
            ),
            (
                json!({"to": "string", "format": "epoch_ms"}),
                "1769860800123",
                r#""2026-01-31T12:00:00.123Z""#,
            ),
        ];
        for (body, older, newer) in cases {
            back_and_forth(&convert(&body), &event(older), &event(newer));
        }
    }

    #[test]
    fn lost_precision_is_told() {
        let seconds = convert(&json!({"to": "integer", "format": "epoch_s"}));
        let minor = convert(&json!({"to": "integer", "format": "decimal", "scale": 2}));

        let offset = up(&seconds, &event(r#""2026-01-31T13:00:00+01:00""#));
        assert_eq!(offset, (event("1769860800"), vec!["/v".into()]));
        assert_eq!(up(&minor, &event(r#""12.3""#)), (event("1230"), vec!["/v".into()]));
    }

    #[test]
    fn what_cannot_be_converted_is_refused_or_replaced() {
        let strict = convert(&json!({"to": "integer"}));
        let lenient = convert(&json!({"to": "integer", "on_error": {"up": -1, "down": ""}}));

        assert_eq!(
            fails(strict.up(&event(r#""abc""#))),
            "op 0 `convert` at `/v`: `abc` is no decimal number"
        );
        for bad in ["1.5", "01", "1e3", " 1"] {
            assert!(strict.up(&event(&format!("\"{bad}\""))).is_err(), "{bad}");
        }
        assert_eq!(up(&lenient, &event(r#""abc""#)), (event("-1"), vec!["/v".into()]));
    }
}
