//! Exact numbers: what a JSON number says, as a fraction of integers.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, pow};

/// A number without rounding.
pub(crate) type Rational = BigRational;

/// The largest exponent and the most digits followed; beyond them a number is nobody's business bound.
const REACH: usize = 600;

/// The exact value of a JSON number's spelling; `None` beyond [`REACH`] digits or powers of ten.
pub(crate) fn rational(spelled: &str) -> Option<Rational> {
    let (mantissa, exponent) = match spelled.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (spelled, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() > REACH {
        return None;
    }
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let shift = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let power = usize::try_from(shift.unsigned_abs()).ok().filter(|power| *power <= REACH)?;
    let scale = pow(BigInt::from(10), power);
    Some(if shift < 0 {
        Rational::new(digits, scale)
    } else {
        Rational::from_integer(digits * scale)
    })
}

/// A whole number as a `Rational`.
pub(crate) fn integer(number: u64) -> Rational {
    Rational::new(BigInt::from(number), BigInt::one())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_are_equal() {
        assert_eq!(rational("2.0"), rational("2"));
        assert_eq!(rational("-1.50e1"), rational("-15"));
        assert_eq!(rational("1E-2"), rational("0.01"));
        assert_eq!(rational("-0.5").unwrap().to_string(), "-1/2");
    }

    #[test]
    fn what_would_eat_the_memory_is_not_followed() {
        assert_eq!(rational("1e1000000000"), None);
        assert_eq!(rational(&"9".repeat(700)), None);
    }
}
