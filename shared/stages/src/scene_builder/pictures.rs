//! The picture of a claim: the chart that shows its point, over the stretch of time that the point is about.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_evidence::{Library, trace};
use proofreel_model::brief::KeyFact;
use proofreel_model::finding::FindingKind;
use proofreel_model::ids::{ClaimId, FactId};
use proofreel_model::series::{SeriesInfo, SeriesRef};
use proofreel_model::stock::Backing;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Trace, Visual};

use crate::Context;
use crate::prose::composer::stating;
use crate::prose::{Bound, Composer, Slot, Story, Wish, plans};
use crate::research::series_of;

use super::cards;
use super::moments::{Lit, as_long};
use super::outline::{Outline, Shot, Step};
use super::panels::{RANKED, share};
use super::parts::{around, bars, comparison, marked, marks, needs_log, short};
use super::stretches::{moves, ranges};

/// How many places in the order of pictures one costs for each time that its kind was seen, and for coming again at once.
const SEEN: usize = 3;
const AGAIN: usize = 100;
/// Words of a chart's heading.
const HEADING_WORDS: usize = 12;

/// Draws the scenes of an episode and remembers what it has drawn.
pub(super) struct Gallery<'a, 'c> {
    story: Story<'a>,
    context: &'a Context<'c>,
    /// Kind of picture and window of the scene before.
    last: Option<(&'static str, Option<(Date, Date)>)>,
    /// How often each kind of picture was drawn so far.
    seen: BTreeMap<&'static str, usize>,
    numbers: Vec<String>,
    /// Sentences of data packages that a picture has quoted.
    quoted: Vec<String>,
    /// The stock picture behind the title card.
    backing: Option<Backing>,
}

impl<'a, 'c> Gallery<'a, 'c> {
    pub(super) fn new(story: Story<'a>, context: &'a Context<'c>, backing: Option<Backing>) -> Self {
        Self { story, context, last: None, seen: BTreeMap::new(), numbers: Vec::new(), quoted: Vec::new(), backing }
    }

    /// The picture of a step; `None` when its series cannot be drawn at all.
    pub(super) fn picture(&mut self, step: &Step, outline: &Outline, composer: &mut Composer) -> Option<Visual> {
        let visual = match step.shot {
            Shot::Title => {
                let fall = self.fall(step.claims.get(..1).unwrap_or_default(), None);
                let behind = (self.backdrop(fall), self.backing.clone());
                cards::title(self.story, &told(outline), behind, composer, self.context)?
            }
            Shot::Chart => self.chart(step, composer)?,
            Shot::Insight => {
                let bound = self.story.joined(&step.claims)?;
                let backdrop = self.backdrop(None);
                let used = (&mut self.numbers, &outline.promised);
                match cards::insight(self.story, &bound, backdrop, used, self.context) {
                    Some(Visual::BigNumber { heading, figure, fact, context, backdrop }) => {
                        let fall = self.fall(&step.claims, Some(&fact));
                        let backdrop = match self.owner(&fact) {
                            // A number of another series stands over that series' own line.
                            Some(series) => self.trace(series, None, &[]),
                            None => fall.map_or(backdrop, |fall| self.backdrop(Some(fall))),
                        };
                        Visual::BigNumber { heading, figure, fact, context, backdrop }
                    }
                    Some(visual) => visual,
                    // Without a number that stands for the whole, the evidence is shown once more.
                    None => self.chart(step, composer)?,
                }
            }
            Shot::Payoff => {
                let promised = &outline.promised;
                let card = cards::payoff(self.story, &step.claims, promised, composer, self.context);
                card.or_else(|| self.chart(step, composer))?
            }
            Shot::End => {
                let claims: Vec<ClaimId> = outline.steps.iter().flat_map(|step| step.claims.iter().cloned()).collect();
                cards::end(self.story, &claims, self.context)
            }
        };
        if let Visual::Quote { quote, .. } = &visual {
            self.quoted.push(quote.text.clone());
        }
        self.last = Some((described(&visual), window(&visual)));
        *self.seen.entry(visual.kind()).or_default() += 1;
        Some(visual)
    }

    pub(super) fn story(&self) -> Story<'a> {
        self.story
    }

    pub(super) fn context(&self) -> &'a Context<'c> {
        self.context
    }

