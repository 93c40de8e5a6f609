//! A network, its load and what happens to it, drawn from a seed and written as the two files that a user would write.

use std::collections::HashSet;
use std::fmt::Write;

/// Minutes of load; every fault is over ten minutes after it.
pub(super) const LOAD_MIN: u64 = 20;
/// When nothing is heard between any two sites for a minute, so that calls whose parties cannot hang up end.
const SILENCE_MIN: u64 = 31;
/// When phones that go home only by hand are restarted: after the last silence, ten minutes of failback and five more.
const RESTART_MIN: u64 = 50;
/// How long after the load the run goes on.
const DRAIN_MIN: u64 = 35;

/// Random numbers from a seed (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `least` to `most`.
    fn from(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    /// So many times in a hundred.
    fn happens(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.next() as usize % of.len()]
    }
}

/// One system of the network.
pub(super) struct Office {
    pub(super) name: String,
    role: &'static str,
    /// Its users' extensions: so many from `first` on.
    first: u64,
    count: u64,
    has_trunk: bool,
    has_voicemail: bool,
}

/// What was drawn.
pub(crate) struct Draw {
    dice: Dice,
    pub(super) offices: Vec<Office>,
    /// Pairs that an IP Office line joins, by place.
    lines: Vec<(usize, usize)>,
    /// Pairs of sites with a data link of their own; empty: one under every IP Office line.
    links: Vec<(String, String)>,
    sites: Vec<String>,
    groups: Vec<u64>,
    rooms: Vec<u64>,
    /// Users whose phones come home only by hand: system and extension.
    by_hand: Vec<(usize, u64)>,
    base_stations: Vec<String>,
    /// Systems whose DECT phones come home only by hand.
    dect_by_hand: Vec<String>,
    pub(crate) solution: String,
    pub(crate) profile: String,
}

/// Network, load and faults of a seed.
pub(crate) fn draw(seed: u64) -> Draw {
    let mut draw = Draw {
        dice: Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d)),
        offices: Vec::new(),
        lines: Vec::new(),
        links: Vec::new(),
        sites: Vec::new(),
        groups: Vec::new(),
        rooms: Vec::new(),
        by_hand: Vec::new(),
        base_stations: Vec::new(),
        dect_by_hand: Vec::new(),
        solution: String::new(),
        profile: String::new(),
    };
    draw.network();
    draw.load(seed);
    draw.events();
    draw.visits();
    draw.holds();
    draw
}

macro_rules! put {
    ($to:expr, $($text:tt)*) => {
        writeln!($to, $($text)*).expect("a string takes everything")
    };
}

impl Draw {
    fn network(&mut self) {
        let preservation = *self.dice.pick(&["enabled", "enabled", "disabled"]);
        let (longest, silent) = (self.dice.from(1, 4), self.dice.from(1, 3));
        put!(
            self.solution,
            "[solution]\nname = \"drawn\"\nedition = \"select\"\nmedia_preservation = \"{preservation}\"\n\
             preserved_conn_duration = \"{longest}m\"\npreserved_no_media_duration = \"{silent}m\"\n\
             [[short_code]]\ncode = \"*08\"\nfeature = \"do-not-disturb-on\"\n\
             [[short_code]]\ncode = \"*09\"\nfeature = \"do-not-disturb-off\"\n\
             [[short_code]]\ncode = \"*35*N#\"\nfeature = \"extn-login\"\ntelephone_number = \"N\"\n\
             [[short_code]]\ncode = \"*36\"\nfeature = \"extn-logout\"\n\
             [[incoming_call_route]]\nincoming_number = \"\"\ndestination = \".\""
        );
        let others = self.dice.from(1, 3);
        let mut names = vec![("primary".to_owned(), "primary")];
        if self.dice.happens(85) {
            names.push(("secondary".to_owned(), "secondary"));
        }
        names.extend((1..=others).map(|n| (format!("site-{n}"), "expansion")));
        for (n, (name, role)) in names.into_iter().enumerate() {
            self.office(n as u64, name, role);
        }
        self.join();
        self.resilience();
        self.services();
    }

