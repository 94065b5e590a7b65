//! Cards: title, insight, payoff, end.

use std::collections::BTreeSet;

use proofreel_model::display::{cite, screen_date};
use proofreel_model::finding::FindingKind;
use proofreel_model::ids::{ClaimId, FactId, SourceId};
use proofreel_model::stock::Backing;
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::visual::{Trace, Visual};

use super::stretches::style_of;
use crate::Context;
use crate::directives;
use crate::prose::composer::{citing, values};
use crate::prose::even::even;
use crate::prose::plans::{self, INSIGHT, NUMBER, NUMBER_IN_SHORT, TAKEAWAY, WATCH, promises};
use crate::prose::{Bound, Composer, Plan, Slot, Story, Wish, template};

/// A cited span.
pub(super) fn cited(bound: &Bound<'_>, role: &str, part: Part, style: Style) -> Option<Span> {
    let fact = bound.fact(role)?;
    Some(Span { text: cite(fact, part, style)?, cite: Some(Cite::Fact { fact: fact.id.clone(), part, style }) })
}

/// Words of a promise that fit the hook's seconds.
pub(super) fn promise_words(context: &Context<'_>) -> usize {
    (context.policy.episode.hook_seconds * context.words_per_minute() / 60.0).floor() as usize
}

/// The title card: the promise that the hook then speaks.
pub(super) fn title(
    story: Story<'_>,
    claims: &[ClaimId],
    (backdrop, picture): (Option<Trace>, Option<Backing>),
    composer: &mut Composer,
    context: &Context<'_>,
) -> Option<Visual> {
    let bound = story.joined(claims)?;
    let wish = Wish::of(Slot::Promise, promise_words(context));
    let plans = promises(story.brief.topic.angle);
    *composer = directives::another(composer, context, plans, &bound, wish);
    let heading =
        composer.compose(plans, &bound, wish).or_else(|| composer.compose(plans::PROMISE_PLAIN, &bound, wish))?.text;
    let kicker = RichText(vec![Span { text: context.order.channel.name.clone(), cite: Some(Cite::Channel) }]);
    // A picture takes the place of the line.
    let backdrop = backdrop.filter(|_| picture.is_none());
    Some(Visual::Title { kicker, heading, backdrop, picture })
}

/// The number that carries an insight, by what the claims offer; the strongest comparison comes first.
///
/// Where an episode tells of several series, numbers that compare them come before those of one, and the card says whose
/// number it is. Of one series, any other comes before one that the hook promised: the payoff gives that back. `used` are
/// the roles that earlier cards showed. `None` where no sentence could say any of the numbers.
pub(super) fn insight(
    story: Story<'_>,
    bound: &Bound<'_>,
    backdrop: Option<Trace>,
    (used, promised): (&mut Vec<String>, &BTreeSet<FactId>),
    context: &Context<'_>,
) -> Option<Visual> {
    const NUMBERS: [(&str, &str, &str, Style); 9] = [
        ("worst.drawdown", "The deepest fall in the record", "off.drawdown", Style::Screen),
        ("rise.typical", "A typical yearly move, up or down", "yoy.change", Style::Screen),
        ("drop.typical", "A typical yearly move, up or down", "yoy.change", Style::Screen),
        ("long.multiple", "From then to now", "long.then", Style::Screen),
        ("level.average", "The long average", "level.latest", Style::Screen),
        ("leader.ratio", "The top against the next in the table", "leader.leader", Style::Screen),
        ("growth.fastest", "Growth a year at the fast end", "growth.slowest", Style::Signed),
        ("versus.first_change", "The move over the years compared", "versus.second_change", Style::Signed),
        ("off.drawdown", "Below the peak", "off.peak", Style::Screen),
    ];
    let several = story.brief.topic.series.len() > 1;
    let mut numbers = NUMBERS;
    let is_promised = |role: &str| bound.fact(role).is_some_and(|fact| promised.contains(&fact.id));
    // Stable: beyond this the table's order holds.
    numbers.sort_by_key(|(role, ..)| {
        let compares = ["leader.", "versus.", "growth."].iter().any(|kind| role.starts_with(kind));
        (several && !compares, is_promised(role))
    });
    let composer = story.composer(context, "insight");
    let wish = Wish { named: several, ..Wish::of(Slot::Insight, directives::sentence_words(context)) };
    let said = |role: &str, plans: &[Plan]| {
        bound.fact(role).is_some_and(|fact| composer.propose(&citing(plans, bound, &fact.id), bound, wish).is_some())
    };
    let fits = |fresh: bool, sayable: &dyn Fn(&str) -> bool| {
        numbers
            .iter()
            .find(|(role, ..)| bound.has(role) && (!fresh || !used.iter().any(|other| other == role)) && sayable(role))
    };
    let compared = |role: &str| said(role, INSIGHT);
    let told = |role: &str| compared(role) || said(role, NUMBER) || said(role, NUMBER_IN_SHORT);
    // Of one series, a number that is set against another comes first; of several, one that compares them.
    let first = |fresh| if several { None } else { fits(fresh, &compared) };
    let other = |sayable: &dyn Fn(&str) -> bool| {
        if several { None } else { fits(true, &|role: &str| !is_promised(role) && sayable(role)) }
    };
    let choice = other(&compared).or_else(|| other(&told)).or_else(|| first(true)).or_else(|| fits(true, &told));
    let choice = choice.or_else(|| first(false)).or_else(|| fits(false, &told));
    let (role, heading, against, style) = choice?;
    used.push((*role).to_owned());
    let fact = bound.fact(role)?;
    let mut figure = RichText(vec![cited(bound, role, Part::Value, *style)?]);
    // The fast end of a table is seldom its subject.
    let owned = several || role.starts_with("growth.");
    let whose = if owned { whose(story, bound, role) } else { None };
    let heading = match whose {
        Some(name) => RichText(vec![name, Span { text: format!(": {}", lowered(heading)), cite: None }]),
        None => RichText::plain(*heading),
    };
    let mut context = context_line(story, bound, role, against);
    even(figure.0.iter_mut().chain(&mut context.0), bound);
    Some(Visual::BigNumber { heading, figure, fact: fact.id.clone(), context, backdrop })
}

