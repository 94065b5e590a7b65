//! Films whose kept parts are whole and wrong.

use serde_json::{Value, json};

use super::*;

/// The works into which a film is divided, with parts kept there.
async fn divided(order: &Order, parts: &Cupboard) -> Vec<Value> {
    let (library, policy, told, folder) =
        (Library::default(), short_policy(), Told::default(), tempfile::tempdir().unwrap());
    Render::default()
        .divide(input(), &context(order, &library, &policy, folder.path(), &told, parts), 2)
        .await
        .expect("divided")
}

async fn do_part(order: &Order, work: Value, parts: &Cupboard) {
    let (library, policy, told, folder) =
        (Library::default(), short_policy(), Told::default(), tempfile::tempdir().unwrap());
    let at = context(order, &library, &policy, folder.path(), &told, parts);
    Render::default().part(input(), &at, work).await.expect("made");
}

/// Key and bytes of the second segment of the film that this order gives.
async fn segment(order: &Order) -> (Digest, Vec<u8>) {
    let parts = Cupboard::default();
    let mut work = divided(order, &parts).await.remove(0);
    work["segments"] = json!([1]);
    do_part(order, work, &parts).await;
    let kept = parts.parts.into_inner().unwrap();
    let mut films = kept.into_iter().filter(|(_, bytes)| bytes.get(4..8) == Some(&b"ftyp"[..]));
    let found = films.next().expect("a segment");
    assert!(films.next().is_none(), "one segment");
    found
}

/// The second segment, and one as long with another picture: whole, valid, and wrong in its place.
async fn right_and_wrong() -> (Digest, Vec<u8>, Vec<u8>) {
    let mut light = order();
    light.channel.look.theme = "paper".into();
    let ((key, right), (_, wrong)) = (segment(&order()).await, segment(&light).await);
    assert_ne!(right, wrong);
    (key, right, wrong)
}

fn anew(told: &[String]) -> usize {
    told.iter().filter(|told| told.starts_with("render of ")).count()
}

#[tokio::test]
async fn a_wrong_segment_under_its_key_is_made_anew_once() {
    let (key, right, wrong) = right_and_wrong().await;
    let (whole, _) = filmed(input(), &Cupboard::default()).await;

    let parts = Cupboard::default();
    parts.parts.lock().unwrap().insert(key.clone(), wrong.clone());
    let (mended, told) = filmed(input(), &parts).await;
    assert_eq!(mended, whole, "the film is as if nothing had been kept");
    assert_eq!(anew(&told), 2, "{told:?}");
    let note = told.iter().find(|told| told.starts_with("made once more")).expect("told in the run log");
    assert!(note.contains("picture_differs"), "{note}");
    assert_eq!(parts.parts.lock().unwrap().get(&key), Some(&right), "the next film has the right one");
    let (again, told) = filmed(input(), &parts).await;
    assert_eq!((again, anew(&told)), (whole.clone(), 0), "{told:?}");

    // The same where several workers made the parts, and one of these is wrong.
    let parts = Cupboard::default();
    for work in divided(&order(), &parts).await {
        do_part(&order(), work, &parts).await;
    }
    assert_eq!(parts.parts.lock().unwrap().insert(key.clone(), wrong), Some(right.clone()));
    let (mended, told) = filmed(input(), &parts).await;
    assert_eq!((mended, anew(&told)), (whole, 2), "{told:?}");
    assert_eq!(parts.parts.lock().unwrap().get(&key), Some(&right));
}

#[tokio::test]
async fn a_film_that_is_no_better_made_anew_is_not_made_a_third_time() {
    let (key, _, wrong) = right_and_wrong().await;
    let parts = Cupboard { stubborn: true, ..Cupboard::default() };
    parts.parts.lock().unwrap().insert(key, wrong);
    let (folder, told) = (tempfile::tempdir().unwrap(), Told::default());
    let error = run_with(input(), &order(), folder.path(), &told, &parts).await.expect_err("faulty both times");
    let told = told.0.into_inner().unwrap();
    assert_eq!(anew(&told), 2, "{told:?}");
    assert!(!error.is_retryable(), "another attempt would do the same: {error}");
    let StageError::Refused { what, hint } = error else { panic!("{error}") };
    assert!(what.contains("picture_differs") && hint.contains("resume the run"), "{what} {hint}");
}

#[tokio::test]
async fn a_making_that_ran_out_of_time_is_gone_on_with_and_counts_as_the_second() {
    let (order, library, policy) = (order(), Library::default(), short_policy());
    let (key, _, wrong) = right_and_wrong().await;
    let parts = Cupboard::default();
    parts.parts.lock().unwrap().insert(key.clone(), wrong.clone());
    let (folder, told) = (tempfile::tempdir().unwrap(), Told::default());
    // The time of the first making, which draws one segment and is told of both, and not of the second.
    let progress = Twice::default();
    let at = Context { progress: &progress, ..context(&order, &library, &policy, folder.path(), &told, &parts) };
    let end = Render { workers: 1, ..Render::default() }.run(input(), &at).await;
    assert!(matches!(end, Err(StageError::OutOfTime)), "{end:?}");
    // Whatever is wrong now is no kept part's fault: it was all forgotten.
    parts.parts.lock().unwrap().insert(key, wrong);
    let (folder, told) = (tempfile::tempdir().unwrap(), Told::default());
    let error = run_with(input(), &order, folder.path(), &told, &parts).await.expect_err("faulty again");
    assert!(matches!(error, StageError::Refused { .. }), "{error}");
    assert_eq!(anew(&told.0.into_inner().unwrap()), 1, "not begun a third time");
    // Whoever resumes the run after that has it made anew once more.
    let (_, told) = filmed(input(), &parts).await;
    assert_eq!(anew(&told), 2, "{told:?}");
}

/// Has time until the second rendering begins.
#[derive(Default)]
struct Twice(Mutex<usize>);

impl Progress for Twice {
    fn begin(&self, what: &str, _: u64) {
        *self.0.lock().unwrap() += usize::from(what == "render");
    }
    fn at(&self, _: u64) {}
    fn end(&self) {}
    fn out_of_time(&self) -> bool {
        *self.0.lock().unwrap() > 1
    }
}

#[tokio::test]
async fn wrong_speech_is_spoken_anew() {
    let mut order = order();
    order.channel.episode.music = false;
    let made = async |parts: &Cupboard| {
        let (folder, told) = (tempfile::tempdir().unwrap(), Told::default());
        let outcome = run_with(input(), &order, folder.path(), &told, parts).await.expect("rendered");
        let Outcome::Advance { output, .. } = outcome else { panic!("{outcome:?}") };
        (output, told.0.into_inner().unwrap())
    };
    let parts = Cupboard::default();
    let (whole, _) = made(&parts).await;
    {
        // Speech is the one kind of part that begins with its lines; what was made of it goes.
        let mut parts = parts.parts.lock().unwrap();
        parts.retain(|_, bytes| bytes.starts_with(b"{\"lines\""));
        assert_eq!(parts.len(), 2);
        let first = parts.values_mut().min_by_key(|bytes| bytes.len()).unwrap();
        let head = first.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        first[head..].fill(0);
    }
    let (mended, told) = made(&parts).await;
    assert_eq!(mended, whole);
    assert_eq!(told.iter().filter(|told| *told == "speak of 2").count(), 2, "{told:?}");
    assert!(told.iter().any(|told| told.contains("silent_words")), "{told:?}");
}