    fn office(&mut self, nth: u64, name: String, role: &'static str) {
        let platform = if role == "expansion" { "linux-expansion" } else { "r640" };
        let room = if self.dice.happens(15) { "most_users = 9\n" } else { "" };
        put!(
            self.solution,
            "[[system]]\nname = \"{name}\"\nrole = \"{role}\"\nplatform = \"{platform}\"\n{room}"
        );
        if self.dice.happens(30) {
            // Phones that are at another site than their home need forwarding; those of the first system never are.
            let forwarding = nth > 0 || self.dice.happens(60);
            put!(self.solution, "dhcp = true\ndhcp_forwarding = {forwarding}");
        }
        let by_hand = self.dice.happens(30);
        if by_hand {
            put!(self.solution, "phone_failback = \"manual\"");
        }
        let has_trunk = role != "expansion" || self.dice.happens(30);
        if has_trunk {
            let (channels, keeps) =
                (self.dice.from(1, 4), *self.dice.pick(&["system", "enabled", "disabled"]));
            put!(
                self.solution,
                "[[line]]\nsystem = \"{name}\"\nnumber = 1\nkind = \"sip\"\nchannels = {channels}\n\
                 media_preservation = \"{keeps}\""
            );
        }
        let has_voicemail = role != "expansion" && self.dice.happens(40);
        if has_voicemail {
            put!(self.solution, "[[voicemail]]\nsystem = \"{name}\"");
        }
        let (first, count) = (2_000 + nth * 100, self.dice.from(2, 6));
        let stations = self.dect(&name);
        for n in 0..count {
            let model = self.user(&name, first + n, n, &stations);
            if by_hand && matches!(model, "9600" | "1600") {
                self.by_hand.push((nth as usize, first + n));
            }
        }
        self.sites.push(name.clone());
        self.offices.push(Office { name, role, first, count, has_trunk, has_voicemail });
    }

