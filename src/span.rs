//! Spans of time on the command line: `60s`, `5m`, `1h 30m`, as jiff reads them.

use std::{str::FromStr, time::Duration};

/// A positive span of time as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeSpan(pub(crate) Duration);

impl FromStr for TimeSpan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let signed: jiff::SignedDuration =
            text.parse().map_err(|_| format!("`{text}` is not a span of time such as 60s, 5m or 1h30m"))?;
        match Duration::try_from(signed) {
            Ok(span) if !span.is_zero() => Ok(Self(span)),
            Ok(_) | Err(_) => Err(format!("`{text}` is not longer than nothing")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them_and_nothing_else() {
        assert_eq!("60s".parse(), Ok(TimeSpan(Duration::from_secs(60))));
        assert_eq!("1h30m".parse(), Ok(TimeSpan(Duration::from_secs(5400))));
        for bad in ["", "60", "0s", "-5s", "soon"] {
            assert!(bad.parse::<TimeSpan>().is_err(), "{bad}");
        }
    }
}
