//! `cargo run --release -p loadgen --example many_phones -- PHONES AT STATUS_AT`: a served system with more users than any edition
//! has, from 100000 on and with the password `secret`, to see what a registered phone costs. benches/sip/registrar.sh uses it.

use engine::limits::MINUTE;
use engine::number::Number;
use engine::plan::spec::{CompandingLaw, NetworkSpec, Role, SystemSpec, UserSpec};
use engine::time::Duration;
use loadgen::serve::{Host, Opened, Setup};
use loadgen::solution::{Password, SipAddresses};
use sip::auth::Algorithm;
use std::net::SocketAddr;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [phones, at, status_at] = words.as_slice() else {
        return Err("say how many phones there are, and two addresses: many_phones 100000 127.0.0.1:5060 127.0.0.1:9080".into());
    };
    let setup = setup(phones.parse()?, at.parse()?, status_at.parse()?)?;
    let reread = Box::new(|| Err(vec!["this system has no solution to be read again".to_owned()]));
    let opened = Opened { tls: None, records: None, incarnation: 1, reread, drain: Duration::from_secs(1) };
    Host::open(setup, opened)?.run()?;
    Ok(())
}

fn setup(phones: u32, at: SocketAddr, status_at: SocketAddr) -> Result<Setup, Box<dyn std::error::Error>> {
    let numbers = (100_000..100_000 + phones).map(|n| Number::new(&n.to_string()));
    let numbers: Vec<Number> = numbers.collect::<Result<_, _>>().map_err(|_| "numbers of six digits")?;
    let users = numbers.into_iter().map(UserSpec::new).collect();
    let system =
        SystemSpec { users, ..SystemSpec::new("many phones", Role::Standalone, CompandingLaw::ALaw) };
    let network = NetworkSpec { systems: vec![system], ..NetworkSpec::default() };
    let plans = engine::plan::compile(&network).map_err(|faults| format!("{faults:?}"))?;
    let plan = plans.into_iter().next().ok_or("a system")?;
    let password = Password::new("secret");
    let addresses = SipAddresses {
        at,
        tls: None,
        domain: at.ip().to_string(),
        digest: vec![Algorithm::Md5],
        lines_at: None,
        status_at: Some(status_at),
        rtp_ports: 20_000..=20_999,
        calls_per_second: None,
    };
    Ok(Setup {
        addresses,
        passwords: vec![Some(password); plan.users().len()],
        peers: Vec::new(),
        far_ends: Vec::new(),
        users: (0..).map(engine::id::UserId::at).zip(plan.users()).map(|(id, u)| (u.extension, id)).collect(),
        plan,
        minute: MINUTE,
        seed: u64::from(std::process::id()),
    })
}
