//! Digest authentication (RFC 7616, RFC 8760): MD5 and SHA-256, `auth` and `auth-int`, both sides.

use crate::message::list;
use ahash::RandomState;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::time::{Duration, Instant};
use md5::Md5;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A hash of RFC 8760's registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// For phones that know no other.
    Md5,
    /// What is asked for first.
    Sha256,
}

impl Algorithm {
    /// As the `algorithm` parameter is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn from_str(text: Option<&str>) -> Option<Self> {
        match text {
            None => Some(Self::Md5),
            Some(t) if t.eq_ignore_ascii_case("MD5") => Some(Self::Md5),
            Some(t) if t.eq_ignore_ascii_case("SHA-256") => Some(Self::Sha256),
            Some(_) => None,
        }
    }

    /// The hash of the parts with colons between them, in lower-case hexadecimal.
    #[must_use]
    pub fn hash(self, parts: &[&[u8]]) -> String {
        let joined = parts.join(&b':');
        match self {
            Self::Md5 => hex(&Md5::digest(&joined)),
            Self::Sha256 => hex(&Sha256::digest(&joined)),
        }
    }

    /// H(A1): what a server keeps instead of a password.
    #[must_use]
    pub fn ha1(self, user: &str, realm: &str, password: &str) -> String {
        self.hash(&[user.as_bytes(), realm.as_bytes(), password.as_bytes()])
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .map(char::from)
        .collect()
}

/// Reads `name=value, name="value"` after the scheme; quoted values come unescaped.
fn parameters(value: &str) -> Option<Vec<(String, String)>> {
    let rest = value.trim_start();
    let (scheme, rest) = rest.split_once(|c: char| c.is_ascii_whitespace())?;
    if !scheme.eq_ignore_ascii_case("Digest") {
        return None;
    }
    let mut out = Vec::new();
    for item in list(rest.as_bytes()) {
        let item = std::str::from_utf8(item).ok()?;
        let (name, value) = item.split_once('=')?;
        let value = value.trim();
        let value = match value.strip_prefix('"') {
            Some(quoted) => unescape(quoted.strip_suffix('"')?),
            None => value.to_owned(),
        };
        out.push((name.trim().to_ascii_lowercase(), value));
    }
    Some(out)
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

fn find<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}

/// Name and password of a user agent client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: String,
}

/// What a server asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Where the password is good.
    pub realm: String,
    /// The server's number used once.
    pub nonce: String,
    /// To be sent back as it is.
    pub opaque: Option<String>,
    /// The hash.
    pub algorithm: Algorithm,
    /// The protections offered, best last: none of them is RFC 2069's way.
    pub qop: Option<Qop>,
    /// Whether only the nonce was too old.
    pub stale: bool,
}

/// What the digest protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qop {
    /// Method and URI.
    Auth,
    /// The body as well.
    AuthInt,
}

impl Qop {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }
}

impl Challenge {
    /// Reads a WWW-Authenticate or Proxy-Authenticate value; `None` if it is no Digest challenge that can be met.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let p = parameters(value)?;
        let qop = match find(&p, "qop") {
            None => None,
            Some(text) => {
                let offers = |name: &str| text.split(',').any(|q| q.trim().eq_ignore_ascii_case(name));
                Some(match (offers("auth"), offers("auth-int")) {
                    (true, _) => Qop::Auth,
                    (false, true) => Qop::AuthInt,
                    (false, false) => return None,
                })
            }
        };
        Some(Self {
            realm: find(&p, "realm")?.to_owned(),
            nonce: find(&p, "nonce")?.to_owned(),
            opaque: find(&p, "opaque").map(str::to_owned),
            algorithm: Algorithm::from_str(find(&p, "algorithm"))?,
            qop,
            stale: find(&p, "stale").is_some_and(|s| s.eq_ignore_ascii_case("true")),
        })
    }

    /// The first of these values that can be met; RFC 8760 2.4: the topmost that is supported.
    pub fn choose<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        values.filter_map(|v| std::str::from_utf8(v).ok()).find_map(Self::parse)
    }

    /// The value of Authorization for a request. `nonce_count` begins with 1 for each nonce.
    #[must_use]
    pub fn answer(&self, request: &Signed<'_>, who: &Credentials, cnonce: &str, nonce_count: u32) -> String {
        let ha1 = self.algorithm.ha1(&who.user, &self.realm, &who.password);
        let nc = format!("{nonce_count:08x}");
        let response = response(self.algorithm, &ha1, &self.nonce, self.qop, &nc, cnonce, request);
        let mut out = format!(
            "Digest username={}, realm={}, nonce={}, uri=\"{}\", response=\"{response}\", algorithm={}",
            quote(&who.user),
            quote(&self.realm),
            quote(&self.nonce),
            request.uri,
            self.algorithm.as_str()
        );
        if let Some(qop) = self.qop {
            out.push_str(&format!(", qop={}, nc={nc}, cnonce=\"{cnonce}\"", qop.as_str()));
        }
        if let Some(opaque) = &self.opaque {
            out.push_str(&format!(", opaque={}", quote(opaque)));
        }
        out
    }
}

