//! Whole systems, driven through the public contract only.

mod contract;
mod faults;
mod hunt;
mod incoming;
mod network;
mod outgoing;
mod random_system;
mod reference;
mod support;