    pub(super) fn library(&self) -> &'a Library {
        self.context.library
    }

    fn chart(&self, step: &Step, composer: &mut Composer) -> Option<Visual> {
        let (claim, bound) = step.claims.iter().find_map(|id| self.story.claim(id))?;
        // A heading without a figure stands only where names leave no room for one.
        let (table, wish) = (plans::of(claim.finding.kind), Wish::of(Slot::Heading, HEADING_WORDS));
        let heading = composer
            .compose(&stating(table, &bound), &bound, wish)
            .or_else(|| composer.compose(table, &bound, wish))
            .map_or_else(|| RichText::plain(cards::chapter(claim.finding.kind)), |heading| heading.text);
        let options = self.options(claim, &bound, &heading);
        // A picture seen before has to show the point much better than a new one; two scenes in a row never show the same
        // kind over the same stretch, and no film quotes a sentence twice, while another picture will do.
        let quoted =
            |visual: &Visual| matches!(visual, Visual::Quote { quote, .. } if self.quoted.contains(&quote.text));
        let cost = |(place, visual): &(usize, Visual)| {
            let again = self.last.as_ref().is_some_and(|last| (described(visual), window(visual)) == *last);
            let again = again || quoted(visual);
            place + SEEN * self.seen.get(visual.kind()).copied().unwrap_or(0) + if again { AGAIN } else { 0 }
        };
        options.into_iter().enumerate().min_by_key(cost).map(|(_, visual)| visual)
    }

    /// Pictures that show a claim, the best first.
    #[allow(clippy::too_many_lines)] // one table: a kind of finding, its pictures
    fn options(&self, claim: &KeyFact, bound: &Bound<'_>, heading: &RichText) -> Vec<Visual> {
        use FindingKind as K;
        let whole = |roles: &[&str]| self.line(claim, bound, heading, roles, None);
        let near = |from: &str, to: &str, roles: &[&str]| {
            let window = around(bound, from, to)?;
            self.line(claim, bound, heading, roles, Some(window))
        };
        let beside = |left: &str, right: &str, delta: &str| comparison(bound, heading, left, right, delta);
        let timeline = |from: &str, to: &str, roles: &[&str]| self.timeline(claim, bound, heading, (from, to), roles);
        let words = |from: &str, to: &str, roles: &[&str]| {
            let window = around(bound, from, to)?;
            self.quote(claim, bound, heading, roles, Some(window))
        };
        let found = match claim.finding.kind {
            K::Level => vec![
                self.distribution(claim, bound, heading),
                self.quote(claim, bound, heading, &["latest"], None),
                whole(&["latest"]),
                beside("average", "latest", "gap"),
            ],
            K::YearOnYear => vec![
                self.columns(claim, bound, heading, ("year_ago", "latest"), Lit::Ends),
                near("year_ago", "latest", &["year_ago", "latest"]),
                words("year_ago", "latest", &["year_ago", "latest"]),
                beside("year_ago", "latest", "change"),
                whole(&["latest"]),
            ],
            K::LongRun => vec![
                self.reshuffle(claim, bound, heading, ["then", "latest"]),
                self.area(claim, bound, heading, &["then", "latest"], around(bound, "then", "latest")),
                near("then", "latest", &["then", "latest"]),
                words("then", "latest", &["then", "latest"]),
                beside("then", "latest", "change"),
                whole(&["latest"]),
            ],
            K::Record => vec![
                whole(&["latest", "previous"]),
                self.area(claim, bound, heading, &["latest", "previous"], None),
                timeline("previous", "latest", &["previous", "latest"]),
            ],
            K::RecordSince => vec![
                near("then", "latest", &["then", "latest"]),
                timeline("then", "latest", &["then", "latest"]),
                whole(&["then", "latest"]),
            ],
            K::OffPeak => vec![
                near("peak", "latest", &["peak", "latest"]),
                beside("peak", "latest", "drawdown"),
                whole(&["peak", "latest"]),
            ],
            K::WorstFall => vec![
                timeline("peak", "trough", &["peak", "trough"]),
                near("peak", "trough", &["peak", "trough"]),
                self.area(claim, bound, heading, &["peak", "trough"], around(bound, "peak", "trough")),
                whole(&["peak", "trough"]),
            ],
            K::Streak => vec![
                self.columns(claim, bound, heading, ("start", "end"), Lit::Between),
                near("start", "end", &["start", "end"]),
                whole(&["end"]),
            ],
            K::BiggestRise | K::BiggestDrop => vec![
                near("start", "end", &["start", "end"]),
                self.columns(claim, bound, heading, ("start", "end"), Lit::Between),
                bars(bound, heading, &["typical", "change"]),
                beside("start", "end", "change"),
                whole(&["end"]),
            ],
            K::Crossing => vec![self.pair(claim, bound, heading, &["crossing"]), whole(&["crossing"])],
            K::Versus => vec![
                self.pair(claim, bound, heading, &["first_latest", "second_latest"]),
                self.side_by_side(claim, bound, heading),
                bars(bound, heading, &["first_change", "second_change"]),
            ],
            // A line in money does not show what the money bought: it stands in only where bars cannot.
            K::RealVsNominal => {
                vec![
                    bars(bound, heading, &["nominal", "prices", "real"])
                        .or_else(|| near("then", "now", &["then", "now"])),
                ]
            }
            K::TurningPoint => vec![
                self.before_after(claim, bound, heading),
                near("before", "latest", &["before", "turn", "latest"]),
                whole(&["before", "turn", "latest"]),
            ],
            K::LeadLag => vec![
                self.pair(claim, bound, heading, &[]),
                bars(bound, heading, &["unlagged", "correlation"]),
                whole(&[]),
            ],
            K::EpisodesCompared => vec![
                bars(bound, heading, &["first_move", "second_move"])
                    .filter(|_| as_long(bound, "first_move", "second_move")),
                timeline("first_start", "second_end", &["first_start", "first_end", "second_start", "second_end"]),
                near("first_start", "second_end", &["first_start", "first_end", "second_start", "second_end"]),
                whole(&["first_end", "second_end"]),
            ],
            K::PanelShare => vec![
                share(bound, heading, &["share_then", "share_now"]),
                self.stacked(claim, heading),
                beside("share_then", "share_now", ""),
                bars(bound, heading, &["share_then", "share_now"]),
                whole(&["value_then", "value_now"]),
            ],
            K::PanelLeader => vec![
                self.dot_plot(claim, bound, heading, "leader"),
                bars(bound, heading, &["leader", "second"]),
                self.stacked(claim, heading),
                self.ranking(claim, heading),
            ],
            K::PanelClimb => {
                let mut found = vec![
                    self.ranking(claim, heading),
                    self.slope(claim, bound, heading, ["value_then", "value_now"]),
                    whole(&["value_then", "value_now"]),
                ];
                // Who began below the rows of a ranking comes into it from nowhere: a slope shows where that was.
                if bound.value("rank_then") > RANKED as f64 {
                    found.swap(0, 1);
                }
                found
            }
            K::PanelGrowth => vec![
                self.small_multiples(claim, heading),
                bars(bound, heading, &["fastest", "slowest"]),
                self.ranking(claim, heading),
            ],
        };
        let mut found: Vec<Visual> = found.into_iter().flatten().collect();
        if found.is_empty() {
            found.extend(whole(&[]));
        }
        found
    }

    pub(super) fn info(&self, series: &SeriesRef) -> Option<&'a SeriesInfo> {
        self.library().series(series).map(|series| &series.info)
    }

    /// A series as a line over a window, with the dates of `keep` kept when it is thinned.
    pub(super) fn trace(&self, series: &SeriesRef, window: Option<(Date, Date)>, keep: &[Date]) -> Option<Trace> {
        let info = self.info(series)?;
        let (from, to) = window.unzip();
        let points = trace(self.library(), series, from, to, self.context.policy.episode.trace_points, keep)?;
        (points.len() >= 2).then(|| Trace {
            series: series.clone(),
            label: RichText(vec![short(info)]),
            unit: info.unit.clone(),
            frequency: info.frequency,
            points,
        })
    }

    /// The faint line of the subject behind a card.
    fn backdrop(&self, window: Option<(Date, Date)>) -> Option<Trace> {
        self.trace(&self.story.subject()?.series, window, &[])
    }

    /// The series that a fact is about, where that is not the subject.
    fn owner(&self, fact: &FactId) -> Option<&'a SeriesRef> {
        let of = series_of(&self.story.brief.fact(fact)?.formula).first().copied()?;
        (self.story.subject()?.series != *of).then_some(of)
    }

    /// The stretch of the subject's deepest fall, where these claims tell it by this fact, if any: in a line of the whole
    /// record that has grown much since, nobody would see it.
    fn fall(&self, claims: &[ClaimId], told: Option<&FactId>) -> Option<(Date, Date)> {
        let subject = &self.story.subject()?.series;
        let (_, bound) = claims.iter().filter_map(|id| self.story.claim(id)).find(|(claim, _)| {
            let own = claim.finding.series.first() == Some(subject);
            let fact = claim.finding.roles.get("drawdown");
            own && claim.finding.kind == FindingKind::WorstFall && (told.is_none() || told == fact)
        })?;
        around(&bound, "peak", "trough")
    }

    pub(super) fn line(
        &self,
        claim: &KeyFact,
        bound: &Bound<'_>,
        heading: &RichText,
        roles: &[&str],
        window: Option<(Date, Date)>,
    ) -> Option<Visual> {
        let series = claim.finding.series.first()?;
        let marked = marked(bound, roles);
        let moves = moves(bound);
        let ends = moves.iter().flat_map(|(_, from, to)| [*from, *to]);
        let keep: Vec<Date> = marked.iter().map(|(_, date)| *date).chain(ends).collect();
        let trace = self.trace(series, window, &keep)?;
        let (marks, ranges) = (marks(&[&trace], &marked, bound), ranges(&[&trace], &moves));
        let log_scale = needs_log(&trace);
        Some(Visual::Line { heading: heading.clone(), traces: vec![trace], marks, log_scale, ranges })
    }

    /// Two lines of one unit on the dates they share.
    fn pair(&self, claim: &KeyFact, bound: &Bound<'_>, heading: &RichText, roles: &[&str]) -> Option<Visual> {
        let [first, second, ..] = claim.finding.series.as_slice() else { return None };
        let (a, b) = (self.info(first)?, self.info(second)?);
        if a.unit != b.unit {
            return None;
        }
        let window = (a.first.max(b.first), a.last.min(b.last));
        let marked = marked(bound, roles);
        let moves = moves(bound);
        let ends = moves.iter().flat_map(|(_, from, to)| [*from, *to]);
        let keep: Vec<Date> = marked.iter().map(|(_, date)| *date).chain(ends).collect();
        let traces = vec![self.trace(first, Some(window), &keep)?, self.trace(second, Some(window), &keep)?];
        let drawn: Vec<&Trace> = traces.iter().collect();
        let (marks, ranges) = (marks(&drawn, &marked, bound), ranges(&drawn, &moves));
        let log_scale = traces.iter().any(needs_log);
        Some(Visual::Line { heading: heading.clone(), traces, marks, log_scale, ranges })
    }
}

