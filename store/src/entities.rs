//! Every table of a store as neutral rows, for copies, exports and imports.
//!
//! The list is in the order in which rows can be added: what refers to a row comes after it. Columns are those that
//! every database has; what an implementation adds for its own sake (a bucket to sort by) it makes again itself.

use std::fmt::Write as _;

/// Raised with every change of an entity or a column: what was exported before is read by the program that wrote it.
pub const VERSION: u32 = 3;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number, a time in milliseconds, an identity bit by bit, 0 or 1.
    Int(i64),
    /// A text or a JSON document.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// One row, in the order of its entity's columns.
pub type Row = Vec<Cell>;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An unsigned 64-bit identity, kept bit by bit as a signed one.
    Id,
    /// Milliseconds of Unix time.
    Time,
    /// A signed number.
    Int,
    /// 0 or 1.
    Bool,
    /// Text.
    Text,
    /// A JSON document.
    Json,
    /// Bytes.
    Bytes,
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, the same in every database.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may hold nothing.
    pub optional: bool,
}

/// One table.
#[derive(Debug, PartialEq, Eq)]
pub struct Entity {
    /// Its name, the same in every database.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// How many of them, from the first, make a row's identity.
    pub key: usize,
}

impl Entity {
    /// The entity of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ENTITIES.iter().find(|entity| entity.name == name)
    }

    /// Names of the columns, separated by commas.
    pub fn names(&self) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }

    /// The row as one line of CSV without its end: numbers, quoted texts, bytes in hexadecimal; nothing for nothing.
    pub fn to_csv(&self, row: &Row) -> String {
        let mut line = String::new();
        for (place, (cell, column)) in row.iter().zip(self.columns).enumerate() {
            if place > 0 {
                line.push(',');
            }
            match cell {
                Cell::Null => {}
                Cell::Int(number) if column.kind == Kind::Id => push(&mut line, number.cast_unsigned()),
                Cell::Int(number) => push(&mut line, number),
                Cell::Text(text) => {
                    line.push('"');
                    line.push_str(&text.replace('"', "\"\""));
                    line.push('"');
                }
                Cell::Bytes(bytes) => {
                    line.push('x');
                    bytes.iter().for_each(|byte| push(&mut line, format_args!("{byte:02x}")));
                }
            }
        }
        line
    }

    /// A row from its fields of CSV, each with whether it was quoted.
    ///
    /// # Errors
    /// What is wrong, with the column's name.
    pub fn from_csv(&self, fields: &[(String, bool)]) -> Result<Row, String> {
        if fields.len() != self.columns.len() {
            return Err(format!("{} fields instead of {}", fields.len(), self.columns.len()));
        }
        fields.iter().zip(self.columns).map(|((text, quoted), column)| column.read(text, *quoted)).collect()
    }
}

fn push(line: &mut String, value: impl std::fmt::Display) {
    // Writing into a `String` cannot fail.
    let _written = write!(line, "{value}");
}

impl Column {
    fn read(&self, text: &str, quoted: bool) -> Result<Cell, String> {
        if text.is_empty() && !quoted {
            return match self.optional {
                true => Ok(Cell::Null),
                false => Err(format!("{}: nothing", self.name)),
            };
        }
        let wrong = |expected: &str| format!("{}: expected {expected}", self.name);
        match self.kind {
            Kind::Text | Kind::Json if quoted => Ok(Cell::Text(text.to_owned())),
            Kind::Text | Kind::Json => Err(wrong("a quoted text")),
            Kind::Id => {
                text.parse().map(|id: u64| Cell::Int(id.cast_signed())).map_err(|_| wrong("an identity"))
            }
            Kind::Bool => match text {
                "0" => Ok(Cell::Int(0)),
                "1" => Ok(Cell::Int(1)),
                _ => Err(wrong("0 or 1")),
            },
            Kind::Time | Kind::Int => text.parse().map(Cell::Int).map_err(|_| wrong("a number")),
            Kind::Bytes => from_hex(text).map(Cell::Bytes).ok_or_else(|| wrong("`x` and hexadecimal digits")),
        }
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix('x')?.as_bytes();
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|&[high, low]| Some(value(high)? << 4 | value(low)?)).collect()
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, optional: false }
}

const fn optional(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, optional: true }
}

macro_rules! entities {
    ($($name:literal, $key:literal: $($how:ident $column:literal $kind:ident),+;)+) => {
        /// Every table, in the order in which rows can be added.
        pub static ENTITIES: &[Entity] = &[$(Entity {
            name: $name,
            columns: &[$($how($column, Kind::$kind)),+],
            key: $key,
        }),+];
    };
}

