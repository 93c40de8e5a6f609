//! The streams on the server: of each job its own, so that a job goes as a whole.
//!
//! One stream for all jobs, cleared by subject, would be fewer: but a purge by subject makes nats-server 2.9 forget what other
//! consumers of the stream were to be given, and their shards wait for ever.

use crate::limits::{ACK_WAIT, ANSWER, KEEPS, MOST_TAKEN};
use crate::names::{self, Build};
use async_nats::Client;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::context::{Context, ContextBuilder, GetStreamErrorKind};
use async_nats::jetstream::object_store::{self, GetErrorKind};
use async_nats::jetstream::stream::{self, RetentionPolicy, StorageType, Stream};
use futures_util::TryStreamExt as _;
use tokio::io::AsyncReadExt as _;

/// The server, as coordinators and workers use it.
pub(crate) struct Queue {
    pub(crate) context: Context,
}

/// Something the server was asked for.
pub(crate) type Asked<T> = Result<T, String>;

impl Queue {
    pub(crate) fn new(client: Client) -> Self {
        Self { context: ContextBuilder::new().timeout(ANSWER).ack_timeout(ANSWER).build(client) }
    }

    /// Whether JetStream is there.
    pub(crate) async fn is_there(&self) -> Asked<()> {
        // What an account may do is said in another form by nats-server 2.9 than async-nats reads.
        self.context.stream_names().try_next().await.map(|_| ()).map_err(said)
    }

    /// Makes room for a job: no shards, its bundle, and the results that it has had before.
    pub(crate) async fn prepare(&self, build: &Build, job: &str, bundle: &[u8]) -> Asked<()> {
        self.drop_shards(build, job).await;
        let _ = self.context.delete_object_store(names::files(job)).await;
        let files = object_store::Config {
            bucket: names::files(job),
            max_age: KEEPS,
            ..object_store::Config::default()
        };
        let files = self.context.create_object_store(files).await.map_err(said)?;
        let mut bundle = bundle;
        files.put(names::BUNDLE, &mut bundle).await.map_err(said)?;
        let shards = names::shards_stream(build, job);
        let shards = self.stream(&shards, names::shards_of(build, job), RetentionPolicy::WorkQueue).await?;
        consumer(&shards, names::WORKERS, String::new(), DeliverPolicy::All).await?;
        Ok(())
    }

    /// Where a coordinator hears of results.
    pub(crate) async fn results(&self, job: &str) -> Asked<PullConsumer> {
        let name = names::results_stream(job);
        let stream = self.stream(&name, names::results_of(job), RetentionPolicy::WorkQueue).await?;
        consumer(&stream, names::COORDINATOR, String::new(), DeliverPolicy::All).await
    }

    /// Where a coordinator hears of dead letters from now on.
    pub(crate) async fn dead(&self, job: &str) -> Asked<PullConsumer> {
        let all = "busyhour.dead.>".to_owned();
        let stream = self.stream(names::DEAD, all, RetentionPolicy::Limits).await?;
        let _ = stream.delete_consumer(job).await;
        consumer(&stream, job, names::dead_of(job), DeliverPolicy::New).await
    }

    /// Names of the jobs with shards for a build.
    pub(crate) async fn jobs(&self, build: &Build) -> Asked<Vec<String>> {
        let start = names::shards_streams(build);
        let all: Vec<String> = self.context.stream_names().try_collect().await.map_err(said)?;
        let mut jobs: Vec<String> =
            all.iter().filter_map(|name| name.strip_prefix(&start)).map(str::to_owned).collect();
        jobs.sort_unstable();
        Ok(jobs)
    }

    /// Where workers take the shards of a job; `None` if it is not there any more.
    pub(crate) async fn shards(&self, build: &Build, job: &str) -> Asked<Option<PullConsumer>> {
        let stream = match self.context.get_stream(names::shards_stream(build, job)).await {
            Ok(stream) => stream,
            Err(error) => {
                return match error.kind() {
                    GetStreamErrorKind::JetStream(_) => Ok(None),
                    GetStreamErrorKind::EmptyName
                    | GetStreamErrorKind::InvalidStreamName
                    | GetStreamErrorKind::Request => Err(said(error)),
                };
            }
        };
        let found = stream.get_consumer(names::WORKERS).await;
        found.map(Some).map_err(|error| error.to_string())
    }

    /// Whether no shard and no result of a job is waiting, or taken and not acknowledged.
    pub(crate) async fn has_nothing_to_give(&self, build: &Build, job: &str) -> Asked<bool> {
        let Some(mut shards) = self.shards(build, job).await? else { return Ok(false) };
        let mut results = self.results(job).await?;
        let mut left = 0;
        for consumer in [&mut shards, &mut results] {
            let info = consumer.info().await.map_err(said)?;
            left += info.num_pending + info.num_ack_pending as u64;
        }
        Ok(left == 0)
    }

    /// The bundle of a job; `None` if it is not there any more.
    pub(crate) async fn bundle(&self, job: &str) -> Asked<Option<Vec<u8>>> {
        let Ok(files) = self.context.get_object_store(names::files(job)).await else { return Ok(None) };
        let mut object = match files.get(names::BUNDLE).await {
            Ok(object) => object,
            Err(error) if error.kind() == GetErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(said(error)),
        };
        let mut bundle = Vec::new();
        object.read_to_end(&mut bundle).await.map_err(said)?;
        Ok(Some(bundle))
    }

    /// Takes the shards of a job off the server; what stays is removed by its age.
    pub(crate) async fn drop_shards(&self, build: &Build, job: &str) {
        let _ = self.context.delete_stream(names::shards_stream(build, job)).await;
    }

    /// Takes everything of a job off the server, but for its dead letters.
    pub(crate) async fn remove(&self, build: &Build, job: &str) {
        self.drop_shards(build, job).await;
        let _ = self.context.delete_stream(names::results_stream(job)).await;
        let _ = self.context.delete_object_store(names::files(job)).await;
        if let Ok(dead) = self.context.get_stream(names::DEAD).await {
            let _ = dead.delete_consumer(job).await;
        }
    }

    async fn stream(&self, name: &str, subjects: String, retention: RetentionPolicy) -> Asked<Stream> {
        let config = stream::Config {
            name: name.to_owned(),
            subjects: vec![subjects],
            retention,
            storage: StorageType::File,
            max_age: KEEPS,
            ..stream::Config::default()
        };
        self.context.get_or_create_stream(config).await.map_err(said)
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

async fn consumer(stream: &Stream, name: &str, filter: String, from: DeliverPolicy) -> Asked<PullConsumer> {
    let config = pull::Config {
        durable_name: Some(name.to_owned()),
        deliver_policy: from,
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        // Never given up by the server: who takes a shard once too often makes a dead letter of it.
        max_deliver: -1,
        max_ack_pending: MOST_TAKEN,
        filter_subject: filter,
        ..pull::Config::default()
    };
    stream.get_or_create_consumer(name, config).await.map_err(|error| error.to_string())
}
