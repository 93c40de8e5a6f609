//! `busyhour serve` and its peers as processes; all end with their test.

use std::fs;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A directory of its own for one test; gone when the test is.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("busyhour-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary directory");
        Self(path)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("a temporary file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }

    /// What `--smdr smdr.csv` has written, once it is so many records: the last party may hear that its call is over before the
    /// record is written.
    #[track_caller]
    pub(crate) fn records(&self, wanted: usize) -> String {
        let began = Instant::now();
        loop {
            let records = self.read("smdr.csv");
            if records.lines().count() == wanted && records.ends_with('\n') {
                return records;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "a record a call, {wanted} in all:\n{records}"
            );
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A process that ends with its test.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Waits for the process to end by itself.
    pub(crate) fn wait(mut self) -> Option<i32> {
        self.0.wait().expect("the process was started here").code()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().expect("kill is there");
        assert!(sent.success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ports that are free, for UDP and TCP both.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let mut held = Vec::new();
    while held.len() < N {
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let at = udp.local_addr().expect("bound");
        if let Ok(tcp) = TcpListener::bind(at) {
            held.push((at.port(), udp, tcp));
        }
    }
    std::array::from_fn(|n| held[n].0)
}

/// A system with nine users and a SIP line to each of `far_ends`, numbered from 1, each in a group of its number; what is dialled leaves in
/// group `goes_out_on`. `sip` and `line` are the keys of `[[sip]]` and further ones of every line.
pub(crate) fn office(sip: &str, line: &str, far_ends: &[u16], goes_out_on: u8, password: &str) -> String {
    let lines = far_ends.iter().zip(1..).map(|(port, number): (_, u8)| {
        format!(
            "[[line]]\nsystem = \"office\"\nnumber = {number}\nkind = \"sip\"\noutgoing_group = {number}\n\
             far_end = \"127.0.0.1:{port}\"\noptions_interval = \"off\"\n{line}\n"
        )
    });
    format!(
        r#"
        [solution]
        name = "office"
        edition = "select"
        trunk_to_trunk = true
        [[system]]
        name = "office"
        role = "primary"
        platform = "ova"
        [[sip]]
        system = "office"
        {sip}
        {}
        [[incoming_call_route]]
        destination = "."
        [[short_code]]
        code = "9N;"
        feature = "dial-emergency"
        telephone_number = "N"
        line_group = 2
        [[short_code]]
        code = "?"
        feature = "dial"
        telephone_number = "."
        line_group = {goes_out_on}
        [[users]]
        system = "office"
        extensions = "1201-1209"
        password = "{password}"
        "#,
        lines.collect::<String>()
    )
}

/// Starts `busyhour serve` on solution.toml and waits until it serves.
pub(crate) fn serve(folder: &Folder, system: &str, more: &[&str]) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
    command.current_dir(&folder.0).args(["serve", "solution.toml", "--system", system]).args(more);
    let mut child = command.stderr(Stdio::piped()).spawn().expect("the binary under test starts");
    let mut said = BufReader::new(child.stderr.take().expect("it was asked for"));
    let (mut line, mut all) = (String::new(), String::new());
    while !line.contains("serves SIP at") {
        line.clear();
        let length = said.read_line(&mut line).expect("text");
        assert!(length > 0, "busyhour serve has ended: {all}");
        all.push_str(&line);
    }
    // Whatever it says later must not block it.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::stderr()));
    Running(child)
}

/// SIPp as a server.
pub(crate) fn sipp_serves(at: &Path, port: u16, scenario: &[&str]) -> Running {
    let mut command = sipp(at, port, scenario);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Running(command.spawn().expect("sipp is missing: run .ci/test, or install Debian's package sip-tester"))
}

/// SIPp as a client, to its end: exit code 0 if every call went as its scenario says.
pub(crate) fn sipp_calls(at: &Path, port: u16, target: SocketAddr, scenario: &[&str]) -> Output {
    let mut command = sipp(at, port, scenario);
    command.arg(target.to_string()).args(["-timeout", "60s", "-timeout_error"]);
    command.output().expect("sipp is missing: run .ci/test, or install Debian's package sip-tester")
}

fn sipp(at: &Path, port: u16, scenario: &[&str]) -> Command {
    let mut command = Command::new("sipp");
    command.current_dir(at).args(scenario).args(["-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin"]);
    command.stdin(Stdio::null());
    command
}

#[track_caller]
pub(crate) fn assert_went_well(output: &Output) {
    let text = String::from_utf8_lossy(&output.stdout);
    let tail: Vec<&str> = text.lines().rev().take(60).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}\n{}",
        tail.join("\n"),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// What an HTTP server says to a GET.
pub(crate) fn get(at: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(at).expect("the page is served");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {at}\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    answer
}

pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
