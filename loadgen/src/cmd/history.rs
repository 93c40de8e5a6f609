//! `busyhour history`: lists, filters and plots past runs.

use crate::cli::HistoryArgs;
use crate::exit_code::ExitCode;
use crate::history::{Filter, Store, plot, table};
use serde_json::Value;
use std::io::{self, Write as _};

/// Shows what the arguments ask for.
#[must_use]
pub fn run(args: &HistoryArgs) -> ExitCode {
    match shown(args) {
        Ok(text) => {
            // A reader that has gone away does not change anything.
            let _ = io::stdout().write_all(text.as_bytes());
            ExitCode::Pass
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::Usage
        }
    }
}

fn shown(args: &HistoryArgs) -> Result<String, String> {
    if !args.out.is_dir() {
        return Err(format!("{}: no folder", args.out.display()));
    }
    let filter = Filter {
        profile: args.profile.clone(),
        verdict: args.verdict.clone(),
        since: args.since.clone(),
        last: args.last,
    };
    let entries = Store::open(&args.out)?.list(&filter)?;
    if args.json {
        let records: Vec<&Value> = entries.iter().map(|entry| &entry.record).collect();
        return serde_json::to_string_pretty(&records)
            .map(|text| text + "\n")
            .map_err(|error| error.to_string());
    }
    Ok(if args.plot { plot(&entries, &args.metric) } else { table(&entries, &args.metric) })
}
