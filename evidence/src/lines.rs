//! Files of lines, and digests that tell which line and which field of it was changed.

use crate::records::hex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Bytes kept of a field's digest: it tells fields apart, the line's digest proves.
const FIELD_DIGEST_BYTES: usize = 4;

/// SHA-256, hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    hex(&hash)
}

/// One JSON object a line, each with its end.
pub(crate) fn to_lines<T: Serialize>(values: &[T]) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::new();
    for value in values {
        serde_json::to_writer(&mut out, value)?;
        out.push(b'\n');
    }
    Ok(out)
}

/// The lines of a file, without their ends; the last may lack its end.
pub(crate) fn split(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

/// What `digests.jsonl` says of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineDigest {
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: usize,
    pub(crate) sha256: String,
    pub(crate) fields: BTreeMap<String, String>,
}

impl LineDigest {
    pub(crate) fn of(file: &str, line: usize, bytes: &[u8]) -> Self {
        let fields = serde_json::from_slice::<Map<String, Value>>(bytes).unwrap_or_default();
        let fields = fields.iter().map(|(name, value)| (name.clone(), field_digest(value))).collect();
        Self { file: file.to_owned(), line, sha256: sha256(bytes), fields }
    }

    /// The first field that is not as it was; none if it cannot be told.
    pub(crate) fn changed_field(&self, bytes: &[u8]) -> Option<String> {
        let now = serde_json::from_slice::<Map<String, Value>>(bytes).ok()?;
        let changed = |(name, digest): (&String, &String)| {
            let same = now.get(name).is_some_and(|value| field_digest(value) == *digest);
            (!same).then(|| name.clone())
        };
        self.fields
            .iter()
            .find_map(changed)
            .or_else(|| now.keys().find(|name| !self.fields.contains_key(*name)).cloned())
    }
}

fn field_digest(value: &Value) -> String {
    let digest: [u8; 32] = Sha256::digest(value.to_string().as_bytes()).into();
    hex(&digest[..FIELD_DIGEST_BYTES])
}
