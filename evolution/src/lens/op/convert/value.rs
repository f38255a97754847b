//! One value from one type to the other.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Convert, Direction, Format, Kind};
use crate::lens::{
    fields::kind,
    number::{self, Decimal},
};

impl Convert {
    pub(super) fn cross(&self, direction: Direction, value: &Value) -> Result<Value, String> {
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
            Some(Kind::Boolean) if *decimal == Decimal::integer(0) => Ok(false.into()),
            Some(Kind::Boolean) if *decimal == Decimal::integer(1) => Ok(true.into()),
            Some(Kind::Boolean) => Err(format!("{text} is neither 0 nor 1")),
            Some(Kind::String) => match self.format {
                Some(Format::EpochSeconds | Format::EpochMillis) => self.timestamp(decimal, text),
                _ if scale == 0 && self.keeps_spelling(text) => {
                    let unsigned = text.strip_prefix('-').filter(|rest| number::is_zero(rest));
                    Ok(unsigned.unwrap_or(text).into())
                }
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
}
