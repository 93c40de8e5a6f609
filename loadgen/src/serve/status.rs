//! The status page and the metrics of a server, over HTTP on this machine.

use super::core::Core;
use super::door::Door;
use super::figures::Figures;
use askama::Template;
use engine::Service;
use engine::id::LineId;
use engine::network::LineStatus;
use engine::time::Instant;
use parking_lot::Mutex;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// Longest request that is read.
const MAX_REQUEST: u64 = 8_192;
/// How long a browser may take to ask, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What can be asked for, as it was when the server last looked up.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    metrics: String,
    page: String,
}

/// Where the owner puts the pages, and the thread takes them from.
#[derive(Clone, Debug, Default)]
pub struct Shown(Arc<Mutex<Arc<Pages>>>);

impl Shown {
    /// Answers requests at this address, on a thread of its own, for as long as the process lives.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub fn serve(at: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(at)?;
        let shown = Self::default();
        let pages = shown.clone();
        let answer_all = move || {
            for stream in listener.incoming().flatten() {
                let now = Arc::clone(&pages.0.lock());
                // A browser that has gone away needs no answer.
                let _ = answer(stream, &now);
            }
        };
        std::thread::Builder::new().name("status".to_owned()).spawn(answer_all)?;
        Ok(shown)
    }

    /// Shows these from now on.
    pub fn show(&self, pages: Pages) {
        *self.0.lock() = Arc::new(pages);
    }
}

fn answer(stream: TcpStream, pages: &Pages) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new((&stream).take(MAX_REQUEST));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut words = request.split(' ');
    let (status, kind, body) = match (words.next(), words.next()) {
        (Some("GET"), Some("/metrics")) => ("200 OK", "text/plain; version=0.0.4", pages.metrics.as_str()),
        (Some("GET"), Some("/")) => ("200 OK", "text/html; charset=utf-8", pages.page.as_str()),
        (Some("GET"), Some(_)) => {
            ("404 Not Found", "text/plain", "/ is the page, /metrics are the metrics\n")
        }
        _ => ("405 Method Not Allowed", "text/plain", "only GET\n"),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    let mut out = &stream;
    out.write_all(head.as_bytes())?;
    out.write_all(body.as_bytes())
}

/// A line as the page shows it.
struct LineRow {
    number: u16,
    name: String,
    channels: u16,
    in_use: u16,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "serve.html")]
struct Page<'a> {
    system: &'a str,
    up_s: u64,
    users: usize,
    figures: &'a Figures,
    rate: String,
    rows: Vec<(&'static str, String)>,
    lines: Vec<LineRow>,
    refused: Vec<(u16, u64)>,
}

impl Core {
    /// The pages as they are now.
    #[must_use]
    pub fn pages(&self, now: Instant) -> Pages {
        Pages { metrics: self.metrics(now), page: self.page(now) }
    }

    fn line_rows(&self) -> Vec<LineRow> {
        let row = |(n, line): (usize, &engine::plan::Line)| {
            let id = LineId::at(n);
            let state = match (self.system.service_of_line(id), self.system.line_status(id)) {
                (Service::Out, _) => "out of service",
                (Service::In, LineStatus::Down) => "down",
                (Service::In, LineStatus::Up) => "in service",
            };
            let in_use = line.channels - self.system.free_channels(id);
            LineRow { number: line.number, name: line.name.clone(), channels: line.channels, in_use, state }
        };
        self.setup.plan.lines().iter().enumerate().map(row).collect()
    }

    fn page(&self, now: Instant) -> String {
        let (figures, measures) = (self.figures(), &self.measures);
        let shown =
            |value: Option<f64>, unit: &str| value.map_or("–".to_owned(), |v| format!("{v:.2}{unit}"));
        let ms = |quantile| measures.request_delay.quantile(quantile).map(|us| us / 1_000.0);
        let rows = vec![
            ("calls answered and ended", measures.answered.to_string()),
            ("SER", shown(measures.ser_pct(), " %")),
            ("SEER", shown(measures.seer_pct(), " %")),
            ("ISA", shown(measures.isa_pct(), " %")),
            ("IRA", shown(measures.ira_pct(), " %")),
            ("SDT, mean", shown(measures.sdt_s(), " s")),
            ("SRD of calls made here, median", shown(ms(0.5), " ms")),
            ("SRD of calls made here, 99th percentile", shown(ms(0.99), " ms")),
        ];
        let rate = figures.calls_per_second.map_or("all".to_owned(), |rate| format!("{rate:.0} a second"));
        let page = Page {
            system: self.setup.plan.name(),
            up_s: now.since(self.began).as_nanos() / 1_000_000_000,
            users: self.setup.plan.users().len(),
            figures: &figures,
            rate,
            rows,
            lines: self.line_rows(),
            refused: measures.refused.iter().map(|(status, count)| (*status, *count)).collect(),
        };
        // Writing to a String cannot fail, and nothing in the template does.
        page.render().unwrap_or_default()
    }

