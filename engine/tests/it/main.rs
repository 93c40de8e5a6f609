//! Whole systems, driven through the public contract only.

mod contract;
mod faults;
mod hunt;
mod incoming;
mod memory;
mod network;
mod outgoing;
mod random_network;
mod random_system;
mod reference;
mod support;
