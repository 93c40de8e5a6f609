//! Sizes held against what is known: Erlang B inverted, every size tried one by one, evenly spaced calls counted by hand.

use crate::command_line::{Bench as Folder, json, text};
use crate::support::{incoming, one_trunk_group, read, replay};
use loadgen::each_failure::{components, with_failures};
use loadgen::profile::{Comparison, Profile, Target};
use loadgen::random::replication_seeds;
use loadgen::report::Verdict;
use loadgen::search::Bench;
use loadgen::size::{Costs, Found, Sizes, Withstand, apply, find_sizes, read_costs, resources_of};
use loadgen::solution;
use loadgen::stats::{channels_for_blocking, erlang_b};
use loadgen::text::{Problems, Style};
use std::fs;
use std::sync::atomic::AtomicBool;

fn with_bench<T>(
    profile: &Profile,
    replications: usize,
    jobs: usize,
    work: impl FnOnce(&Bench<'_>) -> T,
) -> T {
    let plans = solution::compile(&profile.solution).expect("a valid network");
    let (seeds, never) = (replication_seeds(profile.load.seed, replications), AtomicBool::new(false));
    let bench = Bench {
        profile,
        plans: &plans,
        seeds: &seeds,
        confidence: 0.95,
        jobs,
        interrupted: &never,
        tell: &|_| {},
    };
    work(&bench)
}

fn sizes_of(profile: &Profile, costs: &Costs, replications: usize, jobs: usize) -> Sizes {
    sizes_that(Withstand::Nothing, profile, costs, replications, jobs)
}

fn sizes_that(
    withstand: Withstand,
    profile: &Profile,
    costs: &Costs,
    replications: usize,
    jobs: usize,
) -> Sizes {
    with_bench(profile, replications, jobs, |bench| {
        let resources = resources_of(&profile.solution, bench.plans, costs);
        match find_sizes(bench, &resources, withstand, &|_, _| {}).expect("nobody interrupts") {
            Found::Sizes(sizes) => *sizes,
            Found::Never(step, _) => panic!("no sizes: {:?}", step.missed),
        }
    })
}

fn counts(sizes: &Sizes) -> Vec<u64> {
    sizes.needed.iter().map(|needed| needed.size).collect()
}

fn blocked_at_most(mut profile: Profile, limit_pct: f64) -> Profile {
    let metric = "blocked_pct".to_owned();
    profile.targets = vec![Target { metric, comparison: Comparison::AtMost, limit: limit_pct }];
    profile
}

/// The limit lies halfway, in logarithms, between what n channels block and what one less does; the runs are long enough
/// to tell the two apart.
#[test]
fn channels_of_one_trunk_group_are_erlang_b_inverted_in_20_cases() {
    for erlangs in [0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0] {
        for more in [0, 1] {
            let n = channels_for_blocking(erlangs, 0.2).expect("few") + more;
            let limit = (erlang_b(erlangs, n) * erlang_b(erlangs, n - 1)).sqrt();
            assert_eq!(channels_for_blocking(erlangs, limit), Some(n));
            let bhcc = erlangs * 3_600.0 / 11.0;
            let hours = 600.0 / limit / bhcc;
            let load = format!(
                "bhcc = {bhcc}\nring = \"5s\"\ntalk = \"6s\"\nwarm_up = \"1m\"\nduration = \"{hours:.3}h\"\nseed = {n}"
            );
            let profile = blocked_at_most(read(&incoming(&load), &one_trunk_group(7)), limit * 100.0);
            let sizes = sizes_of(&profile, &Costs::default(), 1, 1);
            assert_eq!(counts(&sizes), [n], "{erlangs} E, {limit}");
            assert_eq!(sizes.needed[0].channels_erlang_b, Some(n), "{erlangs} E, {limit}");
            assert!(sizes.needed[0].one_less_misses[0].starts_with("blocked_pct <= "), "{sizes:?}");
        }
    }
}

/// Users who dial out over group 1, and over group 2 when that is full.
const ALTERNATE: &str = r#"
    [solution]
    name = "alternate"
    edition = "select"
    [[system]]
    name = "primary"
    role = "primary"
    platform = "r640"
    [[line]]
    system = "primary"
    number = 1
    kind = "sip"
    channels = 5
    outgoing_group = 1
    [[line]]
    system = "primary"
    number = 2
    kind = "sip"
    channels = 5
    outgoing_group = 2
    [[users]]
    system = "primary"
    extensions = "2000-2199"
    [[short_code]]
    code = "9N;"
    feature = "dial"
    telephone_number = "N"
    line_group = 50
    [[ars]]
    id = 50
    codes = [{ code = "?", feature = "dial", telephone_number = ".", line_group = 1 }]
    alternate_route = 51
    alternate_route_priority_level = 1
    [[ars]]
    id = 51
    codes = [{ code = "?", feature = "dial", telephone_number = ".", line_group = 2 }]
"#;

fn calls_out(load: &str) -> String {
    format!(
        r#"
        [profile]
        solution = "solution.toml"
        [load]
        {load}
        ring = "5s"
        talk = "6s"
        [[load.stream]]
        name = "out"
        kind = "outgoing"
        system = "primary"
        from = "2000-2199"
        to = "90301234567"
        "#
    )
}

fn costs(text: &str) -> (Costs, Problems) {
    let mut problems = Problems::new();
    let source = problems.add_source("costs.toml", text);
    let costs = read_costs(source, &mut problems);
    (costs, problems)
}

/// What the sizes found cost, and the least that any of up to eight channels in either group cost.
fn found_and_best(profile: &Profile, alternate: f64) -> (f64, f64, Sizes) {
    let (costs, problems) = costs(&format!(
        "[costs]\nchannel = 1\n[[resource]]\nname = \"primary:line_group:2\"\ncost = {alternate}\n"
    ));
    assert!(problems.is_empty(), "{}", problems.render(Style::Plain));
    let sizes = sizes_of(profile, &costs, 1, 1);
    let cost: f64 = sizes.needed.iter().map(|needed| needed.cost).sum();
    let best = with_bench(profile, 1, 1, |bench| {
        let resources = resources_of(&profile.solution, bench.plans, &costs);
        let every = (1..=8_u64).flat_map(|a| (1..=8_u64).map(move |b| [a, b]));
        let passes = |sizes: &[u64; 2]| {
            let solution = apply(&profile.solution, &resources, sizes);
            bench.with_solution(&solution).expect("nobody interrupts").pass
        };
        let price = |[a, b]: [u64; 2]| a as f64 + b as f64 * alternate;
        // What costs more than what was found need not be tried.
        let better = every.filter(|sizes| price(*sizes) < cost - 1e-9);
        better.filter(passes).map(price).fold(cost, f64::min)
    });
    (cost, best, sizes)
}

#[test]
fn a_primary_with_an_alternate_costs_at_most_one_channel_more_than_the_best_of_all_in_10_cases() {
    let mut ruled_out = 0;
    let cases = [(1.0, 1.0, 1), (2.5, 2.0, 2), (0.4, 3.0, 3), (1.0, 0.5, 4), (1.5, 1.5, 5)];
    let more = [(0.7, 2.5, 6), (1.1, 3.0, 7), (3.0, 0.8, 8), (0.9, 2.0, 9), (1.0, 2.8, 10)];
    for (alternate, erlangs, seed) in cases.into_iter().chain(more) {
        let bhcc = erlangs * 3_600.0 / 11.0;
        // The carrier tries line 1, then line 2; what finds neither free is lost.
        let load = format!("bhcc = {bhcc}\nseed = {seed}\nduration = \"3h\"\nring = \"5s\"\ntalk = \"6s\"");
        let profile = incoming(&load).replace("to = \"2000-2999\"", "to = \"2000-2199\"\nlines = [1, 2]");
        let solution = ALTERNATE.to_owned() + "[[incoming_call_route]]\ndestination = \".\"\n";
        let profile = blocked_at_most(read(&profile, &solution), 5.0);
        let (cost, best, sizes) = found_and_best(&profile, alternate);
        assert!(
            cost >= best - 1e-9 && cost <= best + alternate.max(1.0),
            "{cost} and {best}: {:?}",
            sizes.needed
        );
        let channels = counts(&sizes).iter().sum::<u64>();
        let pooled = channels_for_blocking(erlangs, 0.05).expect("few");
        // One group for all calls is best in the long run; three hours may be luckier by a channel.
        assert!((pooled - 1..=pooled + 3).contains(&channels), "{channels} and {pooled}: {:?}", sizes.needed);
        ruled_out += sizes.ruled_out;
    }
    assert!(ruled_out > 0, "Erlang B spares no replay");
}

/// A trunk that fails sends its calls over the other; each is as large as the other's loss asks, and no larger.
#[test]
fn sizes_that_bear_each_failure_are_the_cheapest_of_all_that_do() {
    let profile = incoming("bhcc = 500\nseed = 3\nduration = \"2h\"\nring = \"5s\"\ntalk = \"6s\"");
    let profile = profile.replace("to = \"2000-2999\"", "to = \"2000-2199\"\nlines = [1, 2]");
    let solution = ALTERNATE.to_owned() + "[[incoming_call_route]]\ndestination = \".\"\n";
    // The system itself fails, too, and loses what comes in these minutes.
    let profile = profile.replace("0.1", "1") + "[each_failure]\nat = \"30m\"\nfor = \"30m\"\n";
    let mut profile = blocked_at_most(read(&profile, &solution), 3.0);
    profile.targets.push(Target {
        metric: "completed_pct".into(),
        comparison: Comparison::AtLeast,
        limit: 60.0,
    });
    let sizes = sizes_that(Withstand::EachFailure, &profile, &Costs::default(), 1, 2);
    let found: u64 = counts(&sizes).iter().sum();
    assert_eq!(sizes.failures, Some(3), "a system and two trunks");
    let best = with_bench(&profile, 1, 1, |bench| {
        let resources = resources_of(&profile.solution, bench.plans, &Costs::default());
        let (at, lasts) = profile.each_failure.within(profile.load.duration);
        let passes = |sizes: &[u64; 2]| {
            let solution = apply(&profile.solution, &resources, sizes);
            let fails = components(&solution);
            let with = |n: usize| Profile {
                solution: solution.clone(),
                ..with_failures(&profile, &[&fails[n]], at, lasts)
            };
            bench.with_solution(&solution).expect("nobody interrupts").pass
                && (0..fails.len()).all(|n| replay(&with(n)).1.verdict == Verdict::Pass)
        };
        let every = (1..=8_u64).flat_map(|a| (1..=8_u64).map(move |b| [a, b]));
        every.filter(|[a, b]| a + b < found).filter(passes).map(|[a, b]| a + b).min()
    });
    assert_eq!(best, None, "{found} are too many: {:?}", sizes.needed);
    let normal = sizes_of(&profile, &Costs::default(), 1, 2);
    assert!(counts(&normal).iter().sum::<u64>() < found, "a failure asks for more: {:?}", normal.needed);
    assert_eq!(normal.failures, None);
    for needed in &sizes.needed {
        let failure = needed.one_less_failure.as_deref().expect("in normal operation there are enough");
        assert!(failure.starts_with("trunk:primary/"), "{needed:?}");
        assert!(needed.one_less_misses[0].ends_with(&format!("while {failure} fails")), "{needed:?}");
    }
    assert_eq!(sizes, sizes_that(Withstand::EachFailure, &profile, &Costs::default(), 1, 1));
}

#[test]
fn calls_that_wait_for_an_alternate_are_sized_by_their_wait() {
    let load = "bhcc = 650\nseed = 4\nduration = \"3h\"";
    let mut profile = blocked_at_most(read(&calls_out(load), ALTERNATE), 5.0);
    let metric = "setup_delay_us_p99".to_owned();
    profile.targets.push(Target { metric, comparison: Comparison::AtMost, limit: 3e6 });
    let (cost, best, sizes) = found_and_best(&profile, 1.5);
    assert!(cost >= best - 1e-9 && cost <= best + 1.5, "{cost} and {best}: {:?}", sizes.needed);
    assert_eq!(sizes.ruled_out, 0, "Erlang B knows nothing of calls that wait");
    assert!(
        sizes.needed.iter().any(|n| n.one_less_misses.iter().any(|m| m.starts_with("setup_delay"))),
        "{sizes:?}"
    );
}

#[test]
fn agents_and_channels_carry_evenly_spaced_calls_as_counted_by_hand() {
    let solution = one_trunk_group(20).replace("destination = \".\"", "destination = \"3000\"")
        + "[[hunt_group]]\nsystem = \"primary\"\nextension = \"3000\"\nname = \"Service\"\nmembers = \"2000-2019\"\n";
    let load = "bhcc = 1200\narrivals = \"uniform\"\nring = \"5s\"\ntalk = \"6s\"\nduration = \"10m\"";
    let mut profile = blocked_at_most(read(&incoming(load), &solution), 0.0);
    let wait = Target { metric: "srd".to_owned(), comparison: Comparison::AtMost, limit: 1.0 };
    profile.targets.push(wait);
    // A call every 3 s that takes 11 s: four at once; an agent is busy for 2 s more, to wrap up: five.
    assert_eq!(counts(&sizes_of(&profile, &Costs::default(), 1, 1)), [4, 5]);
}

const ROOM: &str = "[[conference]]\nsystem = \"primary\"\nnumber = \"2990\"\n";

#[test]
fn conference_slots_are_the_fewest_that_carry_the_conferences() {
    let solution = one_trunk_group(9).replace("\"2000-2999\"", "\"2000-2199\"") + ROOM;
    let load = "bhcc = 240\narrivals = \"uniform\"\nring = \"0s\"\ntalk = \"90s\"\nduration = \"20m\"";
    let stream = "kind = \"conference\"\nsystem = \"primary\"\nfrom = \"2000-2199\"\nparties = 4";
    let text = format!(
        "[profile]\nsolution = \"solution.toml\"\n[load]\n{load}\n[[load.stream]]\nname = \"c\"\n{stream}\nto = \"2990\"\n"
    );
    let profile = blocked_at_most(read(&text, &solution), 0.0);
    let sizes = sizes_of(&profile, &Costs::default(), 1, 1);
    let slots = sizes.needed.last().expect("they are the last");
    assert_eq!((slots.resource.as_str(), slots.was), ("primary:conference:slots", 512));
    // Four parties come in each minute and stay for a minute and a half: two conferences at once.
    assert_eq!((slots.size, slots.peak, slots.channels_erlang_b), (8, Some(8), None));
    assert_eq!(slots.one_less_binding_resource.as_deref(), Some("primary:conference:slots"));
    assert_eq!(sizes.solution.network.systems[0].conferences.channels, 8);
}

#[test]
fn the_sizes_do_not_depend_on_the_number_of_threads() {
    let load = "bhcc = 600\nduration = \"30m\"";
    let profile = blocked_at_most(read(&calls_out(load), ALTERNATE), 2.0);
    assert_eq!(sizes_of(&profile, &Costs::default(), 3, 1), sizes_of(&profile, &Costs::default(), 3, 3));
}

#[test]
fn the_solution_that_is_written_passes_and_keeps_its_comments() {
    let solution = one_trunk_group(90).replace("channels = 90", "channels = 90 # as ordered");
    let profile = incoming("bhcc = 3600\nring = \"5s\"\ntalk = \"6s\"").replace("0.1", "2");
    let folder = Folder::new("size", &profile, &solution);
    let record =
        folder.run(&["size", "profile.toml", "-o", "sized.toml", "--json", "-", "--replications", "3"]);
    assert_eq!(record.status.code(), Some(0), "{}", text(&record.stderr));
    let needed = json(&record)["resources"][0]["size"].as_u64().expect("a number");
    // Erlang B: 11 E at 2 % take 18 channels.
    assert!((16..=20).contains(&needed), "{needed}");
    let sized = fs::read_to_string(folder.0.join("sized.toml")).expect("it was written");
    assert_eq!(sized, solution.replace("channels = 90", &format!("channels = {needed}")));
    fs::write(folder.0.join("again.toml"), profile.replace("solution.toml", "sized.toml")).expect("writes");
    assert_eq!(folder.run(&["run", "again.toml"]).status.code(), Some(0));
    let less = sized.replace(&format!("channels = {needed} "), &format!("channels = {} ", needed - 4));
    fs::write(folder.0.join("sized.toml"), less).expect("writes");
    assert_eq!(folder.run(&["run", "again.toml"]).status.code(), Some(1));
    let table = text(&folder.run(&["size", "profile.toml", "--replications", "3"]).stdout);
    assert!(table.contains("primary:line_group:0"), "{table}");
}

#[test]
fn what_cannot_be_sized_is_said() {
    let folder =
        Folder::new("size-not", &incoming("bhcc = 600\nring = \"5s\"\ntalk = \"6s\""), &one_trunk_group(9));
    let never = folder.run(&["size", "profile.toml", "--threshold", "calls.completed >= 100000"]);
    assert_eq!(never.status.code(), Some(1), "{}", text(&never.stderr));
    assert!(text(&never.stdout).contains("even the largest sizes miss a target"), "{}", text(&never.stdout));
    fs::write(folder.0.join("costs.toml"), "[costs]\n[[resource]]\nname = \"primary:line_group:1\"\n")
        .expect("writes");
    let unknown = folder.run(&["size", "profile.toml", "--costs", "costs.toml"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        text(&unknown.stderr).contains("did you mean \"primary:line_group:0\"?"),
        "{}",
        text(&unknown.stderr)
    );
    assert_eq!(folder.run(&["size", "profile.toml", "-o", "-", "--json", "-"]).status.code(), Some(2));
}

#[test]
fn everything_wrong_with_a_table_of_costs_is_shown_at_once() {
    let (_, problems) = costs(
        "[costs]\nchanel = 3\nagent = 0\ncurrency = 5\n[[resource]]\nleast = 0\nmost = \"9\"\ncost = -1\n",
    );
    insta::assert_snapshot!(problems.render(Style::Plain));
}