/// Claims told in proofs, which the promise may name.
fn told(outline: &Outline) -> Vec<ClaimId> {
    outline.steps.iter().filter(|step| step.shot == Shot::Chart).flat_map(|step| step.claims.iter().cloned()).collect()
}

/// Kind of a picture in words.
pub(super) fn described(visual: &Visual) -> &'static str {
    match visual {
        Visual::Title { picture: Some(_), .. } => "Title card with the promise over a darkened stock picture.",
        Visual::Title { .. } => "Title card with the promise over a faint line of the subject.",
        Visual::Line { traces, .. } if traces.len() > 1 => {
            "Lines on one axis, drawn as they are told, with labelled points."
        }
        Visual::Line { log_scale: true, .. } => {
            "A line on a logarithmic axis, drawn as it is told, with labelled points."
        }
        Visual::Line { .. } => "A line drawn as it is told, with labelled points.",
        Visual::Bars { .. } => "Bars of one unit, growing as they are named.",
        Visual::Area { traces, .. } if traces.len() > 1 => "Series stacked on each other, filled as they are told.",
        Visual::Area { .. } => "One series filled from zero, as it is told.",
        Visual::Columns { .. } => "Every observation of a stretch as a column, those spoken of lit.",
        Visual::Slope { .. } => "Members at two dates, joined by straight lines.",
        Visual::Share { .. } => "A part of a whole of a hundred cells, then and now.",
        Visual::Distribution { .. } => "Every observation as a dot over its value, the present one lit.",
        Visual::SmallMultiples { .. } => "A small chart for each series, beside each other.",
        Visual::DotPlot { .. } => "Members on one scale, each a dot on its own line.",
        Visual::Quote { .. } => "A sentence of the data package over the line it describes.",
        Visual::Timeline { .. } => "Named stretches of time shaded over the line.",
        Visual::BeforeAfter { .. } => "A line parted at a turn, with its move before and after.",
        Visual::Ranking { .. } => "A ranking that reorders itself from date to date.",
        Visual::Comparison { .. } => "Two values side by side, with what lies between.",
        Visual::BigNumber { .. } => "A single large number over a faint line.",
        Visual::Payoff { .. } => "What to keep, in short lines.",
        Visual::End { .. } => "Sources, disclosure and disclaimer.",
    }
}

fn window(visual: &Visual) -> Option<(Date, Date)> {
    // The faint lines behind cards show no stretch.
    let trace = visual.is_chart().then(|| visual.traces().first().copied())??;
    Some((trace.points.first()?.date, trace.points.last()?.date))
}
