//! `busyhour serve`: one system of a solution for real phones and trunks.

use crate::cli::ServeArgs;
use crate::exit_code::ExitCode;
use crate::report::CivilTime;
use crate::serve::{Ended, Host, Opened, Records, Setup};
use crate::solution::{self, Solution, TlsAddress};
use crate::text::{Problems, Style};
use engine::plan::spec::{Day, TimeOfWeek};
use engine::time::Duration;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Serves until it is told to end.
#[must_use]
pub fn run(args: &ServeArgs) -> ExitCode {
    match serve(args) {
        Ok(Ended::Drained) => ExitCode::Pass,
        Ok(Ended::Cut) => ExitCode::Interrupted,
        Err(errors) => {
            for error in errors {
                eprintln!("error: {error}");
            }
            ExitCode::Usage
        }
    }
}

fn serve(args: &ServeArgs) -> Result<Ended, Vec<String>> {
    let one = |error: std::io::Error| vec![error.to_string()];
    let solution = load(args)?;
    let now = jiff::Zoned::now();
    let setup = chosen(args, &solution, &now)?;
    let addresses = setup.addresses.clone();
    let tls = addresses.tls.as_ref().map(|tls| tls_config(&args.solution, tls)).transpose()?;
    let records = match &args.smdr {
        None => None,
        Some(path) => {
            let records = Records::open(path, CivilTime::since_1970(offset_s(&now)));
            Some(records.map_err(|error| vec![format!("{}: {error}", path.display())])?)
        }
    };
    let again = args.clone();
    let reread = Box::new(move || {
        let solution = load(&again)?;
        chosen(&again, &solution, &jiff::Zoned::now())
    });
    let opened = Opened { tls, records, incarnation: incarnation(), reread, drain: args.drain };
    sip::io::raise_file_limit();
    let mut host = Host::open(setup, opened).map_err(one)?;
    if !args.quiet {
        eprintln!("{} serves SIP at {}", args.system, addresses.at);
    }
    let ended = host.run().map_err(one)?;
    if !args.quiet {
        eprintln!("{} has ended; {} calls were in progress", args.system, host.calls());
    }
    Ok(ended)
}

/// The system that is to be served.
fn chosen(args: &ServeArgs, solution: &Solution, now: &jiff::Zoned) -> Result<Setup, Vec<String>> {
    let setup = Setup::new(solution, &args.system, clock_zero(now), seed())?;
    Ok(Setup { minute: args.drill_minute, ..setup })
}

/// Reads the solution; everything that is wrong with it is shown.
fn load(args: &ServeArgs) -> Result<Solution, Vec<String>> {
    let mut problems = Problems::new();
    let solution = solution::load(&args.solution, &mut problems);
    eprint!("{}", problems.render(Style::for_stderr()));
    solution.ok_or_else(|| vec![format!("{} does not validate", args.solution.display())])
}

fn tls_config(solution: &Path, tls: &TlsAddress) -> Result<Arc<ServerConfig>, Vec<String>> {
    let beside = |file: &str| solution.parent().unwrap_or(Path::new("")).join(file);
    let (certificate, key) = (beside(&tls.certificate), beside(&tls.key));
    let of = |path: &Path, error: &dyn std::fmt::Display| vec![format!("{}: {error}", path.display())];
    let chain = CertificateDer::pem_file_iter(&certificate).and_then(Iterator::collect);
    let chain: Vec<CertificateDer<'static>> = chain.map_err(|error| of(&certificate, &error))?;
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|error| of(&key, &error))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, private);
    config.map(Arc::new).map_err(|error| of(&certificate, &error))
}

/// What the clock on the wall showed in 1970, had the time of today been kept then: the server's clock counts from there.
fn clock_zero(now: &jiff::Zoned) -> TimeOfWeek {
    const DAY_S: i64 = 86_400;
    // 1970 began on a Thursday.
    let since_monday = (3 * DAY_S + offset_s(now)).rem_euclid(7 * DAY_S);
    let day = match since_monday / DAY_S {
        0 => Day::Monday,
        1 => Day::Tuesday,
        2 => Day::Wednesday,
        3 => Day::Thursday,
        4 => Day::Friday,
        5 => Day::Saturday,
        _ => Day::Sunday,
    };
    TimeOfWeek::new(day, Duration::from_secs((since_monday % DAY_S).unsigned_abs()))
}

/// Seconds that local time is ahead of universal time.
fn offset_s(now: &jiff::Zoned) -> i64 {
    i64::from(now.offset().seconds())
}

/// Nanoseconds since 1970: different each time that anything starts.
fn since_1970() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

/// Another seed each time: nonces, tags and branches must not be guessed.
fn seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(since_1970())
}

/// Another number each time that the system starts: neighbours learn from it that all calls are forgotten.
fn incarnation() -> u32 {
    (since_1970() / 1_000_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_clock_shows_local_time() {
        for (hours, day, hour) in [(0, Day::Thursday, 0), (2, Day::Thursday, 2), (-4, Day::Wednesday, 20)] {
            let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(hours));
            let now = jiff::Timestamp::UNIX_EPOCH.to_zoned(zone);
            assert_eq!(clock_zero(&now), TimeOfWeek::new(day, Duration::from_secs(hour * 3_600)), "{hours}");
        }
    }
}
