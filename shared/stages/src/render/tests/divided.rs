//! Films made by several workers.

use super::*;

/// Has a film of six scenes divided into at most so many parts, made one by one from the last to the first, each in a folder
/// of its own, and then gathered. `lose` takes from the parts that lie there before each of these steps.
async fn filmed_by_parts(most: usize, lose: impl Fn(&mut BTreeMap<Digest, Vec<u8>>)) -> (usize, Film, Vec<String>) {
    let (order, library, policy) = (order(), Library::default(), short_policy());
    let (parts, told) = (Cupboard::default(), Told::default());
    let folder = tempfile::tempdir().unwrap();
    let at = context(&order, &library, &policy, folder.path(), &told, &parts);
    let works = Render::default().divide(input_of(6), &at, most).await.expect("divided");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "dividing leaves nothing");
    for work in works.iter().rev() {
        lose(&mut parts.parts.lock().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let at = context(&order, &library, &policy, folder.path(), &told, &parts);
        Render::among(2).part(input_of(6), &at, work.clone()).await.expect("made");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a part leaves nothing");
    }
    lose(&mut parts.parts.lock().unwrap());
    let (film, gathered) = filmed(input_of(6), &parts).await;
    let told = told.0.into_inner().unwrap().into_iter().chain(gathered).collect();
    (works.len(), film, told)
}

#[tokio::test]
async fn a_film_made_by_one_two_or_five_workers_is_the_same_to_the_byte() {
    let (whole, _) = filmed(input_of(6), &Cupboard::default()).await;
    for (most, parts) in [(1, 0), (2, 2), (5, 5)] {
        let (count, film, told) = filmed_by_parts(most, |_| ()).await;
        assert_eq!((count, &film), (parts, &whole), "{most} workers");
        let made = if parts == 0 { "6 of 6 segments made here" } else { "0 of 6 segments made here" };
        assert!(told.iter().any(|told| told == made), "{told:?}");
        let spoken = told.iter().filter(|told| *told == "speak of 6").count();
        assert_eq!(spoken, 2, "parts need no speech: dividing and gathering ask for it, kept or not: {told:?}");
    }
    // A cache that forgets everything between any two steps: parts speak anew, the visit draws anew.
    let (count, film, told) = filmed_by_parts(2, BTreeMap::clear).await;
    assert_eq!((count, &film), (2, &whole));
    assert!(told.iter().any(|told| told == "6 of 6 segments made here"), "{told:?}");
}

#[tokio::test]
async fn a_film_that_is_there_or_that_has_one_changed_scene_is_not_divided() {
    let (order, library, policy, told) = (order(), Library::default(), short_policy(), Told::default());
    let (parts, folder) = (Cupboard::default(), tempfile::tempdir().unwrap());
    filmed(input(), &parts).await;
    let at = context(&order, &library, &policy, folder.path(), &told, &parts);
    assert!(Render::default().divide(input(), &at, 8).await.unwrap().is_empty(), "all of it is there");
    let mut changed = input();
    changed.scenes.scenes[0].source_line = RichText::plain("Source: the World Bank");
    assert!(Render::default().divide(changed, &at, 8).await.unwrap().is_empty(), "one segment is no work for two");
    let refused = Render::default().part(input(), &at, "no share".into()).await.expect_err("not a share");
    assert!(refused.to_string().contains("hint:"), "{refused}");
}
