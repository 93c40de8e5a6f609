//! Every shard has one result, whatever happens to workers and the server.

use crate::server::NatsServer;
use cluster::{
    Access, Build, Coordinator, Event, Job, OpenJob, Shard, Told, WorkerOptions, WorkerState, serve,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const LOOK: Duration = Duration::from_millis(50);

fn build() -> Build {
    Build::new("1.2.3", Some("0123456789abcdef"))
}

fn job(id: &str, shards: u64, tries: u32) -> Job {
    let shards = (0..shards).map(|number| Shard { number, command: format!("square {number}") });
    Job { id: id.to_owned(), build: build(), bundle: b"times 3".to_vec(), shards: shards.collect(), tries }
}

fn options(name: &str) -> WorkerOptions {
    WorkerOptions { name: name.to_owned(), slots: 2, build: build() }
}

/// Opens bundles of [`job`]: shards are multiplied by the number in them.
fn multiply(bundle: &[u8]) -> Result<OpenJob, String> {
    let text = String::from_utf8_lossy(bundle).into_owned();
    let factor: u64 = text.strip_prefix("times ").and_then(|n| n.parse().ok()).ok_or("no bundle of ours")?;
    Ok(Box::new(move || Box::new(move |number, _| Some((number * factor).to_le_bytes().to_vec()))))
}

fn value(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("eight bytes"))
}

/// Tells workers to stop, whatever ends a test.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs workers while `work` does.
fn with_workers<T>(
    server: &NatsServer,
    workers: &[WorkerOptions],
    open: &(dyn Fn(&[u8]) -> Result<OpenJob, String> + Sync),
    work: impl FnOnce() -> T,
) -> (T, u64) {
    let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let address = server.url().parse().expect("an address");
    let result = std::thread::scope(|scope| {
        for options in workers {
            let (address, stop, done) = (&address, &stop, &done);
            scope.spawn(move || {
                let ran = serve(address, &Access::default(), options, open, stop, &|_: Told| {});
                done.fetch_add(ran.expect("nothing is wrong with the address"), Ordering::Relaxed);
            });
        }
        let _ends = Ends(&stop);
        work()
    });
    (result, done.load(Ordering::Relaxed))
}

/// What comes of a job until every shard has an end.
#[derive(Default)]
struct Heard {
    results: BTreeMap<u64, u64>,
    again: u64,
    dead: BTreeMap<u64, String>,
    workers: Vec<WorkerState>,
}

fn hear(coordinator: &Coordinator, shards: usize, mut at: impl FnMut(usize)) -> Heard {
    let mut heard = Heard::default();
    while heard.results.len() + heard.dead.len() < shards {
        match coordinator.next(LOOK).expect("the connection lives") {
            Some(Event::Result { number, bytes }) => {
                let before = heard.results.insert(number, value(&bytes));
                heard.again += u64::from(before.is_some());
                assert!(before.is_none_or(|before| before == value(&bytes)));
                at(heard.results.len());
            }
            Some(Event::Dead { number, why }) => drop(heard.dead.insert(number, why)),
            Some(Event::Workers(workers)) => heard.workers = workers,
            Some(Event::Trouble(_)) | None => {}
        }
    }
    heard
}

fn start(server: &NatsServer, job: Job) -> Coordinator {
    let address = server.url().parse().expect("an address");
    Coordinator::start(&address, &Access::default(), job).expect("the server is there")
}

#[test]
fn every_shard_of_two_jobs_has_a_result() {
    let server = NatsServer::start("two-jobs");
    let ((), ran) = with_workers(&server, &[options("a"), options("b")], &multiply, || {
        let one = start(&server, job("one", 300, 3));
        let other = start(&server, Job { bundle: b"times 7".to_vec(), ..job("other", 100, 3) });
        let heard = hear(&one, 300, |_| {});
        assert!(heard.results.iter().all(|(number, result)| *result == number * 3));
        let heard = hear(&other, 100, |_| {});
        assert!(heard.results.iter().all(|(number, result)| *result == number * 7));
        one.finish();
        other.finish();
    });
    assert!(ran >= 400, "{ran}");
}

#[test]
fn a_server_that_is_killed_and_comes_back_loses_nothing() {
    let mut server = NatsServer::start("restart");
    let address = NatsServer::url(&server);
    let coordinator = start(&server, job("r", 400, 5));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for name in ["a", "b"] {
            let (address, stop) = (address.parse().expect("an address"), &stop);
            scope
                .spawn(move || serve(&address, &Access::default(), &options(name), &multiply, stop, &|_| {}));
        }
        let _ends = Ends(&stop);
        let heard = hear(&coordinator, 400, |came| {
            if came == 100 {
                server.restart();
            }
        });
        assert!(heard.results.iter().all(|(number, result)| *result == number * 3));
        assert!(heard.dead.is_empty(), "{:?}", heard.dead);
    });
    coordinator.finish();
}

