//! NeXosim: one model, its events scheduled by itself.

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::EventSource;
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use peers::{Arrivals, BusyHour, Outcome};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::time::{Duration, Instant};

thread_local! {
    /// The generator is not serialisable, as models must be.
    static ARRIVALS: RefCell<Option<Arrivals>> = const { RefCell::new(None) };
    static OUTCOME: RefCell<Outcome> = RefCell::new(Outcome::default());
}

fn gap() -> Duration {
    let s = ARRIVALS.with_borrow_mut(|a| a.as_mut().expect("set before the run").gap_s());
    // A deadline must lie in the future.
    Duration::from_nanos(((s * 1e9) as u64).max(1))
}

#[derive(Serialize, Deserialize)]
struct TrunkGroup {
    free: u32,
    ring: Duration,
    talk: Duration,
    end: Duration,
}

#[Model]
impl TrunkGroup {
    async fn start(&mut self, _: (), cx: &Context<Self>) {
        cx.schedule_event(gap(), schedulable!(Self::arrival), ()).expect("in the future");
    }

    #[nexosim(schedulable)]
    async fn arrival(&mut self, _: (), cx: &Context<Self>) {
        if cx.time().duration_since(MonotonicTime::EPOCH) >= self.end {
            return;
        }
        OUTCOME.with_borrow_mut(|o| o.offered += 1);
        if self.free == 0 {
            OUTCOME.with_borrow_mut(|o| o.blocked += 1);
        } else {
            self.free -= 1;
            cx.schedule_event(self.ring, schedulable!(Self::answer), ()).expect("in the future");
        }
        cx.schedule_event(gap(), schedulable!(Self::arrival), ()).expect("in the future");
    }

    #[nexosim(schedulable)]
    async fn answer(&mut self, _: (), cx: &Context<Self>) {
        OUTCOME.with_borrow_mut(|o| o.answered += 1);
        cx.schedule_event(self.talk, schedulable!(Self::hang_up), ()).expect("in the future");
    }

    #[nexosim(schedulable)]
    async fn hang_up(&mut self) {
        self.free += 1;
        OUTCOME.with_borrow_mut(|o| o.completed += 1);
    }
}

fn main() {
    let hour = BusyHour::from_args();
    let begun = Instant::now();
    ARRIVALS.set(Some(Arrivals::new(&hour)));
    let group = TrunkGroup {
        free: hour.channels,
        ring: Duration::from_secs_f64(hour.ring_s),
        talk: Duration::from_secs_f64(hour.talk_s),
        end: Duration::from_secs_f64(hour.seconds()),
    };
    let mailbox = Mailbox::new();
    // One thread, so that the model's events run where the generator is.
    let mut bench = SimInit::with_num_threads(1);
    let start = EventSource::new().connect(TrunkGroup::start, &mailbox).register(&mut bench);
    let mut simulation = bench.add_model(group, mailbox, "trunks").init(MonotonicTime::EPOCH).expect("starts");
    simulation.process_event(&start, ()).expect("takes the event");
    simulation.run().expect("runs to its end");
    OUTCOME.with_borrow(|o| o.print(begun.elapsed()));
}
