//! RTP and RTCP (RFC 3550): packets, what a receiver can say of a stream, G.711 and mixing.

pub mod g711;
mod mix;
mod packet;
mod quality;
mod receive;
mod rtcp;
mod send;

pub use mix::Mixer;
pub use packet::{Packet, write_header};
pub use quality::{Quality, mos, r_factor};
pub use receive::{Receiver, StreamReport};
pub use rtcp::{ReportBlock, Rtcp, SenderInfo, write_bye, write_report};
pub use send::Sender;
