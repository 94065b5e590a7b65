use std::path::Path;
use std::sync::Arc;

use proofreel_model::digest::Digest;
use proofreel_ports::{Parts, PortError};

/// Runs every check of the [`Parts`] contract, each on a store of its own.
pub async fn parts_conformance(make: impl AsyncFn() -> Arc<dyn Parts>) {
    let folder = tempfile::tempdir().unwrap();
    kept_and_fetched(make().await.as_ref(), folder.path()).await;
    forgotten_and_kept_anew(make().await.as_ref(), folder.path()).await;
    what_is_not_there(make().await.as_ref(), folder.path()).await;
}

async fn kept_and_fetched(parts: &dyn Parts, folder: &Path) {
    let (from, to) = (folder.join("from"), folder.join("to"));
    let large: Vec<u8> = (0..12_000_000_u32).map(|n| (n / 7 % 253) as u8).collect();
    for (name, bytes) in [("small", &b"\0\xff\r\n"[..]), ("empty", b""), ("large", &large)] {
        let key = Digest::of(name.as_bytes());
        std::fs::write(&from, bytes).unwrap();
        parts.keep(&key, &from).await.unwrap();
        parts.keep(&key, &from).await.unwrap();
        assert!(parts.fetch(&key, &to).await.unwrap(), "{name}");
        assert!(std::fs::read(&to).unwrap() == bytes, "{name} is what was kept");
    }
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2, "nothing is left beside the files");
}

async fn forgotten_and_kept_anew(parts: &dyn Parts, folder: &Path) {
    let (from, to, key) = (folder.join("from"), folder.join("to"), Digest::of(b"mended"));
    for content in ["wrong", "right"] {
        std::fs::write(&from, content).unwrap();
        parts.keep(&key, &from).await.unwrap();
        assert!(parts.fetch(&key, &to).await.unwrap());
        assert_eq!(std::fs::read_to_string(&to).unwrap(), content);
        parts.forget(&key).await.unwrap();
        assert!(!parts.fetch(&key, &to).await.unwrap(), "{content} is forgotten");
        parts.forget(&key).await.unwrap();
    }
}

async fn what_is_not_there(parts: &dyn Parts, folder: &Path) {
    let to = folder.join("nothing");
    assert!(!parts.fetch(&Digest::of(b"unknown"), &to).await.unwrap());
    assert!(!to.exists(), "no file stands for a part that is not there");
    let lost = parts.keep(&Digest::of(b"unknown"), &folder.join("no such file")).await;
    assert!(matches!(lost, Err(PortError::NotFound { .. })), "{lost:?}");
    for key in ["", "../etc/passwd", "abc", "g".repeat(64).as_str()] {
        let key = Digest(key.into());
        assert!(matches!(parts.fetch(&key, &to).await, Err(PortError::IllegalKey { .. })), "{key}");
        assert!(matches!(parts.keep(&key, &to).await, Err(PortError::IllegalKey { .. })), "{key}");
        assert!(matches!(parts.forget(&key).await, Err(PortError::IllegalKey { .. })), "{key}");
    }
}
