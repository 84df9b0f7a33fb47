//! Reads CSV as `lenke db export` writes it: commas, quotes where there is text, line ends within quotes.

use anyhow::{Context, Result, bail, ensure};
use std::io::BufRead;

/// Bytes of one row: the longest is an alert with a full timeline.
const ROW_BYTES_MAX: usize = 16 << 20;

/// A field, and whether it was quoted: an empty text is not the same as nothing.
pub(super) type Field = (String, bool);

/// Reads rows one by one.
pub(super) struct Reader<R> {
    input: R,
    line: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    pub(super) const fn new(input: R) -> Self {
        Self { input, line: Vec::new() }
    }

    /// The next row's fields; `None` at the end.
    pub(super) fn next_row(&mut self) -> Result<Option<Vec<Field>>> {
        self.line.clear();
        loop {
            let read = self.input.read_until(b'\n', &mut self.line)?;
            ensure!(self.line.len() <= ROW_BYTES_MAX, "longer than {ROW_BYTES_MAX} bytes");
            let quotes = self.line.iter().filter(|byte| **byte == b'"').count();
            match (read, quotes.is_multiple_of(2)) {
                (0, _) if self.line.is_empty() => return Ok(None),
                (0, _) => bail!("the file ends in the middle of a row"),
                (_, true) => break,
                (_, false) => {}
            }
        }
        let text = std::str::from_utf8(&self.line).context("not UTF-8")?;
        let text = text.strip_suffix('\n').context("the file ends in the middle of a row")?;
        fields(text).map(Some)
    }
}

fn fields(text: &str) -> Result<Vec<Field>> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (value, after) = unquoted(quoted)?;
                ((value, true), after)
            }
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (value, after) = rest.split_at(end);
                ensure!(!value.contains('"'), "a quote within a field");
                ((value.to_owned(), false), after)
            }
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(fields),
            None => bail!("something follows a quoted field"),
        }
    }
}

/// What stands before the closing quote, and what follows it.
fn unquoted(mut text: &str) -> Result<(String, &str)> {
    let mut value = String::new();
    loop {
        let (before, after) = text.split_once('"').context("a quote is not closed")?;
        value.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                value.push('"');
                text = next;
            }
            None => return Ok((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Vec<Field>>> {
        let mut reader = Reader::new(text.as_bytes());
        std::iter::from_fn(|| reader.next_row().transpose()).collect()
    }

    #[test]
    fn rows_are_read_with_quotes_and_line_ends_within_them() {
        let field = |text: &str, quoted| (text.to_owned(), quoted);
        let read = rows("1,\"a \"\"b\"\",\nc\",,\"\"\n2,x,\"\",\n").unwrap();
        let first = vec![field("1", false), field("a \"b\",\nc", true), field("", false), field("", true)];
        let second = vec![field("2", false), field("x", false), field("", true), field("", false)];
        assert_eq!(read, [first, second]);
        assert_eq!(rows("").unwrap(), Vec::<Vec<Field>>::new());
    }

    #[test]
    fn what_is_cut_off_or_no_csv_is_refused() {
        for bad in ["1,2", "\"a\n", "\"a\"b,1\n", "a\"b\"\n", "1,\"a\"\"\n"] {
            assert!(rows(bad).is_err(), "{bad:?}");
        }
        assert!(Reader::new([0xff, b'\n'].as_slice()).next_row().is_err());
    }
}
