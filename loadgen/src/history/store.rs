//! The database of past runs: `history.sqlite` in the folder of `--out`.

use super::folder::tidy;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Number of the form of the tables; a file with a higher one is of a later version and left alone.
const FORM: u32 = 1;
/// Longest wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Past runs of one folder.
pub struct Store {
    database: Connection,
}

/// One past run.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Hash of its record.
    pub id: String,
    /// When it began.
    pub started_at: String,
    /// Name of its profile.
    pub profile: String,
    /// Its verdict.
    pub verdict: String,
    /// The record, without the encoded distributions.
    pub record: Value,
}

/// Which runs are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this profile.
    pub profile: Option<String>,
    /// With this verdict.
    pub verdict: Option<String>,
    /// Begun at this time or later (RFC 3339, or the beginning of it).
    pub since: Option<String>,
    /// The latest ones, at most so many.
    pub last: u32,
}

impl Store {
    /// Opens the history of `out`, makes it where there is none, and takes in the runs in `out` that it does not know.
    ///
    /// # Errors
    /// What cannot be read or written.
    pub fn open(out: &Path) -> Result<Self, String> {
        let said = |error: &dyn std::fmt::Display| format!("history of {}: {error}", out.display());
        tidy(out).map_err(|error| said(&error))?;
        let mut store =
            Self { database: connect(&out.join("history.sqlite")).map_err(|error| said(&error))? };
        for entry in std::fs::read_dir(out).map_err(|error| said(&error))? {
            let folder = entry.map_err(|error| said(&error))?.path();
            let is_hidden = folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if is_hidden {
                // Another process is at work in it.
                continue;
            }
            let record = folder.join("record.json");
            if let Ok(bytes) = std::fs::read(&record) {
                store.add(&bytes).map_err(|error| format!("{}: {error}", record.display()))?;
            }
        }
        Ok(store)
    }

    /// Takes in a run record, once.
    ///
    /// # Errors
    /// It is no run record, or cannot be written.
    pub fn add(&mut self, record: &[u8]) -> Result<(), String> {
        let id = Sha256::digest(record).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let known = self.database.query_row("SELECT 1 FROM run WHERE id = ?1", [&id], |_| Ok(()));
        if known.optional().map_err(|error| error.to_string())?.is_some() {
            return Ok(());
        }
        let mut value: Value = serde_json::from_slice(record).map_err(|error| error.to_string())?;
        for latency in value.get_mut("latency").and_then(Value::as_object_mut).into_iter().flatten() {
            latency.1.as_object_mut().map(|figures| figures.remove("hdr"));
        }
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned();
        let name = if value.get("profile").is_some() { "/profile/name" } else { "/campaign/name" };
        let row = params![id, text("/started_at"), text(name), text("/verdict"), value.to_string()];
        let insert = "INSERT OR IGNORE INTO run (id, started_at, profile, verdict, record) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.database.execute(insert, row).map(|_| ()).map_err(|error| error.to_string())
    }

    /// The runs that `filter` asks for, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Vec<Entry>, String> {
        let text = |error: rusqlite::Error| error.to_string();
        let mut query = self
            .database
            .prepare(
                "SELECT id, started_at, profile, verdict, record FROM run
                 WHERE (?1 IS NULL OR profile = ?1) AND (?2 IS NULL OR verdict = ?2) AND (?3 IS NULL OR started_at >= ?3)
                 ORDER BY started_at DESC, id DESC LIMIT ?4",
            )
            .map_err(text)?;
        let wanted = params![filter.profile, filter.verdict, filter.since, filter.last];
        let rows = query.query_map(wanted, |row| {
            let record: String = row.get(4)?;
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, record))
        });
        let mut entries = Vec::new();
        for row in rows.map_err(text)? {
            let (id, started_at, profile, verdict, record) = row.map_err(text)?;
            let record = serde_json::from_str(&record).map_err(|error| error.to_string())?;
            entries.push(Entry { id, started_at, profile, verdict, record });
        }
        entries.reverse();
        Ok(entries)
    }

    /// What SQLite's own check of the whole file says: `ok`, or what is wrong.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn integrity(&self) -> Result<String, String> {
        let said = self.database.query_row("PRAGMA integrity_check", [], |row| row.get(0));
        said.map_err(|error| error.to_string())
    }
}

