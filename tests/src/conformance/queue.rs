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
}

impl QueueBench {
    async fn pass(&self, ms: u64) {
        (self.pass)(ms).await;
    }

    async fn receive_one(&self, name: &str, visibility_ms: u64) -> Option<Delivery> {
        let mut deliveries = self.queue.receive(name, 1, visibility_ms, MANY).await.unwrap();
        assert!(deliveries.len() <= 1);
        deliveries.pop()
    }
}

/// Runs every check of the [`Queue`] contract, each on a queue of its own.
pub async fn queue_conformance(make: impl AsyncFn() -> QueueBench) {
    sent_received_deleted(&make().await).await;
    delayed(&make().await).await;
    hidden_and_delivered_again(&make().await).await;
    postponed(&make().await).await;
    old_receipts_do_nothing(&make().await).await;
    dead_letters(&make().await).await;
    queues_are_apart(&make().await).await;
    at_most_as_many_as_asked(&make().await).await;
    no_two_receivers_share_a_message(&make().await).await;
}

async fn sent_received_deleted(bench: &QueueBench) {
    let queue = &bench.queue;
    assert!(queue.receive("q", 10, 1000, MANY).await.unwrap().is_empty(), "a queue that nobody used is empty");
    assert_eq!(queue.depth("q").await.unwrap(), (0, 0));
    let body = "{\"text\": \"ß € \\u0000 \n\"}";
    queue.send("q", body, 0).await.unwrap();
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
    bench.queue.send("q", "later", 2000).await.unwrap();
    assert_eq!(bench.queue.depth("q").await.unwrap(), (0, 1));
    assert_eq!(bench.receive_one("q", 1000).await, None);
    bench.pass(2000).await;
    assert_eq!(bench.receive_one("q", 1000).await.unwrap().body, "later");
}

async fn hidden_and_delivered_again(bench: &QueueBench) {
    bench.queue.send("q", "m", 0).await.unwrap();
    for count in 1..=4 {
        assert_eq!(bench.receive_one("q", 2000).await.unwrap().receive_count, count);
        assert_eq!(bench.receive_one("q", 2000).await, None, "hidden after receipt {count}");
        bench.pass(2000).await;
    }
}

async fn postponed(bench: &QueueBench) {
    bench.queue.send("q", "m", 0).await.unwrap();
    let first = bench.receive_one("q", 60_000).await.unwrap();
    bench.queue.postpone("q", &first.receipt, 2000).await.unwrap();
    assert_eq!(bench.receive_one("q", 60_000).await, None);
    bench.pass(2000).await;
    let second = bench.receive_one("q", 1000).await.unwrap();
    assert_eq!(second.receive_count, 2);
    bench.queue.postpone("q", &second.receipt, 0).await.unwrap();
    let third = bench.receive_one("q", 1000).await.unwrap();
    bench.queue.postpone("q", &third.receipt, 5000).await.unwrap();
    bench.pass(1000).await;
    assert_eq!(bench.receive_one("q", 1000).await, None, "postponed beyond its visibility time-out");
}

async fn old_receipts_do_nothing(bench: &QueueBench) {
    bench.queue.send("q", "m", 0).await.unwrap();
    let old = bench.receive_one("q", 1000).await.unwrap();
    bench.pass(1000).await;
    let new = bench.receive_one("q", 1000).await.unwrap();
    assert_ne!(old.receipt, new.receipt);
    bench.queue.postpone("q", &old.receipt, 0).await.unwrap();
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
    queue.send("q", "poison", 0).await.unwrap();
    for count in 1..=3 {
        let deliveries = queue.receive("q", 1, 1000, 3).await.unwrap();
        assert_eq!((deliveries.len(), deliveries[0].receive_count), (1, count));
        bench.pass(1000).await;
    }
    queue.send("q", "good", 0).await.unwrap();
    let after = queue.receive("q", 1, 1000, 3).await.unwrap();
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
    bench.queue.send("a", "for a", 0).await.unwrap();
    assert_eq!(bench.receive_one("b", 1000).await, None);
    let delivery = bench.receive_one("a", 1000).await.unwrap();
    bench.queue.delete("b", &delivery.receipt).await.unwrap();
    assert_eq!(bench.queue.depth("a").await.unwrap(), (0, 1), "a receipt belongs to its queue");
}

async fn at_most_as_many_as_asked(bench: &QueueBench) {
    for n in 0..7 {
        bench.queue.send("q", &n.to_string(), 0).await.unwrap();
    }
    let mut seen = BTreeSet::new();
    for expected in [3, 3, 1, 0] {
        let deliveries = bench.queue.receive("q", 3, 60_000, MANY).await.unwrap();
        assert!(deliveries.len() <= 3);
        assert_eq!(deliveries.len(), expected);
        seen.extend(deliveries.into_iter().map(|delivery| delivery.body));
    }
    assert_eq!(seen.len(), 7);
}

async fn no_two_receivers_share_a_message(bench: &QueueBench) {
    for n in 0..40 {
        bench.queue.send("q", &n.to_string(), 0).await.unwrap();
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
