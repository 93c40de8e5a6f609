//! Reads a file, up to a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Largest file that is read: what a trace of tens of millions of calls takes.
const MAX_FILE: u64 = 4 << 30;

/// How the files that others name are read.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

/// The bytes of a file.
///
/// # Errors
/// It cannot be opened or read, or is larger than 4 GiB.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 4 GiB"));
    }
    Ok(bytes)
}
