//! The run record as JSON: one object, or an array where several profiles ran.

use super::file::write_whole;
use super::record::RunRecord;
use std::io::{self, Write};
use std::path::Path;

/// Writes `records` to `path` (`-` is standard output).
///
/// # Errors
/// The file cannot be written.
pub fn write_json(path: &Path, records: &[RunRecord]) -> io::Result<()> {
    write_whole(path, |out| {
        match records {
            [one] => serde_json::to_writer_pretty(&mut *out, one)?,
            several => serde_json::to_writer_pretty(&mut *out, several)?,
        }
        out.write_all(b"\n")
    })
}

/// Reads what [`write_json`] has written.
///
/// # Errors
/// The file cannot be read, or is no run record.
pub fn read_json(path: &Path) -> io::Result<Vec<RunRecord>> {
    let text = std::fs::read_to_string(path)?;
    if text.trim_start().starts_with('[') {
        return Ok(serde_json::from_str(&text)?);
    }
    Ok(vec![serde_json::from_str(&text)?])
}

#[cfg(test)]
mod tests {
    use super::super::{file::tests::folder, record::tests::record};
    use super::*;

    #[test]
    fn one_run_is_an_object_and_several_are_an_array() {
        let folder = folder("json");
        for count in [0, 1, 2] {
            let (path, records) = (folder.join("run.json"), vec![record(); count]);
            write_json(&path, &records).expect("writes");
            let text = std::fs::read_to_string(&path).expect("reads");
            assert_eq!(text.starts_with('{'), count == 1, "{count}");
            assert_eq!(read_json(&path).expect("reads"), records);
        }
        std::fs::remove_dir_all(folder).expect("cleans up");
    }
}
