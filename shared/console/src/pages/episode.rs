//! `/runs/{run}`: an episode, everything that a decision about it needs.

use askama::Template;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use proofreel_model::brief::ResearchBrief;
use proofreel_model::channel::{ChannelProfile, Visibility};
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::policy::publishing::law;
use proofreel_model::records::{PipelineRun, RunHead, RunState, RunStatus};
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_model::wish;
use proofreel_operations::{Office, correction, edit, governance};
use proofreel_pipeline::{load_packages, run_head, run_rows};
use proofreel_publishing::audit::{self, Link};
use proofreel_publishing::{Publication, PublishState, Rejection, Role};

use super::work::{UnderWay, under_way};
use crate::Shared;
use crate::answer::{Fault, Frame, page};
use crate::compare::{self, Line};
use crate::review::{EpisodeParts, Page, build, words};
use crate::visitor::Visitor;

/// Newest links of the audit chain that are looked through.
const LINKS: usize = 200;

/// True for what a run or a channel may be called: everything else is not there, whatever it says.
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The run that an address names.
pub struct RunPath(pub RunId);

impl RunPath {
    /// Address of its page.
    pub fn page(&self) -> String {
        format!("/runs/{}", self.0)
    }
}

impl FromRequestParts<Shared> for RunPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        let path = Path::<String>::from_request_parts(parts, shared).await.map_err(|_| Fault::NotFound)?.0;
        if is_id(&path) { Ok(Self(RunId(path))) } else { Err(Fault::NotFound) }
    }
}

/// The file of a run that an address names.
pub struct FilePath {
    /// The run.
    pub run: RunId,
    /// The file's name.
    pub name: String,
}

impl FromRequestParts<Shared> for FilePath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        let path = Path::<(String, String)>::from_request_parts(parts, shared).await.map_err(|_| Fault::NotFound)?;
        let (run, name) = path.0;
        if is_id(&run) { Ok(Self { run: RunId(run), name }) } else { Err(Fault::NotFound) }
    }
}

