use std::sync::Arc;

use proofreel_model::digest::{BlobRef, Digest};
use proofreel_ports::{Blobs, PortError};

/// Tasks that race for one key.
const RACERS: u8 = 64;

/// Runs every check of the [`Blobs`] contract, each on a store of its own.
pub async fn blobs_conformance(make: impl AsyncFn() -> Arc<dyn Blobs>) {
    written_once_and_read_back(make().await.as_ref()).await;
    what_is_not_there(make().await.as_ref()).await;
    read_in_pieces(make().await.as_ref()).await;
    the_first_writer_wins_a_race(make().await).await;
    listed_by_prefix_in_order(make().await.as_ref()).await;
    keys_that_could_climb_are_refused(make().await.as_ref()).await;
    every_legal_sign_is_kept_apart(make().await.as_ref()).await;
    damage_is_told_with_both_digests(make().await.as_ref()).await;
    deleted_and_written_again(make().await.as_ref()).await;
    more_keys_than_a_page(make().await).await;
}

async fn written_once_and_read_back(blobs: &dyn Blobs) {
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    for (key, bytes) in [("small", &b"\0\xff\r\n"[..]), ("empty", b""), ("deep/er/and.deeper/large", &large)] {
        assert!(blobs.put_if_absent(key, bytes).await.unwrap(), "{key} is new");
        assert!(!blobs.put_if_absent(key, b"another").await.unwrap(), "{key} is taken");
        assert_eq!(blobs.get(key).await.unwrap(), bytes, "{key} keeps its first content");
        assert!(blobs.exists(key).await.unwrap());
    }
    let stored = blobs.store("by-digest", b"content").await.unwrap();
    assert_eq!(stored, BlobRef::to("by-digest", b"content"));
    assert_eq!(blobs.store("by-digest", b"content").await.unwrap(), stored, "storing twice is storing once");
    assert_eq!(blobs.fetch(&stored).await.unwrap(), b"content");
}

async fn what_is_not_there(blobs: &dyn Blobs) {
    assert!(matches!(blobs.get("no/such").await, Err(PortError::NotFound { what }) if what.contains("no/such")));
    assert!(!blobs.exists("no/such").await.unwrap());
    assert!(blobs.list("").await.unwrap().is_empty());
    assert!(blobs.list("no/").await.unwrap().is_empty());
    blobs.delete("no/such").await.unwrap();
    blobs.put_if_absent("folder/file", b"x").await.unwrap();
    assert!(!blobs.exists("folder").await.unwrap(), "a beginning of a key is no key");
    assert!(matches!(blobs.get("folder").await, Err(PortError::NotFound { .. })));
}

async fn read_in_pieces(blobs: &dyn Blobs) {
    blobs.put_if_absent("whole", b"0123456789").await.unwrap();
    for (offset, length, piece) in [
        (0, 10, "0123456789"),
        (0, 3, "012"),
        (7, 3, "789"),
        (7, 100, "789"),
        (9, 1, "9"),
        (10, 5, ""),
        (99, 5, ""),
        (4, 0, ""),
    ] {
        assert_eq!(
            blobs.read_range("whole", offset, length).await.unwrap(),
            piece.as_bytes(),
            "{length} from {offset}"
        );
    }
    blobs.put_if_absent("empty", b"").await.unwrap();
    assert_eq!(blobs.read_range("empty", 0, 5).await.unwrap(), b"");
    assert!(matches!(blobs.read_range("no/such", 0, 5).await, Err(PortError::NotFound { .. })));
}

async fn the_first_writer_wins_a_race(blobs: Arc<dyn Blobs>) {
    for round in 0..8 {
        let key = format!("race/{round}");
        let racers: Vec<_> = (0..RACERS)
            .map(|racer| {
                let (blobs, key) = (Arc::clone(&blobs), key.clone());
                tokio::spawn(async move { (racer, blobs.put_if_absent(&key, &vec![racer; 100_000]).await.unwrap()) })
            })
            .collect();
        let mut winners = Vec::new();
        for racer in racers {
            let (racer, won) = racer.await.unwrap();
            winners.extend(won.then_some(racer));
        }
        assert_eq!(winners.len(), 1, "exactly one of {RACERS} writes the key");
        assert_eq!(blobs.get(&key).await.unwrap(), vec![winners[0]; 100_000], "and it is the winner's content");
    }
    assert_eq!(blobs.list("").await.unwrap().len(), 8, "nothing is left beside the keys");
}