fn quote(text: &str) -> String {
    crate::message::escape_display(text)
}

/// The parts of a request that a digest covers.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The method as written.
    pub method: &'a str,
    /// The `uri` parameter, usually the Request-URI.
    pub uri: &'a str,
    /// The body.
    pub body: &'a [u8],
}

fn response(
    algorithm: Algorithm,
    ha1: &str,
    nonce: &str,
    qop: Option<Qop>,
    nc: &str,
    cnonce: &str,
    request: &Signed<'_>,
) -> String {
    let (method, uri) = (request.method.as_bytes(), request.uri.as_bytes());
    let ha2 = match qop {
        Some(Qop::AuthInt) => {
            let body = algorithm.hash(&[request.body]);
            algorithm.hash(&[method, uri, body.as_bytes()])
        }
        Some(Qop::Auth) | None => algorithm.hash(&[method, uri]),
    };
    let (ha1, ha2, nonce) = (ha1.as_bytes(), ha2.as_bytes(), nonce.as_bytes());
    match qop {
        None => algorithm.hash(&[ha1, nonce, ha2]),
        Some(q) => {
            algorithm.hash(&[ha1, nonce, nc.as_bytes(), cnonce.as_bytes(), q.as_str().as_bytes(), ha2])
        }
    }
}

/// What became of an Authorization value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right: this user.
    Good(String),
    /// The password is right, the nonce is old or was used before: challenge again with `stale=true`.
    Stale,
    /// Wrong user or password in answer to a challenge of ours that is still good: count it against the source.
    Wrong,
    /// No answer to a challenge of ours: challenge.
    Unasked,
}

/// The server's side: makes nonces that it need not remember, and judges answers.
#[derive(Debug)]
pub struct Challenger {
    realm: String,
    secret: [u8; 32],
    validity: Duration,
    /// Highest nonce count seen of each nonce that was used, so that an answer cannot be used twice.
    used: HashMap<u64, u32, RandomState>,
    capacity: usize,
    serial: u64,
    algorithms: Vec<Algorithm>,
}

impl Challenger {
    /// A server of this realm. Nonces are good for `validity`; of so many used ones at a time the counts are known.
    #[must_use]
    pub fn new(realm: &str, seed: u64, validity: Duration, capacity: usize) -> Self {
        let secret =
            Sha256::digest([b"nonce".as_slice(), &seed.to_be_bytes(), realm.as_bytes()].concat()).into();
        let used = HashMap::with_hasher(RandomState::with_seeds(seed, 1, 2, 3));
        let algorithms = vec![Algorithm::Sha256, Algorithm::Md5];
        Self { realm: realm.to_owned(), secret, validity, used, capacity, serial: 0, algorithms }
    }

    /// The same with these hashes and no others, the best first (RFC 8760 2.3); SHA-256 and MD5 otherwise.
    #[must_use]
    pub fn with_algorithms(self, algorithms: &[Algorithm]) -> Self {
        Self { algorithms: algorithms.to_vec(), ..self }
    }

    /// The realm.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// Challenges for a refusal, one header field each.
    pub fn challenges(&mut self, now: Instant, stale: bool) -> Vec<String> {
        self.challenges_for(now, stale, &[])
    }

    /// The same for a source, such as an address: the answers are good from there alone.
    pub fn challenges_for(&mut self, now: Instant, stale: bool, source: &[u8]) -> Vec<String> {
        self.serial += 1;
        let nonce = self.nonce(now.as_nanos(), self.serial, source);
        let stale = if stale { ", stale=true" } else { "" };
        let challenge = |algorithm: &Algorithm| {
            format!(
                "Digest realm={}, nonce=\"{nonce}\", algorithm={}, qop=\"auth\"{stale}",
                quote(&self.realm),
                algorithm.as_str()
            )
        };
        self.algorithms.iter().map(challenge).collect()
    }