#[derive(Template)]
#[template(path = "episode.html")]
struct Episode {
    frame: Frame,
    run: String,
    channel: String,
    /// Address of the film's files.
    files: String,
    e: Page,
    state: (String, &'static str),
    way: Option<UnderWay>,
    picks: Option<Picks>,
    held: Vec<String>,
    publication: Option<Told>,
    form: Form,
    governance: Option<String>,
    decisions: Vec<(String, String, String, String)>,
    attempts: Vec<Attempt>,
    thumbnails: Vec<Thumbnail>,
    metadata: Option<Card>,
    diff: Vec<Line>,
    compared: bool,
}

/// Variants of title and thumbnail, for whoever may let another one lead.
struct Picks {
    base: String,
    titles: Vec<String>,
    /// Design, words, and the picture where there is a film.
    thumbnails: Vec<(String, String, Option<String>)>,
}

/// What was decided.
struct Told {
    approved: Option<String>,
    void: Option<&'static str>,
    rejected: Option<String>,
    /// What the stage at fault makes of the reason.
    understood: Vec<String>,
    problem: Option<String>,
    address: Option<String>,
    /// What happens next, and who does it.
    next: Option<String>,
    /// The comment to pin, once there is a film to pin it under.
    pin: Option<String>,
    retracted: Option<String>,
    /// What to post where a film was announced that was taken back.
    correction: Option<String>,
}

/// What the person may do.
#[expect(clippy::struct_excessive_bools, reason = "the template asks for each by its name")]
struct Form {
    film: Option<String>,
    code: String,
    approve: bool,
    reject: bool,
    edit: bool,
    retract: bool,
    /// Why there is no form.
    why_not: String,
    /// What approving is called: once it is approved, only other terms are left to say.
    heading: &'static str,
    visibility: Visibility,
    visibilities: [Visibility; 3],
    stages: [StageName; 7],
}

/// An attempt of a stage on the timeline.
struct Attempt {
    stage: String,
    visit: u32,
    attempt: u32,
    status: &'static str,
    mood: &'static str,
    outcome: String,
    note: String,
    time: String,
    tokens: u64,
    cost: String,
    cache: u32,
    /// Where its bar begins and how long it is, of 100.
    bar: (String, String),
}

/// A thumbnail in both sizes.
struct Thumbnail {
    name: String,
    file: String,
}

/// What is published beside the video, with its limits.
struct Card {
    title: String,
    title_count: String,
    variants: Vec<String>,
    description: String,
    description_count: String,
    tags: Vec<String>,
    tags_count: String,
    chapters: Vec<String>,
    pinned: String,
}

pub async fn show(State(shared): State<Shared>, visitor: Visitor, path: RunPath) -> Result<Response, Fault> {
    let office = &shared.office;
    let head = run_head(office.records.as_ref(), &path.0).await?;
    visitor.must_see(&head)?;
    let order = office.order(&head).await?;
    let profile = office.channels.current(&order).await?;
    let publication = office.ledger().of(&head.channel, &head.run_id).await?;
    let episode = laid_out(&shared, &visitor, &head, &order, &profile, publication.as_ref()).await?;
    Ok(page(StatusCode::OK, &episode))
}

async fn laid_out(
    shared: &Shared,
    visitor: &Visitor,
    head: &RunHead,
    order: &Order,
    profile: &ChannelProfile,
    publication: Option<&Publication>,
) -> Result<Episode, Fault> {
    let office = &shared.office;
    let records = office.records.as_ref();
    let rows = run_rows(records, &head.run_id).await?;
    let brief: Option<ResearchBrief> = office.read_made(head, StageName::Research).await?;
    // Of all packages that the planner could choose from, those whose rows are shown.
    let mut packages = order.packages.clone();
    packages
        .retain(|package| brief.iter().flat_map(|brief| &brief.sources).any(|source| source.dataset == package.name));
    let packages = load_packages(office.blobs.as_ref(), &packages).await?;
    let scenes = office.read_made(head, StageName::SceneBuilder).await?;
    let script: Option<Script> = office.read_made(head, StageName::Script).await?;
    let qa = office.read_made(head, StageName::Qa).await?;
    let film: Option<Film> = office.read_made(head, StageName::Render).await?;
    let parts = EpisodeParts {
        run: &head.run_id,
        order,
        packages: &packages,
        rows: &rows,
        brief: brief.as_ref(),
        scenes: scenes.as_ref(),
        script: script.as_ref(),
        qa: qa.as_ref(),
        film: film.as_ref(),
    };
    let before = match &script {
        Some(_) => script_before(office, head, &rows).await?,
        None => None,
    };
    let diff = before.iter().zip(&script).flat_map(|(before, after)| compare::compare(before, after)).collect();
    let links = audit::newest(records, head.run_id.as_str(), LINKS).await?;
    let files = format!("/runs/{}/files/", head.run_id);
    let form = form(visitor, head, profile, publication);
    let picks = if form.edit && script.is_some() { picks(office, head, film.as_ref(), &files).await? } else { None };
    Ok(Episode {
        frame: Frame::of(visitor, "runs"),
        way: under_way(shared, visitor, head, profile),
        picks,
        run: head.run_id.to_string(),
        channel: head.channel.to_string(),
        e: build(&parts, None, None),
        state: super::state(head, publication),
        held: held(head),
        publication: publication.map(|row| told(shared, head, film.as_ref(), row)),
        form,
        governance: governance::word(office, profile).await?.objection(),
        decisions: links.iter().map(decision).collect(),
        attempts: attempts(&rows),
        thumbnails: thumbnails(film.as_ref(), &files),
        metadata: film.as_ref().map(card),
        compared: before.is_some(),
        diff,
        files,
    })
}

/// What may lead instead; nothing while the words cannot be changed, or where there is nothing to choose.
async fn picks(office: &Office, head: &RunHead, film: Option<&Film>, files: &str) -> Result<Option<Picks>, Fault> {
    let form = edit::form(office, &head.run_id).await?;
    if form.open.is_err() || form.titles.len() < 2 && form.thumbnails.len() < 2 {
        return Ok(None);
    }
    let pictures = thumbnails(film, files);
    // Pictures lie in the order of the script's variants, once the film was made of this very script.
    let same = pictures.len() == form.thumbnails.len();
    let thumbnails = form.thumbnails.iter().enumerate().map(|(n, (design, words))| {
        let picture = pictures.get(n).filter(|_| same).map(|picture| picture.file.clone());
        (design.to_string(), words.clone(), picture)
    });
    Ok(Some(Picks { base: form.base().to_owned(), titles: form.titles.clone(), thumbnails: thumbnails.collect() }))
}

/// The script of the attempt before, where there was another one.
async fn script_before(office: &Office, head: &RunHead, rows: &[PipelineRun]) -> Result<Option<Script>, Fault> {
    let Some(now) = head.artifacts.get(&StageName::Script) else { return Ok(None) };
    let made = rows.iter().rev().filter(|row| row.stage == StageName::Script && row.status == RunStatus::Success);
    let Some(before) = made.filter_map(|row| row.output_refs.first()).find(|blob| blob.digest != now.digest) else {
        return Ok(None);
    };
    // An attempt of an earlier version may not be readable; then there is nothing to compare.
    Ok(serde_json::from_slice(&office.blobs.fetch(before).await?).ok())
}

fn held(head: &RunHead) -> Vec<String> {
    match &head.state {
        RunState::Held { reason, .. } => vec![reason.clone()],
        RunState::Rejected { reasons, .. } => reasons.clone(),
        RunState::Failed { error, .. } => vec![error.clone()],
        _ => Vec::new(),
    }
}

fn at(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// What follows from where a publication is.
fn next(shared: &Shared, row: &Publication) -> Option<String> {
    let here = shared.works.is_some();
    match row.state {
        PublishState::Approved if here => {
            Some(format!("Publish it where Proofreel runs: proofreel publish {}", row.run))
        }
        PublishState::Approved => Some("The function that publishes has it within a minute or two.".into()),
        PublishState::Publishing if here => {
            Some(format!("Under way. Should it stand still: proofreel publish {}", row.run))
        }
        PublishState::Publishing => Some("The function that publishes is at it, and goes on by itself.".into()),
        PublishState::Failed if !row.has_begun() => {
            Some("Nothing is at the host. Mend the cause, edit the words or reject it; approve it anew.".into())
        }
        _ => None,
    }
}

fn told(shared: &Shared, head: &RunHead, made: Option<&Film>, row: &Publication) -> Told {
    let office = &shared.office;
    let film = head.artifacts.get(&StageName::Render).map(|blob| &blob.digest);
    let approval = row.approval.as_ref();
    let void = approval.and_then(|approval| {
        if film != Some(&approval.film) {
            Some("The film has changed since: this approval is void.")
        } else if !row.has_begun() && approval.expires_at <= office.clock.now() {
            Some("It was not used in time: this approval is void.")
        } else {
            None
        }
    });
    Told {
        approved: approval.map(|approval| {
            let when = approval.publish_at.map_or_else(|| "at once".into(), |time| format!("from {}", at(time)));
            let over = approval.override_reason.as_ref().map(|why| format!(", overriding governance: {why}"));
            format!(
                "{} approved film {} on {}, to be {} {when}{}. Holds until {}.",
                approval.by,
                approval.film.short(),
                at(approval.at),
                approval.visibility,
                over.unwrap_or_default(),
                at(approval.expires_at)
            )
        }),
        void,
        rejected: row.rejection.as_ref().map(|rejection| {
            format!(
                "{} sent film {} back to {} on {}: {}",
                rejection.by,
                rejection.film.short(),
                rejection.stage,
                at(rejection.at),
                rejection.reason
            )
        }),
        understood: row.rejection.iter().flat_map(understood).collect(),
        problem: row.problem.clone(),
        address: row.address.clone().filter(|address| address.starts_with("https://")),
        next: next(shared, row),
        pin: made
            .filter(|_| row.state == PublishState::Published)
            .map(|film| film.metadata.pinned_comment.clone())
            .filter(|comment| !comment.is_empty()),
        retracted: row.retraction.as_ref().map(|back| {
            let how = if back.done { "It is private now." } else { "It is being hidden; look again in a minute." };
            format!("{} took it back on {}: {} {how}", back.by, at(back.at), back.reason)
        }),
        correction: made.and_then(|film| correction::text(&film.metadata.title, row)),
    }
}

/// What becomes of a rejection's sentence, and what to do where nothing does.
fn understood(rejection: &Rejection) -> Vec<String> {
    wish::told(&rejection.reason, rejection.stage).split("\n  hint: ").map(str::to_owned).collect()
}

fn form(visitor: &Visitor, head: &RunHead, profile: &ChannelProfile, row: Option<&Publication>) -> Form {
    let film = head.artifacts.get(&StageName::Render).map(|blob| blob.digest.clone());
    let may = visitor.roles(profile).contains(&Role::Approver);
    let operator = visitor.roles(profile).contains(&Role::Operator);
    let ready = film.is_some() && head.state == RunState::Done && !head.draft;
    let begun = row.is_some_and(Publication::has_begun);
    let same = row.is_some_and(|row| Some(&row.film) == film.as_ref());
    let rejected = same && row.is_some_and(|row| row.state == PublishState::Rejected);
    let why_not = if head.draft {
        "A draft is for reading: it is never approved.".to_owned()
    } else if !ready {
        "There is nothing to decide before the film is finished.".to_owned()
    } else if begun {
        String::new()
    } else if !may {
        let names = &profile.publishing.approvers;
        if names.is_empty() {
            "You may look. The channel's file names nobody who may approve from here.".to_owned()
        } else {
            format!("You may look. Who may approve: {}.", names.join(", "))
        }
    } else if rejected {
        "This very film was rejected; another one may be approved.".to_owned()
    } else {
        String::new()
    };
    let open = may && ready && !begun;
    let approved = row.filter(|_| same).and_then(|row| row.approval.as_ref());
    Form {
        code: film.as_ref().map(|film| film.0[..law().approval.code_digits].to_owned()).unwrap_or_default(),
        film: film.map(|film| film.0),
        approve: open && !rejected,
        // One that was rejected and is finished all the same was made again as it was, or never went back: it is sent back once more.
        reject: open,
        edit: !begun && !head.draft && operator,
        retract: operator && row.is_some_and(|row| row.step.video().is_some() && row.retraction.is_none()),
        why_not,
        heading: if approved.is_some() { "Approve on other terms" } else { "Approve" },
        visibility: approved.map_or(profile.publishing.visibility, |approval| approval.visibility),
        visibilities: [Visibility::Public, Visibility::Unlisted, Visibility::Private],
        stages: StageName::CHAIN,
    }
}

fn decision(link: &Link) -> (String, String, String, String) {
    (
        link.number.to_string(),
        at(link.at),
        format!("{} by {}", link.deed.what, link.deed.who),
        link.digest.short().into(),
    )
}

fn attempts(rows: &[PipelineRun]) -> Vec<Attempt> {
    let whole = rows.iter().map(|row| row.metrics.latency_ms).sum::<u64>().max(1) as f64;
    let mut before = 0;
    let mut attempts = Vec::new();
    for row in rows {
        let begin = before as f64 / whole * 100.0;
        // A bar that nobody can see says nothing.
        let long = (row.metrics.latency_ms as f64 / whole * 100.0).max(0.6);
        before += row.metrics.latency_ms;
        attempts.push(Attempt {
            stage: row.part.map_or_else(|| row.stage.to_string(), |part| format!("{} part {part}", row.stage)),
            visit: row.visit,
            attempt: row.attempts,
            status: words::status(row.status),
            mood: match row.status {
                RunStatus::Success => "good",
                RunStatus::Failure => "bad",
                RunStatus::Retry => "warn",
                RunStatus::Skipped => "",
            },
            outcome: row.outcome.clone(),
            note: row.error_summary.clone().or_else(|| row.note.clone()).unwrap_or_default(),
            time: words::duration(row.metrics.latency_ms),
            tokens: row.metrics.tokens,
            cost: format!("${:.4}", row.metrics.cost_usd),
            cache: row.metrics.cache_hit,
            bar: (format!("{:.2}", begin.min(99.4)), format!("{long:.2}")),
        });
    }
    attempts
}

fn thumbnails(film: Option<&Film>, files: &str) -> Vec<Thumbnail> {
    let all = film.into_iter().flat_map(|film| &film.files).filter(|file| file.name.starts_with("thumbnail"));
    all.map(|file| Thumbnail { name: file.name.clone(), file: format!("{files}{}", file.name) }).collect()
}

fn card(film: &Film) -> Card {
    let (metadata, law) = (&film.metadata, &law().youtube);
    // As the host counts: a comma between, and quotation marks around a tag of several words.
    let tags: usize = metadata.tags.iter().map(|tag| tag.chars().count() + if tag.contains(' ') { 2 } else { 0 }).sum();
    let tags = tags + metadata.tags.len().saturating_sub(1);
    Card {
        title: metadata.title.clone(),
        title_count: format!("{} of {} characters", metadata.title.chars().count(), law.title_characters),
        variants: metadata.title_variants.clone(),
        description: metadata.description.clone(),
        description_count: format!("{} of {} bytes", metadata.description.len(), law.description_bytes),
        tags: metadata.tags.clone(),
        tags_count: format!("{tags} of {} characters", law.tags_characters),
        chapters: metadata.chapters.clone(),
        pinned: metadata.pinned_comment.clone(),
    }
}
