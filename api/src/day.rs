//! A day of the calendar, as `2027-01-31`.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A day, without a time and without a place.
///
/// ```
/// use stele_api::day::Day;
///
/// assert_eq!("2027-01-31".parse::<Day>()?.to_string(), "2027-01-31");
/// # Ok::<(), stele_api::day::DayError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

/// Why a text is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a day: expected such as `2027-01-31`")]
pub struct DayError(pub String);

impl Day {
    /// The end of the day in UTC, as the header `Sunset` has it (RFC 8594).
    pub fn http_date(self) -> String {
        let end = self.0.at(23, 59, 59, 0);
        end.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let refused = || DayError(text.to_owned());
        // The parser knows more ways to write a day than travel here.
        let day = text.parse().map(Day).map_err(|_| refused())?;
        if day.to_string() == text { Ok(day) } else { Err(refused()) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Day {
    type Error = DayError;

    fn try_from(text: String) -> Result<Self, DayError> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_day_is_one() {
        for text in ["", "soon", "2027-02-30", "2027-1-31", "20270131", "2027-01-31T00:00:00"] {
            assert_eq!(text.parse::<Day>(), Err(DayError(text.into())));
        }
    }

    #[test]
    fn a_day_is_over_at_its_end() {
        let day: Day = "2027-01-31".parse().unwrap();

        assert_eq!(day.http_date(), "Sun, 31 Jan 2027 23:59:59 GMT");
    }
}