    /// The first user of a system has a desk phone, or nothing would trigger its failover.
    fn user(&mut self, system: &str, extension: u64, nth: u64, stations: &[String]) -> &'static str {
        let models = ["j100", "9600", "1600", "sip", "workplace", "dect", "dect"];
        let model = if nth == 0 { "j100" } else { *self.dice.pick(&models) };
        put!(
            self.solution,
            "[[users]]\nsystem = \"{system}\"\nextensions = \"{extension}\"\nphone_model = \"{model}\"\n\
             login_code = \"77\""
        );
        if model == "dect" && !stations.is_empty() && self.dice.happens(60) {
            put!(self.solution, "base_station = \"{}\"", self.dice.pick(stations));
        }
        if !matches!(model, "workplace" | "dect") && self.dice.happens(20) {
            put!(self.solution, "simultaneous = true");
        }
        if self.dice.happens(10) {
            put!(self.solution, "call_waiting = true");
        }
        if self.dice.happens(10) {
            put!(self.solution, "fallback_twinning = \"0700\"");
        }
        if self.dice.happens(10) {
            put!(self.solution, "forward_on_no_answer = \"2000\"");
        }
        model
    }

    /// A DECT system with a master, perhaps one that mirrors it and others, here or at sites before; or as it is by default.
    fn dect(&mut self, system: &str) -> Vec<String> {
        let by_hand = self.dice.happens(30);
        let (period, timeout) = (self.dice.from(5, 60), self.dice.from(10, 180).max(60));
        put!(
            self.solution,
            "[[dect]]\nsystem = \"{system}\"\nstatus_enquiry_period = \"{period}s\"\n\
             supervision_timeout = \"{timeout}s\"\nprioritize_primary = {}",
            !by_hand
        );
        if by_hand {
            self.dect_by_hand.push(system.to_owned());
        }
        let all = ["master", "normal", "standby-master", "normal"];
        let count = self.dice.from(0, all.len() as u64) as usize;
        let name = |n: usize| format!("{system}-base-{n}");
        let names: Vec<String> = (0..count).map(name).collect();
        for (n, role) in all.iter().enumerate().take(count) {
            put!(
                self.solution,
                "[[base_station]]\nsystem = \"{system}\"\nname = \"{}\"\nrole = \"{role}\"",
                names[n]
            );
            if self.dice.happens(30) && !self.sites.is_empty() {
                put!(self.solution, "site = \"{}\"", self.dice.pick(&self.sites));
            }
            if count > 1 && self.dice.happens(50) {
                put!(self.solution, "overlaps = [\"{}\"]", names[(n + 1) % count]);
            }
        }
        self.base_stations.extend(names.iter().cloned());
        names
    }

    /// A double star, or more, over links of its own or over a data network.
    fn join(&mut self) {
        let centres = self.offices.iter().filter(|o| o.role != "expansion").count();
        let all = self.offices.len();
        for a in 0..all {
            for b in a + 1..all {
                if a < centres || self.dice.happens(25) {
                    self.lines.push((a, b));
                }
            }
        }
        let over_network = self.dice.happens(50);
        for (a, b) in self.lines.clone() {
            let (a, b) = (self.offices[a].name.clone(), self.offices[b].name.clone());
            let (channels, beat, losses) =
                (self.dice.from(1, 4), self.dice.pick(&[5, 10, 15]), self.dice.from(2, 3));
            put!(
                self.solution,
                "[[ip_office_line]]\nbetween = [\"{a}\", \"{b}\"]\nchannels = {channels}\nkeep_alive = \"{beat}s\"\n\
                 keep_alive_losses = {losses}"
            );
            if over_network {
                continue;
            }
            put!(self.solution, "delay = \"{}ms\"", self.dice.from(0, 40));
            self.links.push((a, b));
        }
        if over_network {
            self.data_network();
        }
    }

    /// Every system has a way to a router, and some to each other.
    fn data_network(&mut self) {
        put!(self.solution, "[[site]]\nname = \"router\"");
        let offices: Vec<String> = self.offices.iter().map(|o| o.name.clone()).collect();
        for (n, a) in offices.iter().enumerate() {
            self.data_link(a, "router");
            for b in &offices[n + 1..] {
                if self.dice.happens(40) {
                    self.data_link(a, b);
                }
            }
        }
        if self.dice.happens(40) {
            put!(self.solution, "[[site]]\nname = \"far\"");
            self.sites.push("far".to_owned());
            self.data_link("far", "router");
            let last = offices.last().expect("there are systems").clone();
            if self.dice.happens(60) {
                self.data_link("far", &last);
            }
            let fallback = *self.dice.pick(&["", "fallback_system = \"primary\"\n"]);
            put!(
                self.solution,
                "[[location]]\nsystem = \"{last}\"\nname = \"far\"\nsite = \"far\"\n{fallback}"
            );
            let first = 2_000 + (offices.len() as u64 - 1) * 100 + 50;
            put!(
                self.solution,
                "[[users]]\nsystem = \"{last}\"\nextensions = \"{first}-{}\"\nphone_model = \"j100\"\nlocation = \"far\"",
                first + 1
            );
        }
    }

    fn data_link(&mut self, a: &str, b: &str) {
        let delay = self.dice.from(0, 40);
        put!(self.solution, "[[data_link]]\nbetween = [\"{a}\", \"{b}\"]\ndelay = \"{delay}ms\"");
        self.links.push((a.to_owned(), b.to_owned()));
    }

    /// The primary's backup is the secondary, an expansion's one of the systems that it has a line to.
    fn resilience(&mut self) {
        for (n, office) in self.offices.iter().enumerate() {
            let leads = |&&(a, b): &&(usize, usize)| a == n || b == n;
            let peers = self.lines.iter().filter(leads).map(|&(a, b)| if a == n { b } else { a });
            let peers: Vec<usize> = peers.filter(|&peer| office.role != "primary" || peer == 1).collect();
            let is_centre =
                |peer: &usize| office.role == "expansion" || self.offices[*peer].role != "expansion";
            let peers: Vec<usize> = peers.into_iter().filter(is_centre).collect();
            let needed = self.solution.contains(&format!("system = \"{}\"\nname = \"far\"", office.name));
            if peers.is_empty() || !(needed || self.dice.happens(85)) {
                continue;
            }
            let backup = if needed { 0 } else { *self.dice.pick(&peers) };
            let (backup, name) = (&self.offices[backup].name, &office.name);
            put!(self.solution, "[[resilience]]\nsystem = \"{name}\"\nbackup = \"{backup}\"");
        }
    }

    /// Hunt groups with members anywhere, and a conference of the system.
    fn services(&mut self) {
        for n in 0..self.dice.from(1, 2) {
            let at = self.dice.from(0, self.offices.len() as u64 - 1) as usize;
            let mut members = Vec::new();
            for (o, office) in self.offices.iter().enumerate() {
                let reached = o == at || self.lines.contains(&(o.min(at), o.max(at)));
                for extension in office.first..office.first + office.count {
                    if reached && self.dice.happens(40) {
                        members.push(format!("\"{extension}\""));
                    }
                }
            }
            if members.is_empty() {
                continue;
            }
            let mode = *self.dice.pick(&["collective", "sequential", "rotary", "longest-waiting"]);
            let (extension, queuing) = (2_900 + n, self.dice.happens(60));
            put!(
                self.solution,
                "[[hunt_group]]\nsystem = \"{}\"\nextension = \"{extension}\"\nring_mode = \"{mode}\"\n\
                 members = [{}]\nqueuing = {queuing}",
                self.offices[at].name,
                members.join(", ")
            );
            self.groups.push(extension);
        }
        if self.dice.happens(60) {
            let kind = *self.dice.pick(&["system", "meet-me"]);
            put!(self.solution, "[[conference]]\nsystem = \"primary\"\nnumber = \"2950\"\nkind = \"{kind}\"");
            self.rooms.push(2_950);
        }
    }

    fn load(&mut self, seed: u64) {
        let (bhcc, talk) = (self.dice.from(60, 400), self.dice.from(20, 150));
        put!(
            self.profile,
            "[profile]\nname = \"drawn-{seed}\"\nsolution = \"solution.toml\"\n[load]\nbhcc = {bhcc}\nduration = \"{LOAD_MIN}m\"\n\
             drain = \"{DRAIN_MIN}m\"\nseed = {seed}\nring = {{ distribution = \"exponential\", mean = \"6s\" }}\n\
             talk = {{ distribution = \"exponential\", mean = \"{talk}s\" }}\npatience = \"90s\"\nmessage = \"20s\"\nmessage_pct = 50"
        );
        let all = (0..self.offices.len()).map(|n| self.extensions(n)).collect::<Vec<_>>().join(", ");
        for n in 0..self.offices.len() {
            let (name, has_trunk) = (self.offices[n].name.clone(), self.offices[n].has_trunk);
            self.stream(&format!("inside-{n}"), "internal", &name, &all);
            if has_trunk {
                self.stream(&format!("in-{n}"), "incoming", &name, &all);
            }
            if self.dice.happens(40) {
                self.stream(&format!("out-{n}"), "outgoing", &name, "01632960000-01632960009");
            }
            for group in self.groups.clone() {
                if self.dice.happens(40) {
                    self.stream(&format!("group-{group}-{n}"), "group", &name, &group.to_string());
                }
            }
            for room in self.rooms.clone() {
                if self.dice.happens(30) {
                    self.stream(&format!("room-{n}"), "conference", &name, &room.to_string());
                }
            }
        }
    }

    fn extensions(&self, office: usize) -> String {
        let office = &self.offices[office];
        format!("{}-{}", office.first, office.first + office.count - 1)
    }

    fn stream(&mut self, name: &str, kind: &str, system: &str, to: &str) {
        let weight = self.dice.from(1, 5);
        put!(
            self.profile,
            "[[load.stream]]\nname = \"{name}\"\nkind = \"{kind}\"\nsystem = \"{system}\"\nto = \"{to}\"\npick = \"random\"\n\
             weight = {weight}"
        );
    }

    fn events(&mut self) {
        for _ in 0..self.dice.from(1, 6) {
            let at = self.dice.from(60, LOAD_MIN * 60);
            let lasts = if self.dice.happens(30) { self.dice.from(1, 60) } else { self.dice.from(60, 600) };
            let what = self.fault(lasts);
            put!(self.profile, "[[event]]\nat = \"{at}s\"\n{what}");
        }
        for site in self.sites.clone() {
            let cut = format!("site_cut = {{ site = \"{site}\", for = \"1m\" }}");
            put!(self.profile, "[[event]]\nat = \"{SILENCE_MIN}m\"\n{cut}");
        }
        for (office, extension) in std::mem::take(&mut self.by_hand) {
            let name = &self.offices[office].name;
            let restart = format!("phone_restart = {{ system = \"{name}\", user = \"{extension}\" }}");
            put!(self.profile, "[[event]]\nat = \"{RESTART_MIN}m\"\n{restart}");
        }
        for name in std::mem::take(&mut self.dect_by_hand) {
            let is_backed_up = self.solution.contains(&format!("[[resilience]]\nsystem = \"{name}\""));
            if is_backed_up {
                let switch = format!("dect_switch_to_primary = {{ system = \"{name}\" }}");
                put!(self.profile, "[[event]]\nat = \"{RESTART_MIN}m\"\n{switch}");
            }
        }
    }

    /// Users put calls on hold, if they are in one then, and take most of them back.
    fn holds(&mut self) {
        for _ in 0..self.dice.from(0, 12) {
            let (office, at) =
                (self.dice.from(0, self.offices.len() as u64 - 1), self.dice.from(60, LOAD_MIN * 60));
            let Office { name, first, count, .. } = &self.offices[office as usize];
            let (name, user) = (name.clone(), self.dice.from(*first, first + count - 1));
            let back = if self.dice.happens(70) {
                format!(", for = \"{}s\"", self.dice.from(1, 120))
            } else {
                String::new()
            };
            let hold = format!("hold = {{ system = \"{name}\", user = \"{user}\"{back} }}");
            put!(self.profile, "[[event]]\nat = \"{at}s\"\n{hold}");
        }
    }

    /// Users log in at the phones of others, and are logged out there in the end, if they have not been before.
    fn visits(&mut self) {
        let mut taken = HashSet::new();
        for _ in 0..self.dice.from(0, 3) {
            let mut at = self.dice.from(60, LOAD_MIN * 60);
            let anybody = |draw: &mut Self| {
                let office = draw.dice.from(0, draw.offices.len() as u64 - 1) as usize;
                let Office { name, first, count, .. } = &draw.offices[office];
                (name.clone(), draw.dice.from(*first, first + count - 1))
            };
            let ((place, phone), (home, user)) = (anybody(self), anybody(self));
            // Nobody is at two phones at once.
            while !taken.insert((user, at)) {
                at += 1;
            }
            for (at, system, by, digits) in [
                (at, place, phone, format!("*35*{user}*77#")),
                (RESTART_MIN * 60, home, user, "*36".to_owned()),
            ] {
                let dial =
                    format!("dial = {{ system = \"{system}\", user = \"{by}\", digits = \"{digits}\" }}");
                put!(self.profile, "[[event]]\nat = \"{at}s\"\n{dial}");
            }
        }
    }

    fn fault(&mut self, lasts: u64) -> String {
        let office = self.dice.from(0, self.offices.len() as u64 - 1) as usize;
        let (name, first) = (self.offices[office].name.clone(), self.offices[office].first);
        match self.dice.from(0, 15) {
            0..=3 => format!("system_down = {{ system = \"{name}\", for = \"{lasts}s\" }}"),
            4 => format!("warm_restart = {{ system = \"{name}\" }}"),
            5 => {
                let other = &self.offices[(office + 1) % self.offices.len()].name;
                let pause = self.dice.from(0, 120);
                format!(
                    "power_outage = {{ systems = [\"{name}\", \"{other}\"], for = \"{lasts}s\", start_interval = \"{pause}s\" }}"
                )
            }
            6 => {
                let (a, b) = self.dice.pick(&self.links).clone();
                format!("link_down = {{ between = [\"{a}\", \"{b}\"], for = \"{lasts}s\" }}")
            }
            7 => {
                let site = self.dice.pick(&self.sites);
                format!("site_cut = {{ site = \"{site}\", for = \"{lasts}s\" }}")
            }
            8 => {
                let &(a, b) = self.dice.pick(&self.lines);
                let (a, b) = (&self.offices[a].name, &self.offices[b].name);
                format!("line_down = {{ between = [\"{a}\", \"{b}\"], for = \"{lasts}s\" }}")
            }
            9 if self.offices[office].has_trunk => {
                let what = *self.dice.pick(&["line_lost", "line_out_of_service"]);
                format!("{what} = {{ system = \"{name}\", line = 1, for = \"{lasts}s\" }}")
            }
            10 if self.offices[office].has_voicemail => {
                format!("voicemail_stopped = {{ system = \"{name}\", for = \"{lasts}s\" }}")
            }
            12..=14 if !self.base_stations.is_empty() => {
                let station = self.dice.pick(&self.base_stations);
                format!("base_station_dead = {{ base_station = \"{station}\", for = \"{lasts}s\" }}")
            }
            11 => format!("phone_restart = {{ system = \"{name}\" }}"),
            _ => {
                let code = *self.dice.pick(&["*08", "*09"]);
                format!("dial = {{ system = \"{name}\", user = \"{first}\", digits = \"{code}\" }}")
            }
        }
    }
}
