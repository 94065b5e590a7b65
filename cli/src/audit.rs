//! What `qa` and `verify` share: many folders, each judged on its own, packages read once.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::fact::series_of;
use proofreel_model::order::Order;
use proofreel_stages::qa::ground::Ground;

use crate::args::{AuditArgs, Global};
use crate::exit::{Class, Failure};
use crate::folder::{self, Folder};
use crate::shelf::{Loaded, Shelf};

/// One folder with all that judging it needs.
pub struct Case<'a> {
    pub path: &'a Path,
    pub folder: Folder,
    pub order: &'a Order,
    pub loaded: &'a Loaded,
    pub ground: &'a Ground<'a>,
}

/// The answer about each folder, in the order given.
pub type Answers<T> = Vec<(PathBuf, Result<T, Failure>)>;

/// Answers about every folder; what is wrong with one stops none of the others.
pub fn each<T: Send>(
    global: &Global,
    args: &AuditArgs,
    answer: impl Fn(&Case<'_>) -> Result<T, Failure> + Sync,
) -> Result<Answers<T>, Failure> {
    let shelf = Shelf::open(&args.sources, &global.state)?;
    let mut answers: Vec<Option<Result<T, Failure>>> = args.folders.iter().map(|_| None).collect();
    // Folders of the same packages go together, so that each set of packages is read once.
    let mut groups: BTreeMap<Digest, (Order, Vec<(usize, Order)>)> = BTreeMap::new();
    for (n, path) in args.folders.iter().enumerate() {
        match folder::order(path) {
            Ok(order) => {
                let bytes =
                    canonical_json(&order.packages).map_err(|error| anyhow::anyhow!("order as JSON: {error}"))?;
                groups.entry(Digest::of(&bytes)).or_insert_with(|| (order.clone(), Vec::new())).1.push((n, order));
            }
            Err(failure) => answers[n] = Some(Err(failure)),
        }
    }
    for (first, members) in groups.into_values() {
        let loaded = shelf.load(&first);
        let ground = Ground::new(&loaded.packages);
        let done = Mutex::new(Vec::with_capacity(members.len()));
        let next = AtomicUsize::new(0);
        let hands = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(members.len());
        std::thread::scope(|scope| {
            for _ in 0..hands {
                scope.spawn(|| {
                    while let Some((n, order)) = members.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let ask = || one(&args.folders[*n], order, &loaded, &ground, &answer);
                        // Whatever a hostile folder breaks, the others are still judged.
                        let result = catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| Err(broken()));
                        done.lock().unwrap_or_else(PoisonError::into_inner).push((*n, result));
                    }
                });
            }
        });
        for (n, result) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
            answers[n] = Some(result);
        }
    }
    let unanswered = || Err(Failure::new(Class::Unexpected, "it was not judged"));
    Ok(args.folders.iter().cloned().zip(answers.into_iter().map(|answer| answer.unwrap_or_else(unanswered))).collect())
}

fn broken() -> Failure {
    Failure::new(
        Class::Unexpected,
        "the program broke on this folder\n  hint: please report it with the folder's JSON files",
    )
}

fn one<T>(
    path: &Path,
    order: &Order,
    loaded: &Loaded,
    ground: &Ground<'_>,
    answer: &impl Fn(&Case<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut folder = folder::read(path)?;
    folder.published.foreign.clone_from(&loaded.foreign);
    loaded.holds(&datasets(&folder))?;
    answer(&Case { path, folder, order, loaded, ground })
}

/// The data packages that an episode rests on.
fn datasets(folder: &Folder) -> BTreeSet<String> {
    let Ok(brief) = &folder.input.brief.typed else { return BTreeSet::new() };
    let read = brief.facts.iter().flat_map(|fact| series_of(&fact.formula)).map(|series| series.dataset.clone());
    read.chain(brief.sources.iter().map(|source| source.dataset.clone())).collect()
}

/// The exit code of many answers: bad input before a refusal.
pub fn exit<T>(answers: &Answers<T>, good: impl Fn(&T) -> bool) -> ExitCode {
    let worst = answers.iter().find_map(|(_, answer)| answer.as_ref().err()).map(|failure| failure.class);
    let refused = answers.iter().any(|(_, answer)| answer.as_ref().is_ok_and(|answer| !good(answer)));
    match worst.or(refused.then_some(Class::Refused)) {
        Some(class) => ExitCode::from(class as u8),
        None => ExitCode::SUCCESS,
    }
}
