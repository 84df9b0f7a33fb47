//! What a person at a terminal sees: colour where there is a terminal, a next step after every error.

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use owo_colors::{
    OwoColorize,
    Stream::{Stderr, Stdout},
};
use std::io::{IsTerminal, Write};

/// Prints an error with its causes, outermost first.
pub(crate) fn print_error(error: &anyhow::Error) {
    eprintln!("{} {error}", "error:".if_supports_color(Stderr, |text| text.red()));
    for cause in error.chain().skip(1) {
        eprintln!("  {} {cause}", "because:".if_supports_color(Stderr, |text| text.dimmed()));
    }
}

/// A table with two columns and a title.
pub(crate) fn table(title: &str, rows: &[(String, String)]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(vec![title, ""]);
    for (name, value) in rows {
        table.add_row(vec![name.as_str(), value.as_str()]);
    }
    table.to_string()
}

/// A table with a heading for each column. What people typed may hold no command for the terminal.
pub(crate) fn grid(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    table.to_string()
}

/// `text` without control characters.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// One line of figures that is rewritten in place on a terminal and appended to a file every `QUIET_EVERY`th time.
pub(crate) struct LiveLine {
    on_terminal: bool,
    written: u32,
}

/// In a file, one line of so many is kept.
const QUIET_EVERY: u32 = 10;

impl LiveLine {
    /// For standard output, or standard error when `to_stderr`.
    pub(crate) fn new() -> Self {
        Self { on_terminal: std::io::stderr().is_terminal(), written: 0 }
    }

    /// Shows `text` in the place of what was shown before.
    pub(crate) fn show(&mut self, text: &str) {
        if self.on_terminal {
            eprint!("\r\x1b[2K{text}");
            // A terminal that cannot be written to has nobody to tell.
            std::io::stderr().flush().ok();
        } else if self.written.is_multiple_of(QUIET_EVERY) {
            eprintln!("{text}");
        }
        self.written = self.written.wrapping_add(1);
    }

    /// Leaves the line as it stands.
    pub(crate) fn finish(&self) {
        if self.on_terminal && self.written > 0 {
            eprintln!();
        }
    }
}

/// Bold where standard output is a terminal.
pub(crate) fn bold(text: &str) -> String {
    text.if_supports_color(Stdout, |text| text.bold()).to_string()
}

/// `1234567` as `1 234 567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_gives_the_terminal_no_commands() {
        let shown = grid(&["who"], &[vec!["ola\x1b[2Jkari".to_owned()]]);
        assert!(shown.contains("ola\u{fffd}[2Jkari") && !shown.contains('\x1b'), "{shown:?}");
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234), "1\u{202f}234");
        assert_eq!(grouped(123_456_789), "123\u{202f}456\u{202f}789");
    }
}