/// The name of the series whose fact a role is.
fn whose(story: Story<'_>, bound: &Bound<'_>, role: &str) -> Option<Span> {
    let of = crate::research::series_of(&bound.fact(role)?.formula).first().copied()?;
    let info = story.brief.topic.series.iter().chain(&story.brief.series).find(|info| info.series == *of)?;
    let name = if of.filter.is_empty() { &info.name.short } else { &info.name.subject };
    let name = name.chars().next().map(|first| first.to_uppercase().chain(name.chars().skip(1)).collect())?;
    Some(Span { text: name, cite: Some(Cite::Series { series: of.clone() }) })
}

fn lowered(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// What the number is held against; where the evidence has nothing, the dates that it stands between.
fn context_line(story: Story<'_>, bound: &Bound<'_>, shown: &str, role: &str) -> RichText {
    let before = match role {
        "off.drawdown" => "Latest reading, from the peak: ",
        "yoy.change" => "The latest year: ",
        "level.latest" => "Latest reading: ",
        "long.then" => "From a start of ",
        "leader.leader" => "At the top: ",
        "versus.second_change" => ": ",
        "growth.slowest" => ", at the slow end: ",
        _ => "The peak: ",
    };
    let style = bound.fact(role).map_or(Style::Screen, style_of);
    match cited(bound, role, Part::Value, style) {
        Some(span) if matches!(role, "versus.second_change" | "growth.slowest") => {
            let name = whose(story, bound, role).unwrap_or(Span { text: "Beside it".into(), cite: None });
            RichText(vec![name, Span { text: before.to_owned(), cite: None }, span])
        }
        Some(span) => RichText(vec![Span { text: before.to_owned(), cite: None }, span]),
        None => dated(bound, shown).unwrap_or_else(|| RichText::plain("By the whole record")),
    }
}

/// `From June 1920 to June 1933`: the dates of a number's own fact.
fn dated(bound: &Bound<'_>, role: &str) -> Option<RichText> {
    let plain = |text: &str| Span { text: text.into(), cite: None };
    let from = cited(bound, role, Part::From, Style::Screen)?;
    let to = cited(bound, role, Part::To, Style::Screen)?;
    (from.text != to.text).then(|| RichText(vec![plain("From "), from, plain(" to "), to]))
}

/// What tells whether a line may stand on a card.
type Fits<'a> = &'a dyn Fn(&RichText) -> bool;

/// What to keep: two or three lines, of what the payoff is likely to say. The script tells what is left of them, so that a
/// line that nobody tells stands on no card; lines that are wholly told come first, and a third is always one of these.
pub(super) fn payoff(
    story: Story<'_>,
    claims: &[ClaimId],
    promised: &BTreeSet<FactId>,
    composer: &mut Composer,
    context: &Context<'_>,
) -> Option<Visual> {
    let joined = story.joined(claims)?;
    let several = story.brief.topic.series.len() > 1;
    let wish =
        Wish { kept: Some(promised), named: several, ..Wish::of(Slot::Takeaway, directives::sentence_words(context)) };
    let mut teller = story.composer(context, "payoff");
    let mut said: BTreeSet<FactId> = BTreeSet::new();
    for (plans, slot) in [(TAKEAWAY, Slot::Takeaway), (WATCH, Slot::Watch)] {
        let sentence = teller.compose(plans, &joined, Wish { slot, ..wish });
        said.extend(sentence.iter().flat_map(|composed| composed.text.facts()).cloned());
    }
    let whole = |card: &RichText| card.facts().all(|fact| said.contains(fact));
    let mostly = |card: &RichText| card_figure(card).iter().any(|fact| said.contains(fact));
    let passes: [(usize, Fits<'_>); 3] = [(3, &whole), (2, &mostly), (2, &|_| true)];
    let mut points: Vec<(&ClaimId, RichText)> = Vec::new();
    for (most, fits) in passes {
        for id in claims {
            let Some((claim, bound)) = story.claim(id).filter(|_| points.len() < most) else { continue };
            if points.iter().any(|(told, _)| *told == id) {
                continue;
            }
            let fitting = |plan: &&Plan| template::fill(plan.text, &bound).is_some_and(|card| fits(&card));
            let plans: Vec<Plan> = plans::of(claim.finding.kind).iter().filter(fitting).copied().collect();
            let card = composer.compose(&plans, &bound, Wish::of(Slot::Card, 12));
            points.extend(card.map(|card| (id, card.text)));
        }
    }
    let mut points: Vec<RichText> = points.into_iter().map(|(_, text)| text).collect();
    if points.len() == 1 {
        let sources: BTreeSet<SourceId> = claims.iter().flat_map(|claim| story.sources_of(claim)).collect();
        let words = if sources.len() == 1 { "The source is linked below" } else { "The sources are linked below" };
        points.push(RichText::plain(words));
    }
    (!points.is_empty()).then(|| Visual::Payoff { heading: RichText::plain("What to keep"), points })
}

/// The figure that a line of the payoff is there for; of one without figures, all that it speaks of.
pub(crate) fn card_figure(line: &RichText) -> BTreeSet<FactId> {
    values(line).next().map_or_else(|| line.facts().cloned().collect(), |fact| BTreeSet::from([fact.clone()]))
}

/// The end card: sources of what is `told`, with their dates, disclosure and disclaimer.
pub(super) fn end(story: Story<'_>, told: &[ClaimId], context: &Context<'_>) -> Visual {
    let used: BTreeSet<SourceId> = told.iter().flat_map(|claim| story.sources_of(claim)).collect();
    let sources = story
        .brief
        .sources
        .iter()
        .filter(|source| used.contains(&source.source_id))
        .map(|source| {
            let mut spans = vec![Span {
                text: source.title.clone(),
                cite: Some(Cite::Source { source: source.source_id.clone() }),
            }];
            // The newest fact of the package dates its line.
            let newest = story.brief.facts.iter().find(|fact| {
                let (_, _, to) = proofreel_model::display::dates(&fact.formula);
                to == Some(source.as_of_date)
                    && crate::research::series_of(&fact.formula)
                        .iter()
                        .any(|series| crate::research::credits(source, series, context))
            });
            if let Some(fact) = newest {
                spans.push(Span { text: ", figures to ".into(), cite: None });
                let text = screen_date(source.as_of_date, fact.frequency);
                let cite = Cite::Fact { fact: fact.id.clone(), part: Part::To, style: Style::Screen };
                spans.push(Span { text, cite: Some(cite) });
            }
            RichText(spans)
        })
        .collect();
    let house = &context.order.channel.governance;
    Visual::End {
        heading: RichText::plain("Sources"),
        sources,
        small_print: vec![house.ai_disclosure.clone(), house.disclaimer.clone()],
    }
}

/// Short name of a chapter or card about a kind.
pub(crate) fn chapter(kind: FindingKind) -> &'static str {
    use FindingKind as K;
    match kind {
        K::Level => "Where it stands",
        K::YearOnYear => "The latest year",
        K::LongRun => "Then and now",
        K::Record => "The record",
        K::RecordSince => "How rare it is",
        K::OffPeak => "From the peak",
        K::WorstFall => "The deepest fall",
        K::Streak => "A long run of moves",
        K::BiggestRise => "The biggest rise",
        K::BiggestDrop => "The biggest drop",
        K::Crossing => "The crossing",
        K::Versus => "Side by side",
        K::RealVsNominal => "After inflation",
        K::TurningPoint => "The last turn",
        K::LeadLag => "Early and late",
        K::EpisodesCompared => "Crises compared",
        K::PanelShare => "The leading share",
        K::PanelLeader => "The top of the table",
        K::PanelClimb => "The climbers",
        K::PanelGrowth => "Fast and slow",
    }
}
