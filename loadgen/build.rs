//! Hands the compiler's version and the commit to the program, for the environment of the run record.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    export("BUSYHOUR_RUSTC", first_line(&compiler, &["--version"]));
    export("BUSYHOUR_COMMIT", first_line("git", &["rev-parse", "HEAD"]));
    // The log of HEAD changes with every commit and checkout; a file that is missing would mean a build every time.
    if let Some(log) = first_line("git", &["rev-parse", "--git-path", "logs/HEAD"])
        && std::path::Path::new(&log).exists()
    {
        println!("cargo:rerun-if-changed={log}");
    }
}

/// Leaves the variable unset where the value is unknown.
fn export(name: &str, value: Option<String>) {
    if let Some(value) = value {
        println!("cargo:rustc-env={name}={value}");
    }
}

fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