    fn nonce(&self, at_ns: u64, serial: u64, source: &[u8]) -> String {
        let mut bytes = [0_u8; 32];
        bytes[..8].copy_from_slice(&at_ns.to_be_bytes());
        bytes[8..16].copy_from_slice(&serial.to_be_bytes());
        let seal = Sha256::digest([self.secret.as_slice(), &bytes[..16], source].concat());
        bytes[16..].copy_from_slice(&seal[..16]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Judges an Authorization value. `ha1` gives [`Algorithm::ha1`] of a user, or `None` if there is no such user.
    pub fn verify(
        &mut self,
        now: Instant,
        method: &str,
        body: &[u8],
        value: &str,
        ha1: impl FnOnce(&str, Algorithm) -> Option<String>,
    ) -> Verdict {
        self.verify_from(now, &[], method, body, value, ha1)
    }

    /// The same for a source that was challenged with [`Challenger::challenges_for`].
    pub fn verify_from(
        &mut self,
        now: Instant,
        source: &[u8],
        method: &str,
        body: &[u8],
        value: &str,
        ha1: impl FnOnce(&str, Algorithm) -> Option<String>,
    ) -> Verdict {
        let Some(p) = parameters(value) else { return Verdict::Unasked };
        let field = |name: &str| find(&p, name).unwrap_or_default();
        let (user, nonce, uri) = (field("username"), field("nonce"), field("uri"));
        let Some((age, serial)) = self.opened(now, nonce, source) else { return Verdict::Unasked };
        let algorithm = Algorithm::from_str(find(&p, "algorithm"));
        let Some(algorithm) = algorithm.filter(|a| self.algorithms.contains(a)) else {
            return Verdict::Unasked;
        };
        let qop = match find(&p, "qop") {
            Some(q) if q.eq_ignore_ascii_case("auth") => Qop::Auth,
            Some(q) if q.eq_ignore_ascii_case("auth-int") => Qop::AuthInt,
            Some(_) | None => return Verdict::Unasked,
        };
        let Ok(count) = u32::from_str_radix(field("nc"), 16) else { return Verdict::Unasked };
        if field("realm") != self.realm || field("nc").len() != 8 {
            return Verdict::Unasked;
        }
        let Some(ha1) = ha1(user, algorithm) else { return Verdict::Wrong };
        let request = Signed { method, uri, body };
        let expected = response(algorithm, &ha1, nonce, Some(qop), field("nc"), field("cnonce"), &request);
        if !equal(expected.as_bytes(), field("response").to_ascii_lowercase().as_bytes()) {
            // An old challenge says nothing about who answers it now.
            return if age > self.validity { Verdict::Unasked } else { Verdict::Wrong };
        }
        let fresh = age <= self.validity && self.is_counted(serial, count);
        if fresh { Verdict::Good(user.to_owned()) } else { Verdict::Stale }
    }

    /// How old a nonce is, and which; `None` if we did not make it for this source.
    fn opened(&self, now: Instant, nonce: &str, source: &[u8]) -> Option<(Duration, u64)> {
        let bytes = <[u8; 32]>::try_from(URL_SAFE_NO_PAD.decode(nonce).ok()?).ok()?;
        let word = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight of 32 bytes"));
        let (at_ns, serial) = (word(0), word(8));
        let ours = self.nonce(at_ns, serial, source) == nonce && at_ns <= now.as_nanos();
        ours.then(|| (now.since(Instant::from_nanos(at_ns)), serial))
    }

    /// Whether the count of a nonce is higher than any seen.
    fn is_counted(&mut self, serial: u64, count: u32) -> bool {
        if self.used.len() >= self.capacity && !self.used.contains_key(&serial) {
            // Forgetting makes the nonces of the others stale, which costs them one more challenge.
            self.used.clear();
            self.secret = Sha256::digest([self.secret.as_slice(), b"next"].concat()).into();
            return false;
        }
        let last = self.used.entry(serial).or_insert(0);
        let higher = count > *last;
        *last = (*last).max(count);
        higher
    }
}

/// Compares without ending early, so that time does not tell how much was right.
fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |d, (x, y)| d | (x ^ y)) == 0
}
