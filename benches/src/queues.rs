//! Bounded queues between two threads, at the work of the real driver: items of its size, the receiver asleep or busy.

use crossbeam::channel::{Receiver, Sender, bounded};
use crossbeam::queue::ArrayQueue;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, Thread};

/// What crosses: as large as an input of the engine with its wrapping.
pub type Item = [u64; 16];

const BOUND: usize = 1_024;

/// A way to hand items from one thread to another.
pub trait Queue {
    /// The sending end.
    type Sender: Send;
    /// The receiving end.
    type Receiver: Send;
    /// A queue whose receiver is `receiver`'s thread.
    fn new(receiver: Thread) -> (Self::Sender, Self::Receiver);
    /// Sends, and waits while it is full.
    fn send(sender: &Self::Sender, item: Item);
    /// Receives, and sleeps while it is empty.
    fn receive(receiver: &Self::Receiver) -> Item;
}

/// `crossbeam::channel::bounded`.
pub struct Channel;

impl Queue for Channel {
    type Sender = Sender<Item>;
    type Receiver = Receiver<Item>;

    fn new(_: Thread) -> (Self::Sender, Self::Receiver) {
        bounded(BOUND)
    }

    fn send(sender: &Self::Sender, item: Item) {
        sender.send(item).expect("the receiver lives as long");
    }

    fn receive(receiver: &Self::Receiver) -> Item {
        receiver.recv().expect("the sender lives as long")
    }
}

/// `crossbeam::queue::ArrayQueue`, with `park` and `unpark` around it.
pub struct ParkedArray;

impl Queue for ParkedArray {
    type Sender = (Arc<ArrayQueue<Item>>, Thread);
    type Receiver = Arc<ArrayQueue<Item>>;

    fn new(receiver: Thread) -> (Self::Sender, Self::Receiver) {
        let queue = Arc::new(ArrayQueue::new(BOUND));
        ((Arc::clone(&queue), receiver), queue)
    }

    fn send((queue, receiver): &Self::Sender, mut item: Item) {
        while let Err(back) = queue.push(item) {
            item = back;
            thread::yield_now();
        }
        receiver.unpark();
    }

    fn receive(receiver: &Self::Receiver) -> Item {
        loop {
            match receiver.pop() {
                Some(item) => return item,
                None => thread::park(),
            }
        }
    }
}

/// `std::sync::mpsc::sync_channel`.
pub struct Std;

impl Queue for Std {
    type Sender = SyncSender<Item>;
    type Receiver = mpsc::Receiver<Item>;

    fn new(_: Thread) -> (Self::Sender, Self::Receiver) {
        mpsc::sync_channel(BOUND)
    }

    fn send(sender: &Self::Sender, item: Item) {
        sender.send(item).expect("the receiver lives as long");
    }

    fn receive(receiver: &Self::Receiver) -> Item {
        receiver.recv().expect("the sender lives as long")
    }
}

/// Runs `work` beside a partner thread that runs `partner`, each with its ends of a queue in each direction.
fn beside<Q: Queue>(
    partner: impl FnOnce(&Q::Sender, &Q::Receiver) + Send,
    work: impl FnOnce(&Q::Sender, &Q::Receiver) -> u64,
) -> u64 {
    thread::scope(|scope| {
        let (hand_over, take_over) = mpsc::channel();
        let handle = scope.spawn(move || {
            let (sender, receiver): (Q::Sender, Q::Receiver) = take_over.recv().expect("handed over at once");
            partner(&sender, &receiver);
        });
        let (to_partner, at_partner) = Q::new(handle.thread().clone());
        let (to_us, at_us) = Q::new(thread::current());
        hand_over.send((to_us, at_partner)).expect("the partner waits for it");
        work(&to_partner, &at_us)
    })
}

/// Sends `items` to a thread that adds up their first words; the sum.
#[must_use]
pub fn stream<Q: Queue>(items: u64) -> u64 {
    let add_up = move |sender: &Q::Sender, receiver: &Q::Receiver| {
        let sum = (0..items).map(|_| Q::receive(receiver)[0]).sum();
        Q::send(sender, [sum; 16]);
    };
    beside::<Q>(add_up, |sender, receiver| {
        (0..items).for_each(|n| Q::send(sender, [n; 16]));
        Q::receive(receiver)[0]
    })
}

/// Sends `rounds` items to a thread that sends each back, one at a time; the sum of what came back.
#[must_use]
pub fn ping_pong<Q: Queue>(rounds: u64) -> u64 {
    let send_back = move |sender: &Q::Sender, receiver: &Q::Receiver| {
        (0..rounds).for_each(|_| Q::send(sender, Q::receive(receiver)));
    };
    beside::<Q>(send_back, |sender, receiver| {
        (0..rounds)
            .map(|n| {
                Q::send(sender, [n; 16]);
                Q::receive(receiver)[0]
            })
            .sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing_is_lost<Q: Queue>() {
        let sum = 5_000 * 4_999 / 2;
        assert_eq!(stream::<Q>(5_000), sum);
        assert_eq!(ping_pong::<Q>(5_000), sum);
    }

    #[test]
    fn a_channel_loses_nothing() {
        nothing_is_lost::<Channel>();
    }

    #[test]
    fn a_parked_array_loses_nothing() {
        nothing_is_lost::<ParkedArray>();
    }

    #[test]
    fn the_channel_of_std_loses_nothing() {
        nothing_is_lost::<Std>();
    }
}