entities! {
    "counter", 1: column "name" Text, column "value" Int;
    "meta", 1: column "key" Text, column "value" Text;
    "wearer", 1: column "id" Id, column "order_id" Id, column "order_version" Int, column "plan" Json,
        column "home_units" Json;
    "wearer_group", 2: column "wearer" Id, column "group_id" Id;
    "condition", 2: column "wearer" Id, column "id" Id, column "rule" Json;
    "device", 1: column "id" Id, column "kind" Json, column "key" Bytes, column "public_key" Bytes,
        column "enrolled_at" Time;
    "activation", 2: column "device" Id, column "valid_from" Time, optional "valid_to" Time, column "wearer" Id;
    "zone", 2: column "id" Id, column "version" Int, column "body" Json;
    "fix", 5: column "device" Id, column "at" Time, column "epoch" Int, column "seq" Int, column "idx" Int,
        column "wearer" Id, column "lat_e7" Int, column "lon_e7" Int, column "accuracy_dm" Int,
        column "speed_cm_s" Int, column "course_cdeg" Int, column "satellites" Int, column "time_source" Int,
        column "received_at" Time, column "late" Bool;
    "sighting", 5: column "device" Id, column "at" Time, column "epoch" Int, column "seq" Int, column "idx" Int,
        column "heard" Id, column "rssi_dbm" Int, column "authenticated" Bool, column "received_at" Time;
    "event", 4: column "device" Id, column "at" Time, column "epoch" Int, column "seq" Int, column "kind" Int,
        column "value" Int, optional "lat_e7" Int, optional "lon_e7" Int, column "time_source" Int,
        column "received_at" Time;
    "health", 4: column "device" Id, column "at" Time, column "epoch" Int, column "seq" Int, column "percent" Int,
        column "millivolts" Int, column "charging" Bool, optional "empty_at" Time, column "strap_latched" Bool,
        column "case_latched" Bool, column "plan_version" Int, column "unacknowledged" Int,
        column "signal_dbm" Int, column "temperature_c" Int, column "firmware" Int, column "received_at" Time,
        column "zones_version" Int, optional "state" Int;
    "frame", 4: column "device" Id, column "received_at" Time, column "epoch" Int, column "seq" Int,
        column "lane" Int, column "bytes" Bytes;
    "committed", 2: column "device" Id, column "epoch" Int, column "ranges" Bytes;
    "device_last", 1: column "device" Id, column "wearer" Id, column "epoch" Int, column "seq" Int,
        optional "fix_at" Time, optional "lat_e7" Int, optional "lon_e7" Int, optional "accuracy_dm" Int,
        optional "speed_cm_s" Int, optional "course_cdeg" Int, optional "satellites" Int,
        optional "time_source" Int, optional "percent" Int, optional "millivolts" Int, optional "charging" Bool,
        optional "empty_at" Time, column "heard_at" Time;
    "device_set", 2: column "device" Id, column "kind" Int, column "body" Json;
    "command", 1: column "id" Id, column "device" Id, column "wearer" Id, column "settled" Bool,
        column "body" Json;
    "officer", 1: column "number" Int, column "body" Json;
    "snapshot", 1: column "wearer" Id, column "state" Bytes;
    "interval", 2: column "wearer" Id, column "id" Bytes, column "kind" Text, column "subject_kind" Int,
        column "subject" Id, column "order_id" Id, column "order_version" Int, optional "zone" Id,
        optional "zone_version" Int, column "rule" Text, column "from_at" Time, optional "to_at" Time,
        column "uncertain" Bool, column "late" Bool, optional "alert" Bytes, column "known_at" Time;
    "chain", 1: column "device" Id, column "state" Bytes;
    "quarantine", 1: column "id" Int, optional "device" Id, column "source" Text, column "reason" Text,
        column "received_at" Time, column "bytes" Bytes, column "detail" Text;
    "alert", 1: column "id" Bytes, column "wearer" Id, column "state" Text, column "raised_at" Time,
        column "version" Int, column "body" Json;
    "alert_merged", 1: column "id" Bytes, column "alert" Bytes;
    "user", 1: column "name" Text, column "password_hash" Text, column "role" Json, column "display" Text;
    "subject", 1: column "wearer" Id, optional "person" Bytes, optional "keep_days" Int, optional "hold" Json,
        optional "erased_at" Time;
    "audit", 1: column "seq" Int, column "prev_hash" Bytes, column "hash" Bytes, column "at" Time,
        column "actor" Text, column "action" Text, column "object" Text, column "detail" Text;
    "audit_head", 1: column "seq" Int, column "hash" Bytes, column "at" Time, column "key" Bytes,
        column "signature" Bytes;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_survives_csv_whatever_its_texts_hold() {
        let entity = Entity::named("quarantine").unwrap();
        let row = vec![
            Cell::Int(7),
            Cell::Int(-1),
            Cell::Text("a \"quoted\", word\nand a line".to_owned()),
            Cell::Text(String::new()),
            Cell::Int(-5),
            Cell::Bytes(Vec::new()),
            Cell::Text("æ".to_owned()),
        ];
        let line = entity.to_csv(&row);
        assert_eq!(line, "7,18446744073709551615,\"a \"\"quoted\"\", word\nand a line\",\"\",-5,x,\"æ\"");
        let quoted = |text: &str| (text.to_owned(), true);
        let bare = |text: &str| (text.to_owned(), false);
        let fields = [
            bare("7"),
            bare("18446744073709551615"),
            quoted("a \"quoted\", word\nand a line"),
            quoted(""),
            bare("-5"),
            bare("x"),
            quoted("æ"),
        ];
        assert_eq!(entity.from_csv(&fields), Ok(row));
    }

    #[test]
    fn a_field_that_is_wrong_is_named() {
        let entity = Entity::named("frame").unwrap();
        let read = |bytes: &str, epoch: &str| {
            let fields = ["1", "2", epoch, "3", "0", bytes].map(|text| (text.to_owned(), false));
            entity.from_csv(&fields).unwrap_err()
        };
        assert!(read("x0", "1").starts_with("bytes"));
        assert!(read("x0g", "1").starts_with("bytes"));
        assert!(read("x00", "one").starts_with("epoch"));
        assert!(read("x00", "").starts_with("epoch"));
        assert!(entity.from_csv(&[]).unwrap_err().contains("fields"));
    }

    #[test]
    fn keys_are_within_the_columns_and_names_are_given_once() {
        let mut names = std::collections::HashSet::new();
        for entity in ENTITIES {
            assert!(names.insert(entity.name), "{}", entity.name);
            assert!((1..=entity.columns.len()).contains(&entity.key), "{}", entity.name);
            assert!(entity.columns[..entity.key].iter().all(|column| !column.optional), "{}", entity.name);
        }
    }
}