async fn listed_by_prefix_in_order(blobs: &dyn Blobs) {
    for key in ["b/2", "a", "b/10", "b.c", "b/x/y", "B/1", "c/b/1", "b-c"] {
        blobs.put_if_absent(key, key.as_bytes()).await.unwrap();
    }
    assert_eq!(blobs.list("").await.unwrap(), ["B/1", "a", "b-c", "b.c", "b/10", "b/2", "b/x/y", "c/b/1"]);
    assert_eq!(blobs.list("b").await.unwrap(), ["b-c", "b.c", "b/10", "b/2", "b/x/y"]);
    assert_eq!(blobs.list("b/").await.unwrap(), ["b/10", "b/2", "b/x/y"]);
    assert_eq!(blobs.list("b/x").await.unwrap(), ["b/x/y"]);
    assert_eq!(blobs.list("b/1").await.unwrap(), ["b/10"]);
}

async fn keys_that_could_climb_are_refused(blobs: &dyn Blobs) {
    let long = "x".repeat(256);
    let illegal = [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/..",
        "../a",
        "a/../b",
        "a/./b",
        "a b",
        "a\\b",
        "a\0b",
        "a\nb",
        "ä",
        "a:b",
        "~a",
        "a*",
        "%2e%2e",
        "C:",
        "a/~1-0",
        long.as_str(),
    ];
    for key in illegal {
        let refused = |answer: Result<(), PortError>| matches!(answer, Err(PortError::IllegalKey { key: told, .. }) if told == key);
        assert!(refused(blobs.put_if_absent(key, b"x").await.map(|_| ())), "put {key:?}");
        assert!(refused(blobs.get(key).await.map(|_| ())), "get {key:?}");
        assert!(refused(blobs.exists(key).await.map(|_| ())), "exists {key:?}");
        assert!(refused(blobs.delete(key).await), "delete {key:?}");
    }
    assert!(matches!(blobs.list("../").await, Err(PortError::IllegalKey { .. })));
    assert!(blobs.list("").await.unwrap().is_empty());
}

async fn every_legal_sign_is_kept_apart(blobs: &dyn Blobs) {
    let longest = "y".repeat(255);
    let legal = ["A-Za-z0-9._-", "...", ".hidden", "-", "_", "a.b/c_d-e", "CASE", "case", "Case", longest.as_str()];
    for key in legal {
        assert!(blobs.put_if_absent(key, key.as_bytes()).await.unwrap(), "{key}");
    }
    for key in legal {
        assert_eq!(blobs.get(key).await.unwrap(), key.as_bytes());
    }
    assert_eq!(blobs.list("").await.unwrap().len(), legal.len());
}

async fn damage_is_told_with_both_digests(blobs: &dyn Blobs) {
    blobs.put_if_absent("k", b"what was stored").await.unwrap();
    let expected = BlobRef { key: "k".into(), ..BlobRef::to("x", b"what was meant") };
    match blobs.fetch(&expected).await {
        Err(PortError::Damaged { key, expected, found }) => {
            assert_eq!(key, "k");
            assert_eq!(expected, Digest::of(b"what was meant").0);
            assert_eq!(found, Digest::of(b"what was stored").0);
        }
        other => panic!("damage not seen: {other:?}"),
    }
}

async fn deleted_and_written_again(blobs: &dyn Blobs) {
    blobs.put_if_absent("k", b"one").await.unwrap();
    blobs.delete("k").await.unwrap();
    blobs.delete("k").await.unwrap();
    assert!(!blobs.exists("k").await.unwrap());
    assert!(blobs.put_if_absent("k", b"two").await.unwrap());
    assert_eq!(blobs.get("k").await.unwrap(), b"two");
}

/// S3 lists a thousand keys at a time.
async fn more_keys_than_a_page(blobs: Arc<dyn Blobs>) {
    let keys: Vec<String> = (0..1_007).map(|n| format!("many/{n:04}")).collect();
    let mut writers = Vec::new();
    for some in keys.chunks(64) {
        let (blobs, some) = (Arc::clone(&blobs), some.to_vec());
        writers.push(tokio::spawn(async move {
            for key in some {
                assert!(blobs.put_if_absent(&key, b"x").await.unwrap());
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(blobs.list("many/").await.unwrap(), keys);
    assert_eq!(blobs.list("many/10").await.unwrap().len(), 7);
}
