//! An exact amount of money in hundredths, written as schemas want it: a decimal string with two decimals.

use std::{fmt, iter::Sum, str::FromStr};

use serde::{Deserialize, Serialize};

/// How much, in a currency that is named beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(u64);

/// Why a text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount: expected digits with two decimals, such as 19.90")]
pub struct AmountError(pub String);

impl Amount {
    /// So many whole units.
    pub const fn units(units: u32) -> Amount {
        Amount(units as u64 * 100)
    }

    /// The same amount, so many times.
    #[must_use]
    pub fn times(self, pieces: u32) -> Amount {
        Amount(self.0.saturating_mul(u64::from(pieces)))
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Amount {
        Amount(amounts.fold(0, |sum, Amount(hundredths)| sum.saturating_add(hundredths)))
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let refused = || AmountError(text.to_owned());
        let (units, hundredths) = text.split_once('.').ok_or_else(refused)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if units.is_empty() || hundredths.len() != 2 || !digits(units) || !digits(hundredths) {
            return Err(refused());
        }
        let units: u64 = units.parse().map_err(|_| refused())?;
        let hundredths: u64 = hundredths.parse().map_err(|_| refused())?;
        units
            .checked_mul(100)
            .and_then(|whole| whole.checked_add(hundredths))
            .map(Amount)
            .ok_or_else(refused)
    }
}

impl TryFrom<String> for Amount {
    type Error = AmountError;

    fn try_from(text: String) -> Result<Self, AmountError> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> String {
        amount.to_string()
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact() {
        let prices = ["0.10", "0.20", "19.90"].map(|text| text.parse::<Amount>().unwrap());

        let sum: Amount = prices.into_iter().map(|price| price.times(3)).sum();

        assert_eq!(sum.to_string(), "60.60");
    }

    #[test]
    fn only_two_decimals_are_an_amount() {
        for text in
            ["1", "1.5", "1.500", "-1.00", "+1.00", ".50", "1,00", "99999999999999999999.00"]
        {
            let refused = text.parse::<Amount>();

            assert_eq!(refused, Err(AmountError(text.to_owned())));
        }
    }
}
