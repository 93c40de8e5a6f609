//! What is heard on the ports of this system, as the engine says who hears whom.

use super::calls::Key;
use super::core::Core;
use super::media::Program;
use engine::Hears;

impl Core {
    /// Puts on a side's port, if it has one, what the side is to hear.
    pub(super) fn play_if_open(&mut self, key: Key) {
        let Some(opened) = self.ports.get(&key) else { return };
        let port = opened.port.id;
        let program = match self.system.hears(key.call, key.end) {
            Hears::Music => Program::Music,
            Hears::Ringing => Program::RingTone,
            Hears::Mix(mix, part) => Program::Mix(mix, part),
            Hears::Voicemail => Program::Voicemail,
            Hears::Nothing if self.digits.asks(key.call) => Program::Prompt,
            Hears::Nothing => Program::Silence,
            // Linked when the descriptions were exchanged.
            Hears::End(..) => return,
        };
        self.media.play(port, program);
    }

    /// Whether the ports of two sides are joined: nothing else is heard on either.
    pub(super) fn are_linked(&self, a: Key, b: Key) -> bool {
        let (Some(a), Some(b)) = (self.ports.get(&a), self.ports.get(&b)) else { return false };
        a.linked == Some(b.port.id) && b.linked == Some(a.port.id)
    }
}
