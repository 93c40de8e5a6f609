//! Shards of campaigns in the history's database: each is kept as it comes, so that a campaign that is stopped goes on later.

use super::store::connect;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use std::path::Path;

/// The shards of one campaign that are kept.
pub struct Shards {
    database: Connection,
    campaign: String,
}

/// A shard to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number in the campaign.
    pub number: usize,
    /// Its key.
    pub key: String,
    /// Hash of its outcome.
    pub digest: String,
    /// Its verdict.
    pub verdict: String,
    /// Its record, as JSON.
    pub record: String,
}

/// What became of a shard that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is kept.
    New,
    /// It was kept already, with the same outcome.
    Again,
    /// It was kept already, and came out otherwise then.
    Differs,
}

impl Shards {
    /// Those in the history of the folder `out`, which is made if it is not there. `campaign` is the hash of the campaign.
    ///
    /// # Errors
    /// What cannot be read or written.
    pub fn open(out: &Path, campaign: &str) -> Result<Self, String> {
        let said = |error: &dyn std::fmt::Display| format!("history of {}: {error}", out.display());
        std::fs::create_dir_all(out).map_err(|error| said(&error))?;
        Self::of(connect(&out.join("history.sqlite")).map_err(|error| said(&error))?, campaign)
    }

    /// Kept for as long as this lives: in memory, and in a nameless file if they are many.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn temporary(campaign: &str) -> Result<Self, String> {
        Self::of(connect(Path::new(""))?, campaign)
    }

    fn of(database: Connection, campaign: &str) -> Result<Self, String> {
        let made = database.execute_batch(
            "CREATE TABLE IF NOT EXISTS shard (
                 campaign TEXT NOT NULL, number INTEGER NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
                 verdict TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (campaign, number));",
        );
        made.map_err(|error| error.to_string())?;
        Ok(Self { database, campaign: campaign.to_owned() })
    }

    /// Numbers and verdicts of the shards that are kept, in order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn known(&self) -> Result<Vec<(usize, String)>, String> {
        let text = |error: rusqlite::Error| error.to_string();
        let mut query = self
            .database
            .prepare("SELECT number, verdict FROM shard WHERE campaign = ?1 ORDER BY number")
            .map_err(text)?;
        let of = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?));
        let known = query.query_map([&self.campaign], of).map_err(text)?;
        known
            .map(|row| row.map(|(n, verdict)| (usize::try_from(n).unwrap_or(0), verdict)).map_err(text))
            .collect()
    }

    /// Keeps all of `shards` or, if that fails, none; what became of each.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn add(&mut self, shards: &[Kept]) -> Result<Vec<Added>, String> {
        self.try_add(shards).map_err(|error| format!("cannot keep shards: {error}"))
    }

    fn try_add(&mut self, shards: &[Kept]) -> rusqlite::Result<Vec<Added>> {
        let mut added = Vec::with_capacity(shards.len());
        let change = self.database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut find =
                change.prepare_cached("SELECT digest FROM shard WHERE campaign = ?1 AND number = ?2")?;
            let mut insert = change.prepare_cached(
                "INSERT INTO shard (campaign, number, key, digest, verdict, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for shard in shards {
                let number = shard.number as i64;
                let known: Option<String> =
                    find.query_row(params![self.campaign, number], |row| row.get(0)).optional()?;
                added.push(match known {
                    Some(digest) if digest == shard.digest => Added::Again,
                    Some(_) => Added::Differs,
                    None => {
                        let Kept { key, digest, verdict, record, .. } = shard;
                        insert.execute(params![self.campaign, number, key, digest, verdict, record])?;
                        Added::New
                    }
                });
            }
        }
        change.commit()?;
        Ok(added)
    }

    /// Hands every shard that is kept to `take`, number and record, in order of their numbers.
    ///
    /// # Errors
    /// The database cannot be read, or `take` says so.
    pub fn each(&self, mut take: impl FnMut(usize, &str) -> Result<(), String>) -> Result<(), String> {
        let text = |error: rusqlite::Error| error.to_string();
        let mut query = self
            .database
            .prepare("SELECT number, record FROM shard WHERE campaign = ?1 ORDER BY number")
            .map_err(text)?;
        let mut rows = query.query([&self.campaign]).map_err(text)?;
        while let Some(row) = rows.next().map_err(text)? {
            let number = usize::try_from(row.get::<_, i64>(0).map_err(text)?).unwrap_or(0);
            let record: String = row.get(1).map_err(text)?;
            take(number, &record)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(number: usize, digest: &str) -> Kept {
        Kept {
            number,
            key: format!("k{number}"),
            digest: digest.to_owned(),
            verdict: "pass".to_owned(),
            record: format!("{{\"n\": {number}}}"),
        }
    }

    #[test]
    fn a_shard_is_kept_once_and_belongs_to_its_campaign() {
        let out = std::env::temp_dir().join(format!("busyhour-shards-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&out);
        {
            let mut shards = Shards::open(&out, "a").expect("opens");
            let added = shards.add(&[kept(2, "x"), kept(0, "y"), kept(2, "x"), kept(0, "z")]);
            assert_eq!(added, Ok(vec![Added::New, Added::New, Added::Again, Added::Differs]));
        }
        let mut shards = Shards::open(&out, "a").expect("opens again");
        let known = [0, 2].map(|n| (n, "pass".to_owned()));
        assert_eq!(shards.known(), Ok(known.to_vec()));
        assert_eq!(shards.add(&[kept(1, "x")]), Ok(vec![Added::New]));
        let mut seen = Vec::new();
        let mut see = |number, record: &str| {
            seen.push((number, record.to_owned()));
            Ok(())
        };
        shards.each(&mut see).expect("reads");
        let expected: Vec<_> = (0..3).map(|n| (n, format!("{{\"n\": {n}}}"))).collect();
        assert_eq!(seen, expected);
        assert_eq!(Shards::open(&out, "b").expect("opens").known(), Ok(vec![]));
        std::fs::remove_dir_all(out).expect("cleans up");
    }

    #[test]
    fn without_a_folder_shards_live_as_long_as_the_campaign() {
        let mut shards = Shards::temporary("a").expect("opens");
        assert_eq!(shards.add(&[kept(1, "x"), kept(1, "x")]), Ok(vec![Added::New, Added::Again]));
        assert_eq!(shards.known(), Ok(vec![(1, "pass".to_owned())]));
    }
}
