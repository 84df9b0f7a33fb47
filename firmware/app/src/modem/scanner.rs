//! Bytes to lines, prompts and messages.
//!
//! ```text
//! Line --'>' first in a line--> Prompt
//! Line --'+QMTRECV: 0,1,"topic",12,'--> Payload --12 bytes--> Message, then the rest of the line is passed over
//! Line --'\r' or '\n'--> Line, unless it is empty or too long
//! ```

use lenke_wire::codec::FRAME_BYTES_MAX;

/// Bytes of the longest line that is looked at: a message's announcement with the longest topic fits.
pub const LINE_BYTES_MAX: usize = 128;
/// Bytes of a message that are passed over at most, beyond those that are kept; a longer one is noise.
const MESSAGE_BYTES_MAX: usize = 4096;

const MESSAGE: &[u8] = b"+QMTRECV: ";

/// What a byte completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A line, in [`Scanner::line`].
    Line,
    /// The modem waits for a message's bytes.
    Prompt,
    /// A message from the broker, in [`Scanner::message`].
    Message,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Line,
    /// Before the payload's first byte, which a quote may precede.
    Opening {
        length: usize,
    },
    Payload {
        remaining: usize,
    },
    /// Up to the end of the line.
    Rest,
}

/// Takes the modem's bytes one by one.
pub struct Scanner {
    mode: Mode,
    line: [u8; LINE_BYTES_MAX],
    line_length: usize,
    line_too_long: bool,
    message: [u8; FRAME_BYTES_MAX],
    message_length: usize,
    message_too_long: bool,
    completed: bool,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

impl Scanner {
    /// At the start of a line.
    pub const fn new() -> Self {
        Self {
            mode: Mode::Line,
            line: [0; LINE_BYTES_MAX],
            line_length: 0,
            line_too_long: false,
            message: [0; FRAME_BYTES_MAX],
            message_length: 0,
            message_too_long: false,
            completed: false,
        }
    }

    /// Forgets what is incomplete.
    pub const fn reset(&mut self) {
        self.mode = Mode::Line;
        self.line_length = 0;
        self.line_too_long = false;
    }

    /// The last complete line, until the next byte.
    pub fn line(&self) -> &[u8] {
        &self.line[..self.line_length]
    }

    /// The last complete message, until the next message's first byte; `None` if it is longer than any frame.
    pub fn message(&self) -> Option<&[u8]> {
        (!self.message_too_long).then_some(&self.message[..self.message_length])
    }

    /// Takes one byte.
    pub fn push(&mut self, byte: u8) -> Option<Token> {
        if core::mem::take(&mut self.completed) {
            self.line_length = 0;
        }
        match self.mode {
            Mode::Line => self.push_line(byte),
            Mode::Opening { length } => {
                self.message_length = 0;
                self.message_too_long = length > FRAME_BYTES_MAX;
                self.mode = Mode::Payload { remaining: length };
                if byte == b'"' { self.finish_payload() } else { self.push_payload(byte, length) }
            }
            Mode::Payload { remaining } => self.push_payload(byte, remaining),
            Mode::Rest => {
                if byte == b'\n' {
                    self.reset();
                }
                None
            }
        }
    }

    fn push_line(&mut self, byte: u8) -> Option<Token> {
        match byte {
            b'\r' | b'\n' => {
                let whole = !core::mem::take(&mut self.line_too_long) && self.line_length > 0;
                self.completed = true;
                return whole.then_some(Token::Line);
            }
            b'>' if self.line_length == 0 => return Some(Token::Prompt),
            b' ' if self.line_length == 0 => return None,
            _ => {}
        }
        if self.line_length == LINE_BYTES_MAX {
            self.line_too_long = true;
            return None;
        }
        self.line[self.line_length] = byte;
        self.line_length += 1;
        if byte == b','
            && let Some(length) = announced(&self.line[..self.line_length])
        {
            self.line_length = 0;
            self.mode = Mode::Opening { length };
        }
        None
    }

    fn push_payload(&mut self, byte: u8, remaining: usize) -> Option<Token> {
        if let Some(slot) = self.message.get_mut(self.message_length) {
            *slot = byte;
            self.message_length += 1;
        }
        self.mode = Mode::Payload { remaining: remaining.saturating_sub(1) };
        self.finish_payload()
    }

    fn finish_payload(&mut self) -> Option<Token> {
        if self.mode != (Mode::Payload { remaining: 0 }) {
            return None;
        }
        self.mode = Mode::Rest;
        Some(Token::Message)
    }
}

/// The length in `+QMTRECV: <client>,<message>,"<topic>",<length>,`, if `line` is that much of an announcement.
fn announced(line: &[u8]) -> Option<usize> {
    let fields = line.strip_prefix(MESSAGE)?.strip_suffix(b",")?;
    let mut quoted = false;
    let mut parts = fields.split(|&byte| {
        quoted ^= byte == b'"';
        byte == b',' && !quoted
    });
    let (_client, _message, topic, length) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || topic.first() != Some(&b'"') {
        return None;
    }
    let length = core::str::from_utf8(length).ok()?.parse().ok()?;
    (1..=MESSAGE_BYTES_MAX).contains(&length).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{string::String, vec, vec::Vec};

    /// What the bytes complete, in text.
    fn scan(bytes: &[u8]) -> Vec<String> {
        let mut scanner = Scanner::new();
        let mut told = vec![];
        for &byte in bytes {
            match scanner.push(byte) {
                Some(Token::Line) => told.push(String::from_utf8_lossy(scanner.line()).into_owned()),
                Some(Token::Prompt) => told.push(String::from(">")),
                Some(Token::Message) => told.push(
                    scanner
                        .message()
                        .map_or_else(|| String::from("too long"), |bytes| std::format!("message {bytes:?}")),
                ),
                None => {}
            }
        }
        told
    }

    #[test]
    fn lines_prompts_and_messages_are_told_apart() {
        let bytes = b"\r\nOK\r\n\r\n> \r\n+QMTRECV: 0,3,\"a/b\",4,\"\r\n\"\x00\"\r\n\r\nOK\r\n";
        assert_eq!(scan(bytes), ["OK", ">", "message [13, 10, 34, 0]", "OK"]);
    }

    #[test]
    fn a_payload_without_quotes_is_read_by_its_length_too() {
        assert_eq!(scan(b"+QMTRECV: 0,3,\"t\",2,\xd0\x83\r\nOK\r\n"), ["message [208, 131]", "OK"]);
    }

    #[test]
    fn a_message_longer_than_any_frame_is_passed_over_to_its_end() {
        let mut bytes = b"+QMTRECV: 0,3,\"t\",1401,\"".to_vec();
        bytes.extend(vec![b'\n'; 1401]);
        bytes.extend(b"\"\r\nOK\r\n");
        assert_eq!(scan(&bytes), ["too long", "OK"]);
    }

    #[test]
    fn announcements_without_payload_and_other_lines_with_commas_are_lines() {
        assert_eq!(scan(b"+QMTRECV: 0,2\r\n+CSQ: 20,99\r\n"), ["+QMTRECV: 0,2", "+CSQ: 20,99"]);
        assert_eq!(scan(b"+QMTRECV: 0,1,\"a,b\",x,\r\n"), ["+QMTRECV: 0,1,\"a,b\",x,"]);
    }

    #[test]
    fn a_line_that_is_too_long_is_dropped_whole() {
        let mut bytes = vec![b'x'; LINE_BYTES_MAX + 1];
        bytes.extend(b"\r\nOK\r\n");
        assert_eq!(scan(&bytes), ["OK"]);
    }
}
