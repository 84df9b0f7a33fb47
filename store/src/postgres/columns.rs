//! Rows turned into columns, once for every way into PostgreSQL: arrays for UNNEST, tuples for COPY BINARY.

use super::convert::{Bound, Moment};

/// One column of some rows.
#[derive(Clone, Debug)]
pub(super) enum Column {
    /// `bigint`.
    I64(Vec<Option<i64>>),
    /// `integer`.
    I32(Vec<Option<i32>>),
    /// `smallint`.
    I16(Vec<Option<i16>>),
    /// `boolean`.
    Bool(Vec<Option<bool>>),
    /// `timestamptz`.
    Time(Vec<Option<Moment>>),
    /// `bytea`.
    Bytes(Vec<Option<Vec<u8>>>),
    /// `text`.
    Text(Vec<Option<String>>),
    /// `json`, which goes as text.
    Json(Vec<Option<String>>),
}

/// What COPY BINARY begins with: the signature, no flags, no extension.
const COPY_HEAD: [u8; 19] = *b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What it ends with.
const COPY_TAIL: [u8; 2] = (-1_i16).to_be_bytes();

impl Column {
    /// Bytes that are always there.
    pub(super) fn bytes(values: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self::Bytes(values.into_iter().map(Some).collect())
    }

    /// Texts that are always there.
    pub(super) fn texts(values: impl IntoIterator<Item = String>) -> Self {
        Self::Text(values.into_iter().map(Some).collect())
    }

    /// Documents that are always there.
    pub(super) fn documents(values: impl IntoIterator<Item = String>) -> Self {
        Self::Json(values.into_iter().map(Some).collect())
    }

    /// The array's type in a statement.
    const fn array(&self) -> &'static str {
        match self {
            Self::I64(_) => "bigint[]",
            Self::I32(_) => "integer[]",
            Self::I16(_) => "smallint[]",
            Self::Bool(_) => "boolean[]",
            Self::Time(_) => "timestamptz[]",
            Self::Bytes(_) => "bytea[]",
            Self::Text(_) | Self::Json(_) => "text[]",
        }
    }

    const fn cast(&self) -> &'static str {
        match self {
            Self::Json(_) => "::json",
            Self::I64(_)
            | Self::I32(_)
            | Self::I16(_)
            | Self::Bool(_)
            | Self::Time(_)
            | Self::Bytes(_)
            | Self::Text(_) => "",
        }
    }

    fn bind(self, query: Bound<'_>) -> Bound<'_> {
        match self {
            Self::I64(values) => query.bind(values),
            Self::I32(values) => query.bind(values),
            Self::I16(values) => query.bind(values),
            Self::Bool(values) => query.bind(values),
            Self::Time(values) => query.bind(values),
            Self::Bytes(values) => query.bind(values),
            Self::Text(values) | Self::Json(values) => query.bind(values),
        }
    }

    /// Appends row `row`'s value as COPY BINARY has it: length and bytes.
    fn copy(&self, row: usize, buffer: &mut Vec<u8>) {
        match self {
            Self::I64(values) => put(buffer, values[row].map(i64::to_be_bytes)),
            Self::I32(values) => put(buffer, values[row].map(i32::to_be_bytes)),
            Self::I16(values) => put(buffer, values[row].map(i16::to_be_bytes)),
            Self::Bool(values) => put(buffer, values[row].map(|value| [u8::from(value)])),
            Self::Time(values) => put(buffer, values[row].map(|moment| moment.micros().to_be_bytes())),
            Self::Bytes(values) => put(buffer, values[row].as_deref()),
            Self::Text(values) | Self::Json(values) => put(buffer, values[row].as_deref()),
        }
    }
}

fn put<T: AsRef<[u8]>>(buffer: &mut Vec<u8>, value: Option<T>) {
    match value {
        Some(value) => {
            let value = value.as_ref();
            buffer.extend_from_slice(&i32::try_from(value.len()).unwrap_or(i32::MAX).to_be_bytes());
            buffer.extend_from_slice(value);
        }
        None => buffer.extend_from_slice(&(-1_i32).to_be_bytes()),
    }
}

/// Rows of one table, as columns under their names.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    names: Vec<&'static str>,
    columns: Vec<Column>,
    rows: usize,
}

impl Columns {
    /// `rows` rows whose columns stand in the order of `names`.
    pub(super) fn new(names: impl Into<Vec<&'static str>>, rows: usize, columns: Vec<Column>) -> Self {
        let names = names.into();
        debug_assert_eq!(names.len(), columns.len(), "{names:?}");
        Self { names, columns, rows }
    }

    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    /// `a, b, c`.
    pub(super) fn names(&self) -> String {
        self.names.join(", ")
    }

    /// An insert of all rows from one array a column; `tail` says what to do on a conflict.
    pub(super) fn unnest_sql(&self, table: &str, tail: &str) -> String {
        let names = self.names();
        let values: Vec<_> = self
            .names
            .iter()
            .zip(&self.columns)
            .map(|(name, column)| format!("{name}{}", column.cast()))
            .collect();
        let arrays: Vec<_> =
            (1..).zip(&self.columns).map(|(n, column)| format!("${n}::{}", column.array())).collect();
        format!(
            "INSERT INTO {table} ({names}) SELECT {} FROM unnest({}) AS new ({names}) {tail}",
            values.join(", "),
            arrays.join(", ")
        )
    }

    /// Binds the arrays.
    pub(super) fn bind(self, query: Bound<'_>) -> Bound<'_> {
        self.columns.into_iter().fold(query, |query, column| column.bind(query))
    }

    /// The rows as COPY BINARY has them, in pieces of about `bytes` bytes.
    pub(super) fn copy_pieces(&self, bytes: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
        let fields = i16::try_from(self.columns.len()).unwrap_or(i16::MAX).to_be_bytes();
        let mut row = 0;
        let mut ended = false;
        std::iter::from_fn(move || {
            if ended {
                return None;
            }
            let mut buffer = Vec::with_capacity(bytes + 512);
            if row == 0 {
                buffer.extend_from_slice(&COPY_HEAD);
            }
            // At least one row each, however small the pieces.
            let end = buffer.len().max(bytes);
            while row < self.rows && buffer.len() <= end {
                buffer.extend_from_slice(&fields);
                self.columns.iter().for_each(|column| column.copy(row, &mut buffer));
                row += 1;
            }
            if row == self.rows {
                buffer.extend_from_slice(&COPY_TAIL);
                ended = true;
            }
            Some(buffer)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_bytes_are_as_postgres_documents_them() {
        let columns = vec![
            Column::I16(vec![Some(1), None]),
            Column::Bool(vec![Some(true), Some(false)]),
            Column::bytes([vec![9], vec![]]),
        ];
        let columns = Columns::new(["a", "b", "c"], 2, columns);
        let whole: Vec<u8> = columns.copy_pieces(1 << 10).flatten().collect();
        let mut expected = COPY_HEAD.to_vec();
        expected.extend([0, 3, 0, 0, 0, 2, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 9]);
        expected.extend([0, 3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
        expected.extend([0xff, 0xff]);
        assert_eq!(whole, expected);
        let cut: Vec<u8> = columns.copy_pieces(1).flatten().collect();
        assert_eq!(cut, expected);
        assert_eq!(
            columns.unnest_sql("t", "ON CONFLICT DO NOTHING"),
            "INSERT INTO t (a, b, c) SELECT a, b, c FROM unnest($1::smallint[], $2::boolean[], $3::bytea[]) \
             AS new (a, b, c) ON CONFLICT DO NOTHING"
        );
    }
}
