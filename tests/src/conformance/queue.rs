use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use proofreel_ports::{Delivery, Queue};

/// Deliveries before a message is dead, far above what the other checks need.
const MANY: u32 = 1000;

/// Lets this many milliseconds pass.
pub type Pass = Box<dyn Fn(u64) -> Pin<Box<dyn Future<Output = ()>>>>;

/// A queue and the passing of its time: a fake clock that is moved, or a sleep.
pub struct QueueBench {
    /// The port.
    pub queue: Arc<dyn Queue>,
    /// Lets this many milliseconds pass.
    pub pass: Pass,
    /// Every time of the suite is multiplied by it: 1 for a clock that stands still meanwhile; more where the calls
    /// themselves take time.
    pub scale: u64,
    /// A receipt that a newer one replaced does nothing. SQS promises it of no standard queue: it may go either way.
    pub forgets: bool,
}

impl QueueBench {
    async fn pass(&self, ms: u64) {
        (self.pass)(ms * self.scale).await;
    }

    async fn send(&self, name: &str, body: &str, delay_ms: u64) {
        self.queue.send(name, body, delay_ms * self.scale).await.unwrap();
    }

    async fn postpone(&self, name: &str, receipt: &str, delay_ms: u64) {
        self.queue.postpone(name, receipt, delay_ms * self.scale).await.unwrap();
    }

    async fn receive(&self, name: &str, max: u32, visibility_ms: u64, max_receives: u32) -> Vec<Delivery> {
        let deliveries = self.queue.receive(name, max, visibility_ms * self.scale, max_receives).await.unwrap();
        assert!(deliveries.len() <= max as usize);
        deliveries
    }

    async fn receive_one(&self, name: &str, visibility_ms: u64) -> Option<Delivery> {
        self.receive(name, 1, visibility_ms, MANY).await.pop()
    }
}

/// Runs every check of the [`Queue`] contract side by side, each on queues of its own, called `q`, `a` and `b`.
pub async fn queue_conformance(make: impl AsyncFn() -> QueueBench) {
    tokio::join!(
        async { sent_received_deleted(&make().await).await },
        async { delayed(&make().await).await },
        async { hidden_and_delivered_again(&make().await).await },
        async { postponed(&make().await).await },
        async { old_receipts_do_nothing(&make().await).await },
        async { dead_letters(&make().await).await },
        async { queues_are_apart(&make().await).await },
        async { at_most_as_many_as_asked(&make().await).await },
        async { no_two_receivers_share_a_message(&make().await).await },
        async { more_than_one_receipt_can_carry(&make().await).await },
        async { bodies_of_every_kind(&make().await).await },
    );
}

async fn sent_received_deleted(bench: &QueueBench) {
    let queue = &bench.queue;
    assert!(bench.receive("q", 10, 1000, MANY).await.is_empty(), "a queue that nobody used is empty");
    assert_eq!(queue.depth("q").await.unwrap(), (0, 0));
    let body = "{\"text\": \"ß € \\u0000 \n\"}";
    bench.send("q", body, 0).await;
    assert_eq!(queue.depth("q").await.unwrap(), (1, 0));
    let delivery = bench.receive_one("q", 1000).await.unwrap();
    assert_eq!((delivery.body.as_str(), delivery.receive_count), (body, 1));
    assert_eq!(queue.depth("q").await.unwrap(), (0, 1));
    queue.delete("q", &delivery.receipt).await.unwrap();
    assert_eq!(queue.depth("q").await.unwrap(), (0, 0));
    bench.pass(2000).await;
    assert_eq!(bench.receive_one("q", 1000).await, None, "deleted is deleted");
}

async fn delayed(bench: &QueueBench) {
    bench.send("q", "later", 2000).await;
    assert_eq!(bench.queue.depth("q").await.unwrap(), (0, 1));
    assert_eq!(bench.receive_one("q", 1000).await, None);
    bench.pass(2000).await;
    assert_eq!(bench.receive_one("q", 1000).await.unwrap().body, "later");
}

async fn hidden_and_delivered_again(bench: &QueueBench) {
    bench.send("q", "m", 0).await;
    for count in 1..=4 {
        assert_eq!(bench.receive_one("q", 2000).await.unwrap().receive_count, count);
        assert_eq!(bench.receive_one("q", 2000).await, None, "hidden after receipt {count}");
        bench.pass(2000).await;
    }
}

async fn postponed(bench: &QueueBench) {
    bench.send("q", "m", 0).await;
    let first = bench.receive_one("q", 60_000).await.unwrap();
    bench.postpone("q", &first.receipt, 2000).await;
    assert_eq!(bench.receive_one("q", 60_000).await, None);
    bench.pass(2000).await;
    let second = bench.receive_one("q", 1000).await.unwrap();
    assert_eq!(second.receive_count, 2);
    bench.postpone("q", &second.receipt, 0).await;
    let third = bench.receive_one("q", 1000).await.unwrap();
    bench.postpone("q", &third.receipt, 5000).await;
    bench.pass(1000).await;
    assert_eq!(bench.receive_one("q", 1000).await, None, "postponed beyond its visibility time-out");
}

