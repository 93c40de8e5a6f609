//! A campaign on a real nats-server and workers that are killed: the same digest as on threads, every shard counted once.

use crate::campaign::{CAMPAIGN, LOAD, outcomes};
use crate::command_line::{Bench, json, text};
use crate::nats::NatsServer;
use crate::support::{incoming, one_trunk_group};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn bench(name: &str, replications: u32) -> Bench {
    let bench = Bench::new(name, &incoming(LOAD), &one_trunk_group(60));
    let campaign = CAMPAIGN.replace("replications = 4", &format!("replications = {replications}"));
    fs::write(bench.0.join("grid.toml"), campaign).expect("a temporary file");
    bench
}

/// A worker in a folder that has none of the campaign's files.
struct Worker(Child);

impl Worker {
    fn start(server: &NatsServer, name: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
        command.current_dir(std::env::temp_dir()).args(["worker", "--jobs", "1"]);
        command.args(["--cluster", &server.url(), "--name", name]).stderr(Stdio::piped());
        Self(command.spawn().expect("the binary under test starts"))
    }

    /// Waits until it has said this on standard error.
    fn until_it_says(&mut self, word: &str) {
        let said = BufReader::new(self.0.stderr.take().expect("it is piped"));
        let is_it = |line: Result<String, _>| line.is_ok_and(|line: String| line.contains(word));
        assert!(said.lines().any(is_it), "it ended and never said {word:?}");
    }

    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The campaign over the cluster, in the background.
fn begin(bench: &Bench, server: &NatsServer, more: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
    command.current_dir(&bench.0).args(["campaign", "grid.toml", "--quiet", "--cluster", &server.url()]);
    command.args(["--json", "-", "--out", "out"]).args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary under test starts")
}

fn end(child: Child) -> Output {
    child.wait_with_output().expect("is ours")
}

/// Waits until so many shards are kept in the history of this folder.
fn until_kept(out: &Path, shards: i64, campaign: &mut Child) {
    let file = out.join("history.sqlite");
    let count = || {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let database = rusqlite::Connection::open_with_flags(&file, flags).ok()?;
        database.query_row("SELECT count(*) FROM shard", [], |row| row.get::<_, i64>(0)).ok()
    };
    while count().is_none_or(|kept| kept < shards) {
        assert!(campaign.try_wait().expect("is ours").is_none(), "it ended before {shards} shards were kept");
        std::thread::yield_now();
    }
}

#[test]
fn a_campaign_whose_workers_are_killed_has_the_digest_of_one_on_threads() {
    let bench = bench("cluster", 40);
    let expected = json(&bench.run(&["campaign", "grid.toml", "--json", "-"]));
    let mut server = NatsServer::start("campaign");
    let mut campaign = begin(&bench, &server, &[]);
    // At first there is one worker at a time, so that several have a part in it however late this process gets its turn.
    let mut workers = vec![Worker::start(&server, "a")];
    for (kept, next) in [(30, &["b"][..]), (60, &["c", "d"]), (90, &["e"])] {
        until_kept(&bench.0.join("out"), kept, &mut campaign);
        workers.remove(0).kill();
        if kept == 60 {
            server.restart();
        }
        workers.extend(next.iter().map(|name| Worker::start(&server, name)));
    }
    let output = end(campaign);
    let record = json(&output);
    assert_eq!(output.status.code(), Some(1), "few channels miss the target: {}", text(&output.stderr));
    assert_eq!((&record["digest"], &record["shards"]["counted"]), (&expected["digest"], &Value::from(240)));
    assert_eq!((&record["points"], &record["latency"]), (&expected["points"], &expected["latency"]));
    assert_eq!((record["engine"].as_str(), &record["shards"]["dead"]), (Some("nats"), &Value::from(0)));
    let by_worker = record["workers"].as_object().expect("an object");
    let ran: u64 = by_worker.values().map(|shards| shards.as_u64().expect("a count")).sum();
    assert_eq!(ran, 240, "each shard was counted for one worker: {by_worker:?}");
    assert!(by_worker.len() >= 3, "{by_worker:?}");
    assert!(record["wall"]["cluster_ms_p50"].is_number(), "{}", record["wall"]);
    // Nothing is left to do, so that the server has but to be there.
    let again = json(&end(begin(&bench, &server, &[])));
    assert_eq!((&again["shards"]["resumed"], &again["digest"]), (&Value::from(240), &expected["digest"]));
}

/// Such a shard is one that takes all of a machine's memory, say.
#[test]
fn a_shard_that_brings_its_workers_down_is_given_up_with_the_command_that_runs_it() {
    let bench = bench("cluster-poison", 1);
    let long = "[campaign]\nname = \"poison\"\nprofiles = [\"profile.toml\"]\nduration = \"2000h\"\n";
    fs::write(bench.0.join("grid.toml"), long).expect("a temporary file");
    let server = NatsServer::start("poison");
    let campaign = begin(&bench, &server, &["--tries", "1"]);
    let mut worker = Worker::start(&server, "victim");
    worker.until_it_says("campaign ");
    worker.kill();
    let _other = Worker::start(&server, "other");
    let output = end(campaign);
    let record = json(&output);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert_eq!((&record["shards"]["dead"], &record["digest"]), (&Value::from(1), &Value::Null));
    let given_up = record["failed"].to_string();
    assert!(given_up.contains("taken 1 times without a result"), "{given_up}");
    assert!(given_up.contains("busyhour campaign grid.toml --shard"), "{given_up}");
}

#[test]
fn a_server_with_tls_and_a_password_is_used_by_who_has_both() {
    let bench = bench("cluster-tls", 1);
    let server = NatsServer::configured("campaign-tls", |folder| {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
        let (certificate, key) = (folder.join("server.pem"), folder.join("server.key"));
        fs::write(&certificate, made.cert.pem()).expect("a temporary file");
        fs::write(&key, made.signing_key.serialize_pem()).expect("a temporary file");
        format!(
            "tls {{ cert_file: \"{}\", key_file: \"{}\" }}\nauthorization {{ user: bench, password: secret }}",
            certificate.display(),
            key.display()
        )
    });
    let address = format!("tls://127.0.0.1:{}", server.port());
    let start = |arguments: &[&str], password: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
        command.current_dir(&bench.0).args(arguments).args(["--quiet", "--cluster", &address]);
        command.env("BUSYHOUR_CLUSTER_USER", "bench").env("BUSYHOUR_CLUSTER_PASSWORD", password);
        command.env("BUSYHOUR_CLUSTER_CA", server.folder().join("server.pem"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary under test starts")
    };
    let campaign = ["campaign", "grid.toml", "--json", "-"];
    let wrong = end(start(&campaign, "guess"));
    assert_eq!(wrong.status.code(), Some(2));
    let said = text(&wrong.stderr);
    assert!(said.contains(&address) && said.contains("authorization"), "{said}");
    let wrong = end(start(&["worker"], "guess"));
    assert_eq!((wrong.status.code(), text(&wrong.stderr).contains("authorization")), (Some(2), true));
    let _worker = Worker(start(&["worker"], "secret"));
    let record = json(&end(start(&campaign, "secret")));
    assert_eq!(outcomes(record), outcomes(json(&bench.run(&campaign))));
}

#[test]
fn a_cluster_that_is_not_there_or_makes_no_sense_is_said() {
    let bench = bench("cluster-none", 1);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = format!("nats://{}", nobody.local_addr().expect("it is bound"));
    drop(nobody);
    let none = bench.run(&["campaign", "grid.toml", "--cluster", &address]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains(&address), "{}", text(&none.stderr));
    let wrong = bench.run(&["campaign", "grid.toml", "--cluster", "http://127.0.0.1"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("is no server"), "{}", text(&wrong.stderr));
    let both = bench.run(&["campaign", "grid.toml", "--cluster", &address, "--jobs", "2"]);
    assert_eq!(both.status.code(), Some(2));
}
