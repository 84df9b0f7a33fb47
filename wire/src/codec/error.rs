//! Why bytes are not a report, or a report does not fit into bytes.

use core::fmt;

/// Why the inner bytes of a frame are refused. Keys are those of the protocol's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// More than [`super::INNER_BYTES_MAX`] bytes.
    TooLong,
    /// The bytes end within an item.
    Truncated,
    /// Bytes follow the item.
    Trailing,
    /// A head that CBOR reserves.
    NotCbor,
    /// An indefinite length.
    Indefinite,
    /// An integer or length that is not in its shortest form, or a value that says what its absence says.
    NotShortest,
    /// An item of another type than its place asks for.
    WrongType,
    /// Map keys that do not ascend, or one that comes twice.
    KeyOrder,
    /// A key without which the kind has no meaning.
    Missing(u8),
    /// The value under this key is out of its range.
    Value(u8),
    /// A schema version that this build does not know.
    Version(u64),
    /// A kind that this version does not know.
    Kind(u64),
    /// A plan whose values contradict each other.
    Plan,
    /// A part that its zone set does not have, or of another length than it has there.
    Part,
    /// No row, or more than the kind may hold.
    Count,
    /// This row (from 0) is out of range, or has a flag that this version does not know.
    Row(u8),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("longer than any report"),
            Self::Truncated => f.write_str("the bytes end within an item"),
            Self::Trailing => f.write_str("bytes follow the report"),
            Self::NotCbor => f.write_str("a reserved CBOR head"),
            Self::Indefinite => f.write_str("an indefinite length"),
            Self::NotShortest => f.write_str("not the shortest form"),
            Self::WrongType => f.write_str("an item of another type than its place asks for"),
            Self::KeyOrder => f.write_str("map keys do not ascend"),
            Self::Missing(key) => write!(f, "key {key} is missing"),
            Self::Value(key) => write!(f, "the value of key {key} is out of range"),
            Self::Version(version) => write!(f, "schema version {version} is unknown"),
            Self::Kind(kind) => write!(f, "kind {kind} is unknown"),
            Self::Plan => f.write_str("a plan whose values contradict each other"),
            Self::Part => f.write_str("a part that its zone set does not have"),
            Self::Count => f.write_str("no row or too many rows"),
            Self::Row(row) => write!(f, "row {row} is out of range"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// Why a report cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// It does not fit into the buffer, or not into [`super::INNER_BYTES_MAX`] bytes.
    Space,
    /// No row, or more than the kind may hold.
    Count,
    /// A value that a decoder would refuse: a time before 1970, a course of a full turn, more than 100 percent.
    Value,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Space => "the report does not fit",
            Self::Count => "no row or too many rows",
            Self::Value => "a value is out of its range",
        })
    }
}

impl core::error::Error for EncodeError {}

impl From<minicbor::encode::Error<minicbor::encode::write::EndOfSlice>> for EncodeError {
    /// The only thing that can fail while writing into a slice is its end.
    fn from(_: minicbor::encode::Error<minicbor::encode::write::EndOfSlice>) -> Self {
        Self::Space
    }
}
