//! What streams, subjects and consumers are called on the server.

/// Shards that were given up, of all jobs.
pub(crate) const DEAD: &str = "busyhour-dead";
/// The durable consumer of shards that all workers share.
pub(crate) const WORKERS: &str = "workers";
/// The durable consumer of results.
pub(crate) const COORDINATOR: &str = "coordinator";
/// What the bundle of a job is called in its store.
pub(crate) const BUNDLE: &str = "bundle";
/// Header with the number of times that a shard may be taken.
pub(crate) const TRIES: &str = "Busyhour-Tries";

/// Which version of busyhour runs shards: only equal ones give equal results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build(String);

impl Build {
    /// The build of this version and commit.
    #[must_use]
    pub fn new(version: &str, commit: Option<&str>) -> Self {
        let commit: String = commit.unwrap_or("unknown").chars().take(12).collect();
        Self(token(&format!("{version}-{commit}")))
    }

    /// As it stands in subjects.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A word without what parts subjects.
pub(crate) fn token(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    text.chars().map(safe).collect()
}

/// The stream of a job's shards that wait for a worker.
pub(crate) fn shards_stream(build: &Build, job: &str) -> String {
    format!("{}{job}", shards_streams(build))
}

/// How the names of all streams begin that have shards for a build.
pub(crate) fn shards_streams(build: &Build) -> String {
    format!("busyhour-shards-{}-", build.0)
}

/// The stream of a job's results that wait for its coordinator.
pub(crate) fn results_stream(job: &str) -> String {
    format!("busyhour-results-{job}")
}

/// The store with a job's bundle.
pub(crate) fn files(job: &str) -> String {
    format!("busyhour-files-{job}")
}

pub(crate) fn shard(build: &Build, job: &str, number: u64) -> String {
    format!("busyhour.shard.{}.{job}.{number}", build.0)
}

pub(crate) fn shards_of(build: &Build, job: &str) -> String {
    format!("busyhour.shard.{}.{job}.*", build.0)
}

pub(crate) fn result(job: &str, number: u64) -> String {
    format!("busyhour.result.{job}.{number}")
}

pub(crate) fn results_of(job: &str) -> String {
    format!("busyhour.result.{job}.*")
}

pub(crate) fn dead(job: &str, number: u64) -> String {
    format!("busyhour.dead.{job}.{number}")
}

pub(crate) fn dead_of(job: &str) -> String {
    format!("busyhour.dead.{job}.*")
}

/// Where workers say that they are there.
pub(crate) const PRESENCE: &str = "busyhour.worker";

/// Where generators say that they are there, and under which each is asked.
pub(crate) const GENERATORS: &str = "busyhour.generator";
/// Header with the subject under which a part's coordinator hears of it.
pub(crate) const INBOX: &str = "Busyhour-Inbox";
/// A generator is to take a part.
pub(crate) const TAKE: &str = "take";
/// A generator is asked for the time.
pub(crate) const CLOCK: &str = "clock";
/// A generator is told when to begin.
pub(crate) const START: &str = "start";
/// A generator is to end early.
pub(crate) const STOP: &str = "stop";
/// A part is prepared.
pub(crate) const READY: &str = "ready";
/// A part is done.
pub(crate) const DONE: &str = "done";
/// A part cannot be done.
pub(crate) const FAILED: &str = "failed";

/// Job and number at the end of a subject.
pub(crate) fn job_and_number(subject: &str) -> Option<(&str, u64)> {
    let (rest, number) = subject.rsplit_once('.')?;
    let (_, job) = rest.rsplit_once('.')?;
    Some((job, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_says_job_and_number() {
        let build = Build::new("0.1.0", Some("0123456789abcdef"));
        let subject = shard(&build, "ab12", 77);
        assert_eq!(subject, "busyhour.shard.0-1-0-0123456789ab.ab12.77");
        assert_eq!(job_and_number(&subject), Some(("ab12", 77)));
        assert_eq!(job_and_number(&result("j", 0)), Some(("j", 0)));
        assert_eq!(job_and_number("busyhour.result.j.x"), None);
    }
}
