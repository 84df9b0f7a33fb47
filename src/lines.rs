//! Files of JSON lines that only grow: each line is on the disk before the call answers.
//!
//! A power cut may leave the last line torn. It was never confirmed to anybody: readers leave it out, and the next line
//! takes its place.

use anyhow::{Context, Result};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

/// Adds `line` to the file, which is made if it is missing and which only its owner may read.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn append<T: Serialize + DeserializeOwned>(path: &Path, line: &T) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let text = format!("{}\n", serde_json::to_string(line)?);
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(cannot)?;
    // A command and a running centre may both write here.
    file.lock().with_context(cannot)?;
    mend_end::<T>(&mut file).with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)?;
    file.sync_all().with_context(cannot)?;
    // The file itself may be new.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)
}

/// Ends the last line, or takes it away if it is torn.
fn mend_end<T: DeserializeOwned>(file: &mut File) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    let rest = bytes.get(whole..).unwrap_or_default();
    match rest {
        [] => Ok(()),
        rest if serde_json::from_slice::<T>(rest).is_ok() => file.write_all(b"\n"),
        _ => {
            tracing::warn!("the last line of a file was torn by a crash, and is taken away");
            file.set_len(whole as u64)
        }
    }
}

/// The lines of the file, oldest first; none if there is no file. A torn last line is left out.
///
/// # Errors
/// The file cannot be read, or another line is not as it should be; the error names it.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        bytes => bytes.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let mut lines = Vec::new();
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match serde_json::from_slice(line) {
            Ok(line) => lines.push(line),
            Err(_) if !line.ends_with(b"\n") => {
                tracing::warn!(path = %path.display(), "the last line was torn by a crash, and is left out");
            }
            Err(error) => {
                return Err(error).with_context(|| format!("line {} of {}", number + 1, path.display()));
            }
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.jsonl");
        fs::write(&path, content).unwrap();
        (folder, path)
    }

    #[test]
    fn a_line_that_was_torn_anywhere_is_left_out_and_the_next_takes_its_place() {
        let line = "[1,\"ab\"]\n";
        for cut in 0..=line.len() {
            let (_folder, path) = file(&format!("[0,\"\"]\n{}", line.get(..cut).unwrap()));
            let whole = usize::from(cut + 1 >= line.len());
            assert_eq!(read::<(u8, String)>(&path).unwrap().len(), 1 + whole, "cut at {cut}");
            append(&path, &(2_u8, "c".to_owned())).unwrap();
            let lines: Vec<(u8, String)> = read(&path).unwrap();
            assert_eq!(lines.len(), 2 + whole, "cut at {cut}: {lines:?}");
            assert_eq!(lines.last(), Some(&(2, "c".to_owned())));
        }
    }

    #[test]
    fn a_line_that_is_wrong_in_the_middle_is_named() {
        let (_folder, path) = file("[0]\nx\n[1]\n");
        let error = format!("{:#}", read::<[u8; 1]>(&path).unwrap_err());
        assert!(error.contains("line 2 of") && error.contains("lines.jsonl"), "{error}");
        assert_eq!(read::<u8>(Path::new("/nowhere/at/all")).unwrap(), [0_u8; 0]);
    }

    #[test]
    fn lines_of_many_writers_stay_whole() {
        let (_folder, path) = file("[0]");
        std::thread::scope(|scope| {
            for writer in 1..=4_u8 {
                let path = &path;
                scope.spawn(move || (0..20).for_each(|_| append(path, &[writer]).unwrap()));
            }
        });
        assert_eq!(read::<[u8; 1]>(&path).unwrap().len(), 81);
    }
}
