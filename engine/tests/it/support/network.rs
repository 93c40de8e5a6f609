//! Systems that start and stop, what they say of the network, and phones that register.

use super::{Bench, number};
use engine::Input;
use engine::id::{LineId, SystemId};
use engine::network::{Leaves, MailSync, NetworkInput, NetworkMessage, VoicemailControl};
use engine::plan::spec::PhoneModel;
use engine::time::Duration;

impl Bench {
    pub(super) fn carry_word(&mut self, system: usize, line: LineId, message: NetworkMessage) {
        let (to, line) = self.other_end(system, line);
        if !(self.cut)(system, to) && !(self.lose_word)() {
            self.sent += 1;
            self.words.insert((self.now + self.delay, self.sent), (to, line, message));
        }
    }

    /// Every system has finished starting.
    pub(crate) fn start_all(&mut self) {
        for system in 0..self.systems.len() {
            self.start(system, 0);
        }
        self.pass(Duration::ZERO);
    }

    pub(crate) fn start(&mut self, system: usize, incarnation: u32) {
        self.handle(system, Input::Network(NetworkInput::Start { incarnation }));
    }

    pub(crate) fn stop(&mut self, system: usize) {
        self.handle(system, Input::Network(NetworkInput::Stop));
    }

    /// A phone with this extension asks a system to be registered, and what follows from that at once.
    pub(crate) fn register(&mut self, extension: &str, phone: PhoneModel, system: usize) {
        let extension = number(extension);
        self.handle(system, Input::Network(NetworkInput::Register { extension, phone }));
        self.pass(Duration::ZERO);
    }

    /// The voicemail server of a system says how far it has synchronised with that of another.
    pub(crate) fn synchronise(&mut self, system: usize, with: usize, sync: MailSync) {
        let with = SystemId::at(with);
        self.handle(system, Input::Network(NetworkInput::VoicemailSync { with, sync }));
        self.pass(Duration::ZERO);
    }

    pub(crate) fn control_voicemail(&mut self, system: usize, of: usize, control: VoicemailControl) {
        let of = SystemId::at(of);
        self.handle(system, Input::Network(NetworkInput::VoicemailControl { of, control }));
        self.pass(Duration::ZERO);
    }

    pub(crate) fn unregister(&mut self, extension: &str, phone: PhoneModel, system: usize, how: Leaves) {
        let extension = number(extension);
        self.handle(system, Input::Network(NetworkInput::Unregister { extension, phone, how }));
        self.pass(Duration::ZERO);
    }
}