#[test]
fn shards_that_the_server_has_lost_are_missed_and_run() {
    let server = NatsServer::start("lost");
    let coordinator = start(&server, job("l", 20, 3));
    // Another coordinator of the same job makes room for it anew, and has no shards.
    drop(start(&server, Job { shards: Vec::new(), ..job("l", 0, 3) }));
    coordinator.miss(job("l", 20, 3).shards);
    with_workers(&server, &[options("a")], &multiply, || {
        let heard = hear(&coordinator, 20, |_| {});
        assert_eq!((heard.results.len(), heard.again), (20, 0));
        // Nothing is put there twice while the server has it.
        coordinator.miss(job("l", 20, 3).shards);
        coordinator.miss(job("l", 20, 3).shards);
        assert!(hear(&coordinator, 20, |_| {}).again == 0);
        coordinator.finish();
    });
}

#[test]
fn a_shard_that_panics_is_given_up_with_its_command_and_the_others_go_on() {
    let server = NatsServer::start("dead");
    let poisoned = |_: &[u8]| -> Result<OpenJob, String> {
        Ok(Box::new(|| {
            Box::new(|number, _| {
                assert_ne!(number, 2, "the poisoned shard");
                Some(number.to_le_bytes().to_vec())
            })
        }))
    };
    with_workers(&server, &[options("a")], &poisoned, || {
        let coordinator = start(&server, job("d", 5, 3));
        let heard = hear(&coordinator, 5, |_| {});
        assert_eq!(heard.results.keys().copied().collect::<Vec<_>>(), [0, 1, 3, 4]);
        assert_eq!(heard.dead.get(&2).map(String::as_str), Some("taken 3 times without a result"));
        coordinator.finish();
        // The letter stays for whoever looks.
        assert!(stored(&server, "square 2"), "the command is with the dead letter");
    });
}

/// Whether a text is in what the server has on the disk.
fn stored(server: &NatsServer, text: &str) -> bool {
    let mut folders = vec![server.folder().join("store")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().contains("busyhour-dead")
                && std::fs::read(&path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(text))
            {
                return true;
            }
        }
    }
    false
}

#[test]
fn a_bundle_that_nobody_can_open_gives_up_its_shards_at_once() {
    let server = NatsServer::start("bundle");
    with_workers(&server, &[options("a")], &multiply, || {
        let coordinator = start(&server, Job { bundle: b"nonsense".to_vec(), ..job("n", 2, 3) });
        let heard = hear(&coordinator, 2, |_| {});
        assert!(heard.dead.values().all(|why| why == "no bundle of ours"), "{:?}", heard.dead);
        coordinator.finish();
    });
}

#[test]
fn results_that_came_while_nobody_listened_are_heard_the_next_time() {
    let server = NatsServer::start("away");
    let ran = Arc::new(AtomicU64::new(0));
    let counted = {
        let ran = Arc::clone(&ran);
        move |bundle: &[u8]| -> Result<OpenJob, String> {
            let (open, ran) = (multiply(bundle)?, Arc::clone(&ran));
            Ok(Box::new(move || {
                let (mut run, ran) = (open(), Arc::clone(&ran));
                Box::new(move |number, waited| {
                    ran.fetch_add(1, Ordering::Relaxed);
                    run(number, waited)
                })
            }))
        }
    };
    with_workers(&server, &[options("a")], &counted, || {
        // Dropped at once: the coordinator dies, its job stays.
        drop(start(&server, job("w", 50, 3)));
        while ran.load(Ordering::Relaxed) < 50 {
            std::thread::yield_now();
        }
        let again = start(&server, Job { shards: Vec::new(), ..job("w", 0, 3) });
        let heard = hear(&again, 50, |_| {});
        assert_eq!(heard.results.len(), 50);
        again.finish();
    });
    assert_eq!(ran.load(Ordering::Relaxed), 50, "nothing was run twice");
}

#[test]
fn a_worker_of_another_build_shows_itself_and_takes_nothing() {
    let server = NatsServer::start("build");
    let other = WorkerOptions { build: Build::new("9.9.9", None), ..options("stranger") };
    let coordinator = start(&server, job("b", 3, 3));
    let ((), ran) = with_workers(&server, std::slice::from_ref(&other), &multiply, || {
        loop {
            if let Some(Event::Workers(workers)) = coordinator.next(LOOK).expect("the connection lives")
                && let [worker] = workers.as_slice()
            {
                assert_eq!((worker.name.as_str(), worker.build.as_str()), ("stranger", "9-9-9-unknown"));
                break;
            }
        }
    });
    assert_eq!(ran, 0);
    with_workers(&server, &[options("ours")], &multiply, || {
        assert_eq!(hear(&coordinator, 3, |_| {}).results.len(), 3);
    });
    coordinator.finish();
}
