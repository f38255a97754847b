//! `convert`: the same value as another type: texts, numbers and booleans, epochs and timestamps, shifted decimals.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Direction, Fault, Operation, Scene};
use crate::{
    lens::{
        LensError,
        fields::{Fields, kind},
        number::Decimal,
        same,
        shape::{Domain, Shape, Stop, Wrong, types_of},
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

/// The texts that `Format::Decimal` takes and gives.
const DECIMAL: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$";

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
        let (on_error_up, on_error_down) = on_error(fields)?;
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

    fn cross(&self, direction: Direction, value: &Value) -> Result<Value, String> {
        let (from, to, scale) = self.sides(direction);
        let unexpected = || {
            let expected = from.map_or("a number or a boolean", Kind::name);
            Err(format!("expected {expected}, found {}", kind(value)))
        };
        match value {
            Value::Bool(flag) if matches!(from, None | Some(Kind::Boolean)) => match to {
                Some(Kind::String) => Ok(flag.to_string().into()),
                _ => Ok(json!(u8::from(*flag))),
            },
            Value::Number(number) if from.is_none_or(Kind::is_numeric) => {
                let text = number.as_str();
                let decimal = Decimal::parse(text).ok_or("the number is too large")?;
                if from == Some(Kind::Integer) && !decimal.is_integer() {
                    return Err(format!("{text} is no whole number"));
                }
                self.number_to(&decimal, text, to, scale)
            }
            Value::String(text) if from == Some(Kind::String) => self.text_to(text, to, scale),
            _ => unexpected(),
        }
    }

    fn number_to(
        &self,
        decimal: &Decimal,
        text: &str,
        to: Option<Kind>,
        scale: i64,
    ) -> Result<Value, String> {
        let too_long = || "the number is too long to write out".to_owned();
        match to {
            Some(Kind::Boolean) => match text {
                "0" => Ok(false.into()),
                "1" => Ok(true.into()),
                _ => Err(format!("{text} is neither 0 nor 1")),
            },
            Some(Kind::String) => match self.format {
                Some(Format::EpochSeconds | Format::EpochMillis) => self.timestamp(decimal, text),
                _ if scale == 0 && self.keeps_spelling(text) => Ok(text.into()),
                _ => {
                    let places = usize::try_from(-scale).unwrap_or(0);
                    decimal.shift(scale).plain(places).map(Value::from).ok_or_else(too_long)
                }
            },
            _ => {
                let shifted = decimal.shift(scale);
                if to == Some(Kind::Integer) && !shifted.is_integer() {
                    let shifted = shifted.plain(0).ok_or_else(too_long)?;
                    return Err(format!("{shifted} is no whole number"));
                }
                shifted.number().map(Value::Number).ok_or_else(too_long)
            }
        }
    }

    /// Whether a number's own spelling is the text: without an exponent, and without `.0` on a whole number.
    fn keeps_spelling(&self, text: &str) -> bool {
        let spelled_whole = self.from == Some(Kind::Integer) && text.contains('.');
        !spelled_whole && !text.contains(['e', 'E'])
    }

    fn timestamp(&self, decimal: &Decimal, text: &str) -> Result<Value, String> {
        let whole = decimal.is_integer().then(|| decimal.plain(0)).flatten();
        let number = whole.and_then(|whole| whole.parse::<i64>().ok());
        let timestamp = number.and_then(|number| match self.format {
            Some(Format::EpochMillis) => Timestamp::from_millisecond(number).ok(),
            _ => Timestamp::from_second(number).ok(),
        });
        timestamp
            .map(|timestamp| timestamp.to_string().into())
            .ok_or_else(|| format!("{text} is no time between the years -9999 and 9999"))
    }

    fn text_to(&self, text: &str, to: Option<Kind>, scale: i64) -> Result<Value, String> {
        if let Some(format @ (Format::EpochSeconds | Format::EpochMillis)) = self.format {
            let timestamp: Timestamp = text
                .parse()
                .map_err(|_| format!("`{text}` is no timestamp, such as 2026-01-31T12:00:00Z"))?;
            return Ok(match format {
                Format::EpochMillis => json!(timestamp.as_millisecond()),
                _ => json!(timestamp.as_second()),
            });
        }
        let flag = text.parse::<bool>().ok();
        match (to, flag) {
            (None | Some(Kind::Boolean), Some(flag)) => return Ok(flag.into()),
            (Some(Kind::Boolean), None) => {
                return Err(format!("`{text}` is neither `true` nor `false`"));
            }
            _ => {}
        }
        let decimal = Decimal::parse(text).filter(|_| !text.contains(['e', 'E']));
        let decimal = decimal.ok_or_else(|| format!("`{text}` is no decimal number"))?;
        if scale == 0 && to != Some(Kind::Integer) {
            let number = text.parse().map_err(|_| format!("`{text}` is no decimal number"))?;
            return Ok(Value::Number(number));
        }
        self.number_to(&decimal, text, to, scale)
    }

    fn run(&self, direction: Direction, scene: &mut Scene<'_>) -> Result<(), Fault> {
        let Some(value) = scene.find(&self.at).cloned() else { return Ok(()) };
        let converted = match (self.cross(direction, &value), self.on_error(direction)) {
            (Ok(converted), _) => {
                let back = match direction {
                    Direction::Up => self.cross(Direction::Down, &converted),
                    Direction::Down => self.cross(Direction::Up, &converted),
                };
                if !back.is_ok_and(|back| same(&back, &value)) {
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
        if let Some(place) = scene.find_mut(&self.at) {
            *place = converted;
        }
        Ok(())
    }

    fn shape(&self, direction: Direction, shape: &mut Shape) -> Result<(), Stop> {
        let instead = self.on_error(direction);
        shape.replace(&self.at, |place, domain, total| {
            let converted = match domain {
                Domain::Values(values) => {
                    let mut images = Vec::new();
                    for value in values {
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
                Domain::Schema(node) => self.image(direction, place, node, total)?,
            };
            Ok(match instead {
                None => converted,
                Some(instead) => {
                    *total = true;
                    json!({"anyOf": [converted, {"enum": [instead]}]})
                }
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
            (Some(Kind::String), _) => {
                node.get("pattern").and_then(Value::as_str) == Some(DECIMAL)
                    && to == Some(Kind::Number)
            }
            (_, Some(Kind::Integer)) => {
                from == Some(Kind::Integer) && scale >= 0 || from == Some(Kind::Boolean)
            }
            (_, Some(Kind::Boolean)) => false,
            (_, Some(Kind::String)) => {
                !matches!(self.format, Some(Format::EpochSeconds | Format::EpochMillis))
            }
            _ => true,
        };
        let mut image = self.plain_image(to);
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

    fn plain_image(&self, to: Option<Kind>) -> Value {
        match (to, self.format) {
            (None, _) => json!({"type": ["number", "boolean"]}),
            (Some(Kind::String), Some(Format::EpochSeconds | Format::EpochMillis)) => {
                json!({"type": "string", "format": "date-time"})
            }
            (Some(Kind::String), Some(Format::Decimal)) => {
                json!({"type": "string", "pattern": DECIMAL})
            }
            (Some(kind), _) => json!({"type": kind.name()}),
        }
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

/// `on_error`: a value for the way up, or an object with one for each way.
fn on_error(fields: &Fields<'_>) -> Result<(Option<Value>, Option<Value>), LensError> {
    match fields.optional("on_error") {
        None => Ok((None, None)),
        Some(ways @ Value::Object(_)) => {
            let ways = Fields::of(&fields.place("on_error"), ways)?;
            let found = (ways.optional("up").cloned(), ways.optional("down").cloned());
            ways.done()?;
            Ok(found)
        }
        Some(up) => Ok((Some(up.clone()), None)),
    }
}

impl Operation for Convert {
    fn up(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        self.run(Direction::Up, scene)
    }

    fn down(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
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