    fn metrics(&self, now: Instant) -> String {
        let (f, m) = (self.figures(), &self.measures);
        let mut out = Exposition(String::new());
        out.gauge("up_seconds", "Since the server began", now.since(self.began).as_secs_f64());
        out.gauge("calls", "Calls in progress", f.calls as f64);
        out.gauge("registered_contacts", "Contacts of registered phones", f.registered as f64);
        out.gauge("speech_ports", "Ports that carry speech through the system", f.ports as f64);
        out.gauge("legs", "Dialogs", f.sip.legs as f64);
        out.gauge("transactions", "Transactions", (f.sip.clients + f.sip.servers) as f64);
        out.gauge("shut_out_addresses", "Addresses that guessed too many passwords", f.shut_out as f64);
        out.counter("messages_received_total", "SIP messages", f.sip.received);
        out.counter("messages_sent_total", "SIP messages", f.sip.sent);
        out.counter("messages_retransmitted_total", "SIP messages sent again", f.sip.retransmitted);
        out.counter("messages_absorbed_total", "SIP messages that came again", f.sip.absorbed);
        out.counter("messages_malformed_total", "Requests that were malformed", f.sip.malformed);
        out.counter("messages_not_sip_total", "Datagrams that were no SIP", f.sip.not_sip);
        out.counter(
            "messages_unheard_total",
            "Messages from addresses that are shut out",
            f.counters.unheard,
        );
        out.counter(
            "calls_refused_early_total",
            "Calls refused because there were too many",
            f.refused_early,
        );
        out.counter("calls_preserved_total", "Calls that went on without signalling", f.counters.preserved);
        out.counter("reloads_total", "Solutions read again that took effect", f.counters.reloads);
        out.counter(
            "reloads_refused_total",
            "Solutions read again that changed nothing",
            f.counters.reloads_refused,
        );
        let draining = if self.door == Door::Shut { 1.0 } else { 0.0 };
        out.gauge("draining", "Whether the server ends after the last call", draining);
        out.counter("logins_failed_total", "Wrong passwords", f.failed_logins);
        out.counter("sessions_total", "Calls that were answered and have ended", m.answered);
        out.head("calls_refused_total", "Calls by the status that refused them", "counter");
        for (status, count) in &m.refused {
            out.labelled("calls_refused_total", &format!("status=\"{status}\""), *count as f64);
        }
        out.head("line_channels_in_use", "Channels in use of each line", "gauge");
        let lines = self.line_rows();
        for line in &lines {
            out.labelled("line_channels_in_use", &format!("line=\"{}\"", line.number), line.in_use.into());
        }
        out.head("line_in_service", "Whether each line takes calls", "gauge");
        for line in &lines {
            let up = if line.state == "in service" { 1.0 } else { 0.0 };
            out.labelled("line_in_service", &format!("line=\"{}\"", line.number), up);
        }
        for (name, help, value) in [
            ("rfc6076_ser_pct", "Session establishment ratio", m.ser_pct()),
            ("rfc6076_seer_pct", "Session establishment effectiveness ratio", m.seer_pct()),
            ("rfc6076_isa_pct", "Ineffective session attempts", m.isa_pct()),
            ("rfc6076_ira_pct", "Ineffective registration attempts", m.ira_pct()),
            ("rfc6076_sdt_seconds", "Session duration, mean", m.sdt_s()),
        ] {
            if let Some(value) = value {
                out.gauge(name, help, value);
            }
        }
        out.head("rfc6076_srd_seconds", "Session request delay of calls made here", "gauge");
        for (label, quantile) in [("0.5", 0.5), ("0.9", 0.9), ("0.99", 0.99)] {
            if let Some(us) = m.request_delay.quantile(quantile) {
                out.labelled("rfc6076_srd_seconds", &format!("quantile=\"{label}\""), us / 1e6);
            }
        }
        out.0
    }
}

/// Prometheus text in the making.
struct Exposition(String);

impl Exposition {
    fn head(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a String cannot fail; here and below.
        let _ = writeln!(self.0, "# HELP busyhour_serve_{name} {help}\n# TYPE busyhour_serve_{name} {kind}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.head(name, help, "gauge");
        let _ = writeln!(self.0, "busyhour_serve_{name} {value}");
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "counter");
        let _ = writeln!(self.0, "busyhour_serve_{name} {value}");
    }

    fn labelled(&mut self, name: &str, labels: &str, value: f64) {
        let _ = writeln!(self.0, "busyhour_serve_{name}{{{labels}}} {value}");
    }
}
