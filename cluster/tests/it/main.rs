//! Coordinators and workers against a real nats-server on loopback.

mod access;
mod jobs;
mod server;
