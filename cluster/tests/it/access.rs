//! Servers that ask who one is, over TLS.

use crate::server::NatsServer;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use cluster::{Access, Build, Coordinator, Job, Server, WorkerOptions, serve};
use nkeys::KeyPair;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn job() -> Job {
    let build = Build::new("1.2.3", None);
    Job { id: "a".to_owned(), build, bundle: Vec::new(), shards: Vec::new(), tries: 1 }
}

fn try_start(address: &str, access: &Access) -> Result<(), String> {
    let server: Server = address.parse().expect("an address");
    Coordinator::start(&server, access, job()).map(Coordinator::finish)
}

/// A certificate for 127.0.0.1 that signs itself, and what the server needs to know of it.
fn tls(folder: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let (certificate, key) = (folder.join("server.pem"), folder.join("server.key"));
    fs::write(&certificate, made.cert.pem()).expect("a temporary file");
    fs::write(&key, made.signing_key.serialize_pem()).expect("a temporary file");
    format!("tls {{ cert_file: \"{}\", key_file: \"{}\" }}", certificate.display(), key.display())
}

#[test]
fn a_server_with_tls_and_a_password_lets_in_who_has_both() {
    let server = NatsServer::configured("tls", |folder| {
        tls(folder) + "\nauthorization { users = [ { user: bench, password: secret } ] }"
    });
    let tls = format!("tls://127.0.0.1:{}", server.port());
    let authority = Some(server.folder().join("server.pem"));
    let user = |password: &str| Some(("bench".to_owned(), password.to_owned()));
    let good = Access { user: user("secret"), authority: authority.clone(), ..Access::default() };
    assert_eq!(try_start(&tls, &good), Ok(()));
    let wrong = Access { user: user("guess"), ..good.clone() };
    let refused = try_start(&tls, &wrong).expect_err("the password is wrong");
    assert!(refused.contains("authorization"), "{refused}");
    let options = WorkerOptions { name: "w".to_owned(), slots: 1, build: Build::new("1.2.3", None) };
    let (address, never) = (tls.parse().expect("an address"), AtomicBool::new(false));
    let open = |_: &[u8]| Err(String::new());
    // A worker waits for a server that is not there, but not for one that does not let it in.
    assert_eq!(serve(&address, &wrong, &options, &open, &never, &|_| {}), Err(refused));
    let unknown = Access { authority: None, ..good };
    assert!(try_start(&tls, &unknown).is_err(), "nobody vouches for its certificate");
}

#[test]
fn a_server_that_asks_for_certificates_lets_in_who_has_one_it_knows() {
    let server = NatsServer::configured("mutual", |folder| {
        let made = rcgen::generate_simple_self_signed(vec!["bench".to_owned()]).expect("a certificate");
        fs::write(folder.join("bench.pem"), made.cert.pem()).expect("a temporary file");
        fs::write(folder.join("bench.key"), made.signing_key.serialize_pem()).expect("a temporary file");
        let known = format!("ca_file: \"{}\", verify: true }}", folder.join("bench.pem").display());
        tls(folder).replace(" }", &format!(", {known}"))
    });
    let address = format!("tls://127.0.0.1:{}", server.port());
    let file = |name: &str| server.folder().join(name);
    let stranger = Access { authority: Some(file("server.pem")), ..Access::default() };
    assert!(try_start(&address, &stranger).is_err(), "it has no certificate");
    let known = Access { certificate: Some((file("bench.pem"), file("bench.key"))), ..stranger };
    assert_eq!(try_start(&address, &known), Ok(()));
}

/// Claims as `nsc` signs them.
fn jwt(issuer: &KeyPair, subject: &str, nats: Value) -> String {
    let claims = json!({
        "jti": subject, "iat": 1_700_000_000, "iss": issuer.public_key(), "name": "bench", "sub": subject, "nats": nats
    });
    let part = |value: &Value| BASE64.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({ "typ": "JWT", "alg": "ed25519-nkey" })), part(&claims));
    let signature = issuer.sign(signed.as_bytes()).expect("it has a seed");
    format!("{signed}.{}", BASE64.encode(signature))
}

/// A file of credentials for `user`, by the account `issuer`.
fn credentials(file: &Path, issuer: &KeyPair, user: &KeyPair) {
    let all =
        json!({ "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1, "pub": {}, "sub": {} });
    let text = format!(
        "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        jwt(issuer, &user.public_key(), all),
        user.seed().expect("it has one"),
    );
    fs::write(file, text).expect("a temporary file");
}

#[test]
fn credentials_of_an_account_that_the_server_knows_let_in_and_others_do_not() {
    let (operator, system, account) =
        (KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_account());
    let server = NatsServer::configured("creds", |folder| {
        credentials(&folder.join("bench.creds"), &account, &KeyPair::new_user());
        credentials(&folder.join("other.creds"), &KeyPair::new_account(), &KeyPair::new_user());
        let limits = json!({
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
            "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1
        });
        let nats = json!({ "type": "account", "version": 2, "limits": limits, "default_permissions": { "pub": {}, "sub": {} } });
        let of = |account: &KeyPair, nats: Value| {
            let key = account.public_key();
            format!("{key}: {}", jwt(&operator, &key, nats))
        };
        let plain = json!({ "type": "account", "version": 2, "limits": { "subs": -1, "conn": -1, "data": -1, "payload": -1 } });
        format!(
            "operator: {}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{\n{}\n{}\n}}\n",
            jwt(&operator, &operator.public_key(), json!({ "type": "operator", "version": 2 })),
            system.public_key(),
            of(&account, nats),
            of(&system, plain),
        )
    });
    let with = |file: &str| Access { credentials: Some(server.folder().join(file)), ..Access::default() };
    assert_eq!(try_start(&server.url(), &with("bench.creds")), Ok(()));
    let other = try_start(&server.url(), &with("other.creds")).expect_err("nobody knows its account");
    assert!(other.contains("authorization"), "{other}");
    let none = try_start(&server.url(), &Access::default()).expect_err("it has none");
    assert!(none.contains("authorization"), "{none}");
}

#[test]
fn without_a_server_the_address_is_named() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = format!("nats://{}", nobody.local_addr().expect("it is bound"));
    drop(nobody);
    let error = try_start(&address, &Access::default()).expect_err("nobody is there");
    assert!(error.starts_with(&address), "{error}");
}

#[test]
fn a_file_of_credentials_that_is_not_there_is_named() {
    let access = Access { credentials: Some("/nowhere/bench.creds".into()), ..Access::default() };
    let error = try_start("nats://127.0.0.1:4222", &access).expect_err("there is no such file");
    assert!(error.starts_with("/nowhere/bench.creds"), "{error}");
}
