//! What a served system may have open: as much as the operating system lets it have.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::UdpSocket;
use std::process::{Command, Stdio};

fn solution(port: u16) -> String {
    format!(
        r#"
        [solution]
        name = "office"
        edition = "select"
        [[system]]
        name = "office"
        role = "primary"
        platform = "ova"
        [[sip]]
        system = "office"
        at = "127.0.0.1:{port}"
        [[users]]
        system = "office"
        extensions = "201"
        password = "secret"
        "#
    )
}

/// The soft and the hard limit of a process (proc_pid_limits(5)).
fn open_files(process: u32) -> Vec<String> {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).expect("it runs");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("it has one");
    line.split_whitespace().take(2).map(str::to_owned).collect()
}

#[test]
fn a_served_system_has_as_many_descriptors_as_it_may_have() {
    let folder = std::env::temp_dir().join(format!("busyhour-descriptors-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary directory");
    let port =
        UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port();
    fs::write(folder.join("solution.toml"), solution(port)).expect("a temporary file");
    let mut child = Command::new("sh")
        .args(["-c", r#"ulimit -Sn 64; exec "$0" serve solution.toml --system office"#])
        .arg(env!("CARGO_BIN_EXE_busyhour"))
        .current_dir(&folder)
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell is there");
    let said = BufReader::new(child.stderr.take().expect("it was asked for"));
    let serves = said.lines().map_while(Result::ok).any(|line| line.contains("serves SIP at"));
    let limits = serves.then(|| open_files(child.id()));
    child.kill().expect("it was started here");
    child.wait().expect("it was started here");
    fs::remove_dir_all(&folder).expect("it was made here");
    let limits = limits.expect("it serves");
    assert_eq!(limits[0], limits[1], "the soft limit, which was 64, is the hard one");
    assert_ne!(limits[1], "64");
}
