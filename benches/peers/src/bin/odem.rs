//! odem-rs: every call is a process.

use odem_rs::prelude::*;
use peers::{Arrivals, BusyHour, Outcome};
use std::cell::Cell;
use std::time::Instant;

#[derive(Default, Config)]
#[time(Time<f64>)]
struct Trunks {
    free: Cell<u32>,
    answered: Cell<u64>,
    completed: Cell<u64>,
}

struct Call {
    ring: f64,
    talk: f64,
}

impl Behavior<Trunks> for Call {
    type Output = ();

    async fn actions(&self, sim: &Sim<Trunks>) {
        let trunks = sim.global();
        sim.advance(second::new(self.ring)).await;
        trunks.answered.set(trunks.answered.get() + 1);
        sim.advance(second::new(self.talk)).await;
        trunks.completed.set(trunks.completed.get() + 1);
        trunks.free.set(trunks.free.get() + 1);
    }
}

#[odem_rs::main(Trunks { free, answered, completed })]
async fn replay(sim: &Sim<Trunks>, free: Cell<u32>, answered: Cell<u64>, completed: Cell<u64>, busy: BusyHour) -> Outcome {
    let mut arrivals = Arrivals::new(&busy);
    let mut outcome = Outcome::default();
    let trunks = sim.global();
    let mut at = arrivals.gap_s();
    sim.advance(second::new(at)).await;
    while at < busy.seconds() {
        outcome.offered += 1;
        if trunks.free.get() == 0 {
            outcome.blocked += 1;
        } else {
            trunks.free.set(trunks.free.get() - 1);
            sim.spawn(Call { ring: busy.ring_s, talk: busy.talk_s });
        }
        let gap = arrivals.gap_s();
        at += gap;
        sim.advance(second::new(gap)).await;
    }
    sim.advance(second::new(busy.ring_s + busy.talk_s)).await;
    outcome.answered = trunks.answered.get();
    outcome.completed = trunks.completed.get();
    outcome
}

fn main() {
    let busy = BusyHour::from_args();
    let begun = Instant::now();
    let outcome = replay(Cell::new(busy.channels), Cell::new(0), Cell::new(0), busy);
    outcome.print(begun.elapsed());
}
