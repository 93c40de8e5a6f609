//! Where `--out` writes one run: first beside its place, then into it in one step, so that a kill leaves whole results only.
//!
//! An unfinished folder is called `.NAME.PID.unfinished`, one that is being replaced `.NAME.PID.old`. What a process that is
//! no more has left behind is put right by the next one.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The folder of one run.
#[derive(Debug)]
pub struct RunFolder {
    out: PathBuf,
    name: String,
    unfinished: PathBuf,
}

impl RunFolder {
    /// An empty folder for the run `name` in `out`.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(out: &Path, name: &str) -> io::Result<Self> {
        fs::create_dir_all(out)?;
        tidy(out)?;
        let unfinished = out.join(format!(".{name}.{}.unfinished", std::process::id()));
        fs::create_dir_all(&unfinished)?;
        Ok(Self { out: out.to_owned(), name: name.to_owned(), unfinished })
    }

    /// Where to write a file of the run.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.unfinished.join(name)
    }

    /// Puts the folder in its place; one from an earlier run goes. Its path.
    ///
    /// # Errors
    /// Syncing or renaming failed; the earlier folder is as it was, or comes back with the next run.
    pub fn finish(self) -> io::Result<PathBuf> {
        let place = self.out.join(&self.name);
        let old = self.out.join(format!(".{}.{}.old", self.name, std::process::id()));
        sync(&self.unfinished)?;
        match fs::rename(&place, &old) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        fs::rename(&self.unfinished, &place)?;
        sync(&self.out)?;
        if old.exists() {
            fs::remove_dir_all(&old)?;
        }
        Ok(place)
    }
}

/// Puts right what processes that are no more have left in `out`: unfinished folders go, replaced ones come back where
/// nothing has taken their place.
///
/// # Errors
/// A folder cannot be read, removed or renamed.
pub(super) fn tidy(out: &Path) -> io::Result<()> {
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        let Some(left) = Left::of(&path) else { continue };
        if is_alive(left.process) {
            continue;
        }
        let place = out.join(left.name);
        let done = match left.kind {
            Kind::Old if !place.exists() => fs::rename(&path, &place),
            Kind::Old | Kind::Unfinished => fs::remove_dir_all(&path),
        };
        match done {
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    Ok(())
}

enum Kind {
    Unfinished,
    Old,
}

/// A folder that a run has left in mid-work, by its name.
struct Left<'a> {
    name: &'a str,
    process: u32,
    kind: Kind,
}

impl<'a> Left<'a> {
    fn of(path: &'a Path) -> Option<Self> {
        let (rest, kind) = path.file_name()?.to_str()?.strip_prefix('.')?.rsplit_once('.')?;
        let (name, process) = rest.rsplit_once('.')?;
        let kind = match kind {
            "unfinished" => Kind::Unfinished,
            "old" => Kind::Old,
            _ => return None,
        };
        Some(Self { name, process: process.parse().ok()?, kind })
    }
}

/// Whether a process lives; where the system does not say, it is taken to.
fn is_alive(process: u32) -> bool {
    let all = Path::new("/proc");
    !all.join("self").exists() || all.join(process.to_string()).exists()
}

/// What is in a folder is on the disk when the folder is.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No process has this number: it is above the kernel's highest.
    const NOBODY: u32 = 4_194_305;

    fn out(test: &str) -> PathBuf {
        let out = std::env::temp_dir().join(format!("busyhour-folder-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&out);
        fs::create_dir_all(&out).expect("a temporary folder");
        out
    }

    #[test]
    fn a_run_takes_the_place_of_an_earlier_one_in_one_step() {
        let out = out("replace");
        for text in ["one", "two"] {
            let folder = RunFolder::create(&out, "run.v1").expect("a folder");
            fs::write(folder.file("record.json"), text).expect("a file");
            let place = folder.finish().expect("in its place");
            assert_eq!(fs::read_to_string(place.join("record.json")).expect("the file"), text);
        }
        assert_eq!(fs::read_dir(&out).expect("the folder").count(), 1);
        fs::remove_dir_all(out).expect("cleans up");
    }

    #[test]
    fn what_the_dead_left_is_put_right_and_what_the_living_write_is_left_alone() {
        let out = out("tidy");
        let alive = std::process::id();
        for name in [
            format!(".half.{NOBODY}.unfinished"),
            format!(".replaced.{NOBODY}.old"),
            format!(".lost.{NOBODY}.old"),
            format!(".busy.{alive}.unfinished"),
            "replaced".to_owned(),
        ] {
            fs::create_dir_all(out.join(name)).expect("a folder");
        }
        tidy(&out).expect("tidies");
        let mut left: Vec<String> = fs::read_dir(&out)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        left.sort();
        assert_eq!(left, [format!(".busy.{alive}.unfinished"), "lost".to_owned(), "replaced".to_owned()]);
        fs::remove_dir_all(out).expect("cleans up");
    }
}
