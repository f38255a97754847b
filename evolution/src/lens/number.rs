//! Numbers by value, exactly: a JSON number is a decimal, never a float.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};
use serde_json::{Number, Value};

/// The most digits a number is written out with.
const MAX_DIGITS: i64 = 400;

/// The longest spelling that is read as a number at all.
const MAX_SPELLED: usize = 2000;

/// `digits * 10^exponent`, without trailing zeros in `digits`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Decimal {
    digits: BigInt,
    exponent: i64,
}

impl Decimal {
    /// Reads the text of a JSON number; `None` for other texts and for exponents beyond reason.
    pub(super) fn parse(text: &str) -> Option<Decimal> {
        if !is_json(text) {
            return None;
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.len() + fraction.len() > MAX_SPELLED {
            return None;
        }
        let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
        let places = i64::try_from(fraction.len()).ok()?;
        Some(Decimal { digits, exponent: i64::from(exponent) - places }.normal())
    }

    pub(super) fn of(number: &Number) -> Option<Decimal> {
        Decimal::parse(number.as_str())
    }

    pub(super) fn integer(number: i64) -> Decimal {
        Decimal { digits: number.into(), exponent: 0 }.normal()
    }

    fn normal(mut self) -> Decimal {
        if self.digits.is_zero() {
            return Decimal { digits: BigInt::ZERO, exponent: 0 };
        }
        let ten = BigInt::from(10);
        while (&self.digits % &ten).is_zero() {
            self.digits /= &ten;
            self.exponent += 1;
        }
        self
    }

    /// Times 10^`places`.
    pub(super) fn shift(&self, places: i64) -> Decimal {
        Decimal { digits: self.digits.clone(), exponent: self.exponent + places }.normal()
    }

    pub(super) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// Without an exponent, with at least `places` digits after the point; `None` if that would be too long.
    pub(super) fn plain(&self, places: usize) -> Option<String> {
        if self.exponent.abs() > MAX_DIGITS || places > 100 {
            return None;
        }
        let exponent = i32::try_from(self.exponent).ok()?;
        let mut digits = self.digits.abs().to_string();
        let mut after = 0;
        if exponent >= 0 {
            digits.extend(std::iter::repeat_n('0', usize::try_from(exponent).ok()?));
        } else {
            after = usize::try_from(-exponent).ok()?;
        }
        if after < places {
            digits.extend(std::iter::repeat_n('0', places - after));
            after = places;
        }
        if digits.len() <= after {
            digits.insert_str(0, &"0".repeat(after + 1 - digits.len()));
        }
        if after > 0 {
            digits.insert(digits.len() - after, '.');
        }
        let sign = if self.digits.is_negative() { "-" } else { "" };
        Some(format!("{sign}{digits}"))
    }

    /// As a JSON number.
    pub(super) fn number(&self) -> Option<Number> {
        self.plain(0)?.parse().ok()
    }

    /// The sum, if it can be written out.
    pub(super) fn sum(&self, other: &Decimal) -> Option<Decimal> {
        let exponent = self.exponent.min(other.exponent);
        let scaled = |decimal: &Decimal| {
            let places = decimal.exponent - exponent;
            let places = u32::try_from(places).ok().filter(|p| i64::from(*p) <= 4 * MAX_DIGITS)?;
            Some(&decimal.digits * BigInt::from(10).pow(places))
        };
        Some(Decimal { digits: scaled(self)? + scaled(other)?, exponent }.normal())
    }

    /// The sum with a whole number, if it can be written out.
    pub(super) fn plus(&self, number: i64) -> Option<Decimal> {
        self.sum(&Decimal::integer(number))
    }

    pub(super) fn negative(&self) -> Decimal {
        Decimal { digits: -&self.digits, exponent: self.exponent }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let difference = self.sum(&other.negative())?;
        Some(difference.digits.cmp(&BigInt::ZERO))
    }
}

/// Whether the text is a number as JSON spells it.
pub(super) fn is_json(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(rest);
    if whole == 0 || whole > 1 && rest.starts_with('0') {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

/// Whether two values say the same: numbers by value, everything else as written.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left.as_str() == right.as_str()
                || matches!((Decimal::of(left), Decimal::of(right)), (Some(l), Some(r)) if l == r)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|((lk, l), (rk, r))| lk == rk && same(l, r))
        }
        (left, right) => left == right,
    }
}

/// Whether two values say the same once converted there and back: as [`same`], and zero has no sign in a text either.
pub(super) fn comes_back(left: &Value, right: &Value) -> bool {
    let unsigned = |text: &str| match text.strip_prefix('-') {
        Some(rest) if is_zero(rest) => rest.to_owned(),
        _ => text.to_owned(),
    };
    match (left, right) {
        (Value::String(left), Value::String(right)) => unsigned(left) == unsigned(right),
        (left, right) => same(left, right),
    }
}

/// Whether the text is a decimal without any digit but 0.
pub(super) fn is_zero(text: &str) -> bool {
    is_json(text) && text.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn numbers_are_the_same_by_value() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();

        assert!(same(&value("[1.10, 1e2, -0]"), &value("[1.1, 100, 0.0]")));
        assert!(!same(&value("12345678901234567890123"), &value("12345678901234567890124")));
        assert!(!same(&value("1"), &json!("1")));
    }

    #[test]
    fn a_decimal_is_written_without_an_exponent() {
        assert_eq!(decimal("1.5e3").plain(0).unwrap(), "1500");
        assert_eq!(decimal("-12").shift(-3).plain(0).unwrap(), "-0.012");
        assert_eq!(decimal("1200").shift(-2).plain(2).unwrap(), "12.00");
        assert_eq!(decimal("1e9999").plain(0), None);
    }

    #[test]
    fn order_is_by_value() {
        assert!(decimal("1.05") < decimal("1.1"));
        assert!(decimal("-3") < decimal("0"));
        assert_eq!(decimal("0.99").plus(1).unwrap(), decimal("1.99"));
    }

    #[test]
    fn texts_that_json_would_not_take_are_no_numbers() {
        for text in ["", "-", "01", "+1", "1.", ".5", "1e", "0x1", " 1", "1_000", "NaN"] {
            assert!(!is_json(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn shifting_there_and_back_changes_nothing(whole in any::<i64>(), places in -30i64..30) {
            let number = Decimal::integer(whole);

            prop_assert_eq!(number.shift(places).shift(-places), number);
        }
    }
}
