//! `/runs/{run}/approve`, `/reject` and `/retract`: the forms of an episode's page.
//!
//! What may be decided is decided at the desk of `proofreel-publishing`; here a form becomes a question to it.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use proofreel_model::channel::Visibility;
use proofreel_model::stage::StageName;
use proofreel_operations::{governance, rejection};
use proofreel_pipeline::run_head;
use proofreel_publishing::{ApprovalWay, Candidate, PublishError, Terms};

use super::episode::RunPath;
use crate::Shared;
use crate::answer::{Fault, see_other};
use crate::form::Fields;
use crate::visitor::Signed;

/// The run as it is now, if it is the person's to see and still the film of their page.
async fn before_them(shared: &Shared, path: &RunPath, signed: &Signed) -> Result<Candidate, Fault> {
    let head = run_head(shared.office.records.as_ref(), &path.0).await?;
    signed.visitor.must_see(&head)?;
    let candidate = shared.office.deciding(&path.0).await?;
    let film = signed.fields.get("film");
    if candidate.film_digest.0 != film {
        return Err(PublishError::NotThat {
            run: path.0.clone(),
            why: "the film is another one than that of your page".into(),
            hint: "look at the page again: what you saw is not what would be decided about".into(),
        }
        .into());
    }
    Ok(candidate)
}

pub async fn approve(State(shared): State<Shared>, path: RunPath, signed: Signed) -> Result<Response, Fault> {
    let back = path.page();
    approved(&shared, &path, &signed).await.map_err(|fault| fault.back_to(&back))?;
    Ok(see_other(&format!("{back}#decision")))
}

async fn approved(shared: &Shared, path: &RunPath, signed: &Signed) -> Result<(), Fault> {
    let (visibility, publish_at) = (visibility(&signed.fields)?, time(&signed.fields)?);
    let candidate = before_them(shared, path, signed).await?;
    let terms = Terms {
        who: signed.visitor.who.clone(),
        at_the_machine: signed.visitor.at_the_machine,
        way: ApprovalWay::Console,
        code: signed.fields.get("film").to_owned(),
        visibility: Some(visibility),
        publish_at,
        override_reason: signed.fields.filled("override_reason").map(str::to_owned),
    };
    let word = governance::word(&shared.office, &candidate.channel).await?;
    shared.office.desk().approve(&candidate, &terms, &word).await?;
    Ok(())
}

pub async fn reject(State(shared): State<Shared>, path: RunPath, signed: Signed) -> Result<Response, Fault> {
    let back = path.page();
    rejected(&shared, &path, &signed).await.map_err(|fault| fault.back_to(&back))?;
    Ok(see_other(&format!("{back}#decision")))
}

async fn rejected(shared: &Shared, path: &RunPath, signed: &Signed) -> Result<(), Fault> {
    let stage: StageName = signed.fields.get("stage").parse().map_err(|_| Fault::Bad("There is no such stage."))?;
    let candidate = before_them(shared, path, signed).await?;
    let (visitor, words) = (&signed.visitor, signed.fields.get("reason"));
    let request = rejection::Request { who: &visitor.who, at_the_machine: visitor.at_the_machine, words, stage };
    rejection::reject(&shared.office, &shared.driver, &candidate, &request).await?;
    if let Some(works) = &shared.works {
        works.begin(&path.0, None);
    }
    Ok(())
}

pub async fn retract(State(shared): State<Shared>, path: RunPath, signed: Signed) -> Result<Response, Fault> {
    let back = path.page();
    retracted(&shared, &path, &signed).await.map_err(|fault| fault.back_to(&back))?;
    Ok(see_other(&format!("{back}#decision")))
}

async fn retracted(shared: &Shared, path: &RunPath, signed: &Signed) -> Result<(), Fault> {
    let head = run_head(shared.office.records.as_ref(), &path.0).await?;
    let visitor = &signed.visitor;
    visitor.must_see(&head)?;
    let candidate = shared.office.deciding(&path.0).await?;
    let reason = signed.fields.get("reason");
    let row = shared.office.desk().retract(&candidate, &visitor.who, visitor.at_the_machine, reason).await?;
    // Written; where nobody works behind the pages, the function that publishes is woken and hides it.
    if let Some(works) = shared.works.as_ref().filter(|_| row.retraction.is_some_and(|retraction| !retraction.done)) {
        works.withdraw(&path.0, &visitor.who);
    }
    Ok(())
}

fn visibility(fields: &Fields) -> Result<Visibility, Fault> {
    fields.get("visibility").parse().map_err(|_| Fault::Bad("Say who is to see the film: public, unlisted or private."))
}

/// `2026-12-01T16:00` as a browser's field gives it, UTC, or with its zone.
fn time(fields: &Fields) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = fields.filled("publish_at") else { return Ok(None) };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Some(at));
    }
    let civil = text.parse::<DateTime>().ok().and_then(|civil| civil.to_zoned(TimeZone::UTC).ok());
    civil.map(|zoned| Some(zoned.timestamp())).ok_or(Fault::Bad("Write the time like 2026-12-01T16:00 (UTC)."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_utc_unless_it_says_otherwise() {
        let read = |text: &str| time(&Fields::read(format!("publish_at={text}").as_bytes(), 4).unwrap()).ok().flatten();
        let at: Timestamp = "2026-12-01T16:00:00Z".parse().unwrap();
        assert_eq!(read("2026-12-01T16:00"), Some(at));
        assert_eq!(read("2026-12-01T17:00:00%2B01:00"), Some(at));
        assert_eq!(read(""), None);
        for bad in ["tomorrow", "2026-13-01T16:00", "99999-01-01T00:00", "2026-12-01T16:00Z[Evil/Zone"] {
            assert!(time(&Fields::read(format!("publish_at={bad}").as_bytes(), 4).unwrap()).is_err(), "{bad}");
        }
    }
}
