//! Files that are whole or not there: written under another name, synced, then renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

/// Where a result goes: a file that appears when it is complete, or standard output for `-`. Dropped without
/// [`Sink::commit`], a file leaves nothing behind.
#[derive(Debug)]
pub struct Sink(Kind);

#[derive(Debug)]
enum Kind {
    Stdout(BufWriter<Stdout>),
    /// A device or pipe, which cannot be replaced.
    Direct(BufWriter<File>),
    /// `out` is none once it was committed.
    File {
        out: Option<BufWriter<File>>,
        temporary: PathBuf,
        path: PathBuf,
    },
}

impl Sink {
    /// Opens `path`; `-` is standard output.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self(Kind::Stdout(BufWriter::new(io::stdout()))));
        }
        // A link stays a link: what it points to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Ok(Self(Kind::Direct(BufWriter::new(OpenOptions::new().write(true).open(path)?))));
        }
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        let out = Some(BufWriter::new(File::create(&temporary)?));
        Ok(Self(Kind::File { out, temporary, path }))
    }

    /// Makes what was written the file's content, on the disk.
    ///
    /// # Errors
    /// Writing, syncing or renaming failed; the old file, if any, is as it was.
    pub fn commit(mut self) -> io::Result<()> {
        match &mut self.0 {
            Kind::Stdout(out) => out.flush(),
            Kind::Direct(out) => out.flush(),
            Kind::File { out, temporary, path } => {
                let Some(out) = out.take() else { return Ok(()) };
                let renamed = finish(out).and_then(|()| fs::rename(&*temporary, &*path));
                if renamed.is_err() {
                    let _ = fs::remove_file(&*temporary);
                }
                renamed.and_then(|()| sync_folder(path))
            }
        }
    }

    fn out(&mut self) -> io::Result<&mut dyn Write> {
        match &mut self.0 {
            Kind::Stdout(out) => Ok(out),
            Kind::Direct(out) => Ok(out),
            Kind::File { out: Some(out), .. } => Ok(out),
            Kind::File { out: None, .. } => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out()?.flush()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Kind::File { out, temporary, .. } = &mut self.0
            && out.take().is_some()
        {
            // Nobody is left to tell if this fails, and only litter remains.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Writes a whole file, or standard output for `-`.
///
/// # Errors
/// Creating, writing, syncing or renaming failed; the old file, if any, is as it was.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut Sink) -> io::Result<()>) -> io::Result<()> {
    let mut sink = Sink::create(path)?;
    write(&mut sink)?;
    sink.commit()
}

/// Whether [`write_whole`] will be able to write there, as far as that can be known beforehand. Nothing is left behind; a device or
/// pipe is not opened.
///
/// # Errors
/// The file cannot be created, or is a directory.
pub fn expect_to_write(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        _ if path == Path::new("-") => Ok(()),
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => Ok(()),
        Ok(_) | Err(_) => Sink::create(path).map(drop),
    }
}

fn finish(out: BufWriter<File>) -> io::Result<()> {
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// A rename is on the disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An empty folder of its own for each test.
    pub(in crate::report) fn folder(test: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("busyhour-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a temporary folder");
        folder
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = folder("file");
        let path = folder.join("result.json");
        write_whole(&path, |out| out.write_all(b"old")).expect("writes");
        let failed = write_whole(&path, |out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::Other.into())
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).expect("still there"), b"old");
        write_whole(&path, |out| out.write_all(b"new")).expect("writes");
        assert_eq!(fs::read(&path).expect("there"), b"new");
        assert_eq!(fs::read_dir(&folder).expect("folder").count(), 1, "no temporary file is left");
        fs::remove_dir_all(folder).expect("cleans up");
    }

    #[test]
    fn a_device_is_written_to_and_a_missing_folder_is_an_error() {
        write_whole(Path::new("/dev/null"), |out| out.write_all(b"x")).expect("writes");
        assert!(!fs::metadata("/dev/null").expect("there").is_file());
        assert!(Sink::create(Path::new("/no/such/folder/file")).is_err());
    }
}
