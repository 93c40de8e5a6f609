//! Whole systems, driven through the public contract only.

mod ars;
mod barring;
mod brute_force;
mod by_hand;
mod contract;
mod dialplan;
mod dialplan_lint;
mod dialplan_reference;
mod faults;
mod hold;
mod hunt;
mod incoming;
mod media;
mod memory;
mod network;
mod outgoing;
mod random_network;
mod random_system;
mod redirect;
mod reference;
mod routes_in;
mod support;
mod telephone_number;
mod theory;
mod voicemail;