/// Opens the database at `path`, makes it where there is none; an empty path is one that nobody else sees.
pub(super) fn connect(path: &Path) -> Result<Connection, String> {
    let text = |error: rusqlite::Error| error.to_string();
    let mut database = Connection::open(path).map_err(text)?;
    database.busy_timeout(PATIENCE).map_err(text)?;
    database.pragma_update(None, "synchronous", "FULL").map_err(text)?;
    let change = database.transaction_with_behavior(TransactionBehavior::Immediate).map_err(text)?;
    let form: u32 = change.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(text)?;
    if form > FORM {
        return Err(format!("written by a later version (form {form}, this one knows {FORM})"));
    }
    change
        .execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS run (
                 id TEXT PRIMARY KEY, started_at TEXT NOT NULL, profile TEXT NOT NULL, verdict TEXT NOT NULL,
                 record TEXT NOT NULL);
             CREATE INDEX IF NOT EXISTS run_by_time ON run (started_at);
             PRAGMA user_version = {FORM};"
        ))
        .map_err(text)?;
    change.commit().map_err(text)?;
    Ok(database)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn record(n: u32, profile: &str, verdict: &str) -> Vec<u8> {
        let started = format!("2026-11-{n:02}T09:00:00Z");
        serde_json::json!({
            "started_at": started, "profile": {"name": profile}, "verdict": verdict,
            "latency": {"setup_delay": {"p50": n, "hdr": "long"}},
        })
        .to_string()
        .into_bytes()
    }

    #[test]
    fn runs_are_taken_in_once_and_found_by_what_is_asked() {
        let out = std::env::temp_dir().join(format!("busyhour-store-{}", std::process::id()));
        let _ = fs::remove_dir_all(&out);
        fs::create_dir_all(out.join("a")).expect("a temporary folder");
        fs::write(out.join("a/record.json"), record(1, "a", "pass")).expect("a file");
        let mut store = Store::open(&out).expect("opens");
        for (n, profile, verdict) in [(3, "b", "fail"), (2, "a", "fail"), (2, "a", "fail")] {
            store.add(&record(n, profile, verdict)).expect("adds");
        }
        assert!(store.add(b"{").is_err());
        drop(store);
        let store = Store::open(&out).expect("opens again");
        let found = |filter: Filter| -> Vec<String> {
            let entries = store.list(&filter).expect("lists");
            entries.iter().map(|entry| format!("{} {}", &entry.started_at[8..10], entry.profile)).collect()
        };
        let all = Filter { last: 10, ..Filter::default() };
        assert_eq!(found(all.clone()), ["01 a", "02 a", "03 b"]);
        assert_eq!(found(Filter { last: 1, ..all.clone() }), ["03 b"]);
        assert_eq!(found(Filter { profile: Some("a".into()), ..all.clone() }), ["01 a", "02 a"]);
        assert_eq!(found(Filter { verdict: Some("fail".into()), ..all.clone() }), ["02 a", "03 b"]);
        assert_eq!(found(Filter { since: Some("2026-11-02".into()), ..all.clone() }), ["02 a", "03 b"]);
        let kept = &store.list(&all).expect("lists")[0].record;
        assert!(
            kept["latency"]["setup_delay"].get("hdr").is_none() && kept["latency"]["setup_delay"]["p50"] == 1
        );
        assert_eq!(store.integrity().as_deref(), Ok("ok"));
        fs::remove_dir_all(out).expect("cleans up");
    }
}