async fn old_receipts_do_nothing(bench: &QueueBench) {
    if !bench.forgets {
        return;
    }
    bench.send("q", "m", 0).await;
    let old = bench.receive_one("q", 1000).await.unwrap();
    bench.pass(1000).await;
    let new = bench.receive_one("q", 1000).await.unwrap();
    assert_ne!(old.receipt, new.receipt);
    bench.postpone("q", &old.receipt, 0).await;
    assert_eq!(bench.receive_one("q", 1000).await, None, "an old receipt does not unhide");
    bench.queue.delete("q", &old.receipt).await.unwrap();
    bench.queue.delete("q", "nonsense").await.unwrap();
    assert_eq!(bench.queue.depth("q").await.unwrap(), (0, 1), "an old receipt does not delete");
    bench.pass(1000).await;
    bench.queue.delete("q", &new.receipt).await.unwrap();
    assert_eq!(bench.queue.depth("q").await.unwrap(), (0, 0), "the newest receipt does, even after its time");
    bench.queue.delete("q", &new.receipt).await.unwrap();
}

async fn dead_letters(bench: &QueueBench) {
    let queue = &bench.queue;
    bench.send("q", "poison", 0).await;
    for count in 1..=3 {
        let deliveries = bench.receive("q", 1, 1000, 3).await;
        assert_eq!((deliveries.len(), deliveries[0].receive_count), (1, count));
        bench.pass(1000).await;
    }
    bench.send("q", "good", 0).await;
    let after = bench.receive("q", 1, 1000, 3).await;
    assert_eq!(
        after.iter().map(|delivery| delivery.body.as_str()).collect::<Vec<_>>(),
        ["good"],
        "poison hides no other"
    );
    assert_eq!(queue.depth("q").await.unwrap(), (0, 1));
    assert_eq!(queue.depth("q-dlq").await.unwrap(), (1, 0));
    let dead = bench.receive_one("q-dlq", 1000).await.unwrap();
    assert_eq!(dead.body, "poison");
    queue.delete("q-dlq", &dead.receipt).await.unwrap();
    assert_eq!(queue.depth("q-dlq").await.unwrap(), (0, 0));
}

async fn queues_are_apart(bench: &QueueBench) {
    bench.send("a", "for a", 0).await;
    assert_eq!(bench.receive_one("b", 1000).await, None);
    let delivery = bench.receive_one("a", 1000).await.unwrap();
    bench.queue.delete("b", &delivery.receipt).await.unwrap();
    assert_eq!(bench.queue.depth("a").await.unwrap(), (0, 1), "a receipt belongs to its queue");
}

async fn at_most_as_many_as_asked(bench: &QueueBench) {
    for n in 0..7 {
        bench.send("q", &n.to_string(), 0).await;
    }
    let mut seen = BTreeSet::new();
    for expected in [3, 3, 1, 0] {
        let deliveries = bench.receive("q", 3, 60_000, MANY).await;
        assert_eq!(deliveries.len(), expected);
        seen.extend(deliveries.into_iter().map(|delivery| delivery.body));
    }
    assert_eq!(seen.len(), 7);
}

async fn no_two_receivers_share_a_message(bench: &QueueBench) {
    for n in 0..40 {
        bench.send("q", &n.to_string(), 0).await;
    }
    let receivers: Vec<_> = (0..60)
        .map(|_| {
            let queue = Arc::clone(&bench.queue);
            tokio::spawn(async move { queue.receive("q", 1, 600_000, MANY).await.unwrap() })
        })
        .collect();
    let mut bodies = Vec::new();
    for receiver in receivers {
        bodies.extend(receiver.await.unwrap().into_iter().map(|delivery| delivery.body));
    }
    assert_eq!(bodies.len(), 40);
    assert_eq!(bodies.into_iter().collect::<BTreeSet<_>>().len(), 40);
}

async fn more_than_one_receipt_can_carry(bench: &QueueBench) {
    for n in 0..25 {
        bench.send("q", &n.to_string(), 0).await;
    }
    let seen: BTreeSet<_> =
        bench.receive("q", 24, 600_000, MANY).await.into_iter().map(|delivery| delivery.body).collect();
    assert_eq!(seen.len(), 24, "SQS gives ten at a time; the port gives what was asked for");
}

async fn bodies_of_every_kind(bench: &QueueBench) {
    let bodies =
        ["x".repeat(200_000), "\u{10000}\u{fffd}\u{d7ff}\t\r\n <&>\"'%00".into(), "{\"half\":".into(), " ".into()];
    for body in &bodies {
        bench.send("q", body, 0).await;
    }
    let deliveries = bench.receive("q", 10, 60_000, MANY).await;
    let seen: BTreeSet<String> = deliveries.into_iter().map(|delivery| delivery.body).collect();
    assert!(seen == BTreeSet::from(bodies), "a body comes back as it was sent");
}
