//! The research, script and final checklists: questions, each answered by the rules that look into it.

use proofreel_model::qa::{Aspect, Checklist, ChecklistItem, QaFinding, Recomputed};

use super::dossier::Findings;
use super::rules::Rule;

struct Question {
    checklist: Checklist,
    aspect: Aspect,
    text: &'static str,
    rules: &'static [Rule],
    /// Which count the note gives when all is well.
    count: Count,
}

#[derive(Clone, Copy)]
enum Count {
    Facts,
    Points,
    Texts,
    Citations,
    Nothing,
}

use Aspect::{Factuality, Logic, ViewerPerspective as Viewer};
use Checklist::{Final, Research, Script};

const QUESTIONS: [Question; 25] = [
    Question {
        checklist: Research,
        aspect: Factuality,
        text: "Does every fact come out of its source rows again?",
        rules: &[Rule::FactNotReproduced, Rule::FactRows],
        count: Count::Facts,
    },
    Question {
        checklist: Research,
        aspect: Factuality,
        text: "Are units, calendars and displays what series and formula give?",
        rules: &[
            Rule::FactUnit,
            Rule::SeasonCompared,
            Rule::FactDisplay,
            Rule::SeriesDescription,
            Rule::DataPointAltered,
        ],
        count: Count::Facts,
    },
    Question {
        checklist: Research,
        aspect: Factuality,
        text: "Is every claim carried by a source of tier 1 or 2, inside its window or flagged?",
        rules: &[
            Rule::ClaimWithoutSource,
            Rule::UnknownSource,
            Rule::UncorroboratedTier3,
            Rule::SourceRecord,
            Rule::StaleUnmarked,
        ],
        count: Count::Nothing,
    },
    Question {
        checklist: Research,
        aspect: Logic,
        text: "Does every finding make the point it claims, over the whole series?",
        rules: &[Rule::FindingUnproven, Rule::UnmatchedClaim, Rule::DuplicateId],
        count: Count::Nothing,
    },
    Question {
        checklist: Research,
        aspect: Logic,
        text: "Is the selected topic one of the scored candidates?",
        rules: &[Rule::TopicContext],
        count: Count::Nothing,
    },
    Question {
        checklist: Research,
        aspect: Viewer,
        text: "Can a viewer trace each source: title, address, licence?",
        rules: &[Rule::MissingGovernanceField, Rule::SourceTitle],
        count: Count::Nothing,
    },
    Question {
        checklist: Research,
        aspect: Viewer,
        text: "May a film that earns money use each source, and is credit given where it is owed?",
        rules: &[Rule::LicenceIncompatible, Rule::AttributionMissing],
        count: Count::Nothing,
    },
    Question {
        checklist: Script,
        aspect: Factuality,
        text: "Does every citation say exactly what its fact gives?",
        rules: &[Rule::CitationWording, Rule::UnknownFact, Rule::SeriesName, Rule::UnknownSubject, Rule::ChannelName],
        count: Count::Citations,
    },
    Question {
        checklist: Script,
        aspect: Factuality,
        text: "Is plain text free of numbers, dates and disguises?",
        rules: &[
            Rule::NumberWithoutFact,
            Rule::DateWithoutFact,
            Rule::HiddenCharacter,
            Rule::UnitTampered,
            Rule::HedgeWrong,
        ],
        count: Count::Texts,
    },
    Question {
        checklist: Script,
        aspect: Factuality,
        text: "Do directions, dates and series agree with the facts beside them?",
        rules: &[
            Rule::DirectionWrong,
            Rule::SignLost,
            Rule::DateMisplaced,
            Rule::EpisodeMisnamed,
            Rule::SeriesMisplaced,
            Rule::ValueMisplaced,
            Rule::PeriodUnproven,
            Rule::StaleAsCurrent,
        ],
        count: Count::Texts,
    },
    Question {
        checklist: Script,
        aspect: Logic,
        text: "Does every sentence stay with the claims of its scene?",
        rules: &[
            Rule::CitationOutsideClaim,
            Rule::ClaimOutsideScene,
            Rule::SuperlativeUnproven,
            Rule::SweepingUnproven,
            Rule::HoleUntold,
            Rule::GrowthBaseMissing,
            Rule::SceneMismatch,
            Rule::ThinEvidence,
        ],
        count: Count::Nothing,
    },
    Question {
        checklist: Script,
        aspect: Logic,
        text: "Is it free of unproven causes, of forecasts and of advice?",
        rules: &[Rule::CausalWording, Rule::CauseUnwarned, Rule::PredictionWording, Rule::AdviceWording],
        count: Count::Texts,
    },
    Question {
        checklist: Script,
        aspect: Logic,
        text: "Does nothing advise to buy or sell, accuse anybody, or speak as medicine?",
        rules: &[Rule::TradeAdvice, Rule::Accusation, Rule::MedicalClaim],
        count: Count::Texts,
    },
    Question {
        checklist: Script,
        aspect: Viewer,
        text: "Can each sentence be followed at the first hearing, and is what a card shows large also said?",
        rules: &[Rule::LongSentence, Rule::CrowdedSentence, Rule::HeavyScene, Rule::EmptyText, Rule::FigureUnsaid],
        count: Count::Nothing,
    },
    Question {
        checklist: Script,
        aspect: Viewer,
        text: "Do sentences open differently, and is the episode unlike the channel's recent ones?",
        rules: &[Rule::RepeatedOpening, Rule::Sameness],
        count: Count::Nothing,
    },
    Question {
        checklist: Script,
        aspect: Viewer,
        text: "Is the promise made in time?",
        rules: &[Rule::HookPromise],
        count: Count::Nothing,
    },
    Question {
        checklist: Final,
        aspect: Factuality,
        text: "Is every plotted point its source row?",
        rules: &[Rule::PointAltered, Rule::TraceShape, Rule::ChartUnit],
        count: Count::Points,
    },
    Question {
        checklist: Final,
        aspect: Factuality,
        text: "Is every bar, mark and figure its fact?",
        rules: &[Rule::BarValue, Rule::FigureWithoutFact, Rule::MarkMisplaced],
        count: Count::Nothing,
    },
    Question {
        checklist: Final,
        aspect: Factuality,
        text: "Is every picture what its kind promises: wholes whole, events dated, quotations letter for letter?",
        rules: &[Rule::PictureShape, Rule::QuoteAltered, Rule::EventMisdated],
        count: Count::Nothing,
    },
    Question {
        checklist: Final,
        aspect: Logic,
        text: "Hook first, then proof, insight and payoff, in unbroken time?",
        rules: &[Rule::NarrativeRoles, Rule::SceneTimes, Rule::SceneCount],
        count: Count::Nothing,
    },
    Question {
        checklist: Final,
        aspect: Logic,
        text: "Are artifacts whole, and their risk flags known and set where the subject calls for them?",
        rules: &[Rule::SchemaFailure, Rule::UnknownRiskFlag, Rule::RiskUnflagged],
        count: Count::Nothing,
    },
    Question {
        checklist: Final,
        aspect: Viewer,
        text: "Does each claim have its chart, and each picture its source?",
        rules: &[Rule::ClaimWithoutChart, Rule::EvidenceSources, Rule::SourceLine],
        count: Count::Nothing,
    },
    Question {
        checklist: Final,
        aspect: Viewer,
        text: "Do length and pace suit the channel?",
        rules: &[Rule::Runtime, Rule::Pace, Rule::LongScene],
        count: Count::Nothing,
    },
    Question {
        checklist: Final,
        aspect: Viewer,
        text: "Is there a reason to stay at each transition, no silence, and no scene that tells nothing new?",
        rules: &[Rule::DeadAir, Rule::RedundantScene, Rule::NoReasonToStay, Rule::LongStretch],
        count: Count::Nothing,
    },
    Question {
        checklist: Final,
        aspect: Viewer,
        text: "Is the packaging complete and legal: titles, thumbnails, description, chapters, disclosures?",
        rules: &[
            Rule::Titles,
            Rule::Thumbnails,
            Rule::Description,
            Rule::Tags,
            Rule::Chapters,
            Rule::MissingDisclosure,
            Rule::CaptionDiffers,
            Rule::MetadataDiffers,
            Rule::MediaFault,
        ],
        count: Count::Nothing,
    },
];

/// Answers every question. Each item comes with the breaches that failed it.
pub fn answer<'f>(findings: &'f Findings, recomputed: &[Recomputed]) -> Vec<(ChecklistItem, Vec<&'f QaFinding>)> {
    QUESTIONS
        .iter()
        .map(|question| {
            let broken: Vec<&QaFinding> = findings
                .all()
                .iter()
                .filter(|(rule, _)| question.rules.contains(rule))
                .map(|(_, finding)| finding)
                .collect();
            let note = match broken.as_slice() {
                [] => praise(question.count, findings, recomputed),
                [one] => format!("{} at {}", one.rule, place(one)),
                [first, rest @ ..] => format!("{} at {}, and {} more", first.rule, place(first), rest.len()),
            };
            let item = ChecklistItem {
                checklist: question.checklist,
                aspect: question.aspect,
                question: question.text.into(),
                passed: broken.is_empty(),
                note,
            };
            (item, broken)
        })
        .collect()
}

fn place(finding: &QaFinding) -> String {
    finding.scene_id.as_ref().map_or_else(|| finding.place.clone(), |scene| format!("{scene} {}", finding.place))
}

fn praise(count: Count, findings: &Findings, recomputed: &[Recomputed]) -> String {
    match count {
        Count::Facts => format!("{} facts recomputed", recomputed.len()),
        Count::Points => format!("{} points compared", findings.points),
        Count::Texts => format!("{} texts read", findings.texts),
        Count::Citations => format!("{} citations worded again", findings.citations),
        Count::Nothing => "nothing found".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_checklist_looks_at_each_aspect_and_no_rule_is_asked_twice() {
        let covered: BTreeSet<_> = QUESTIONS.iter().map(|question| (question.checklist, question.aspect)).collect();
        assert_eq!(covered.len(), 9);
        let rules: Vec<Rule> = QUESTIONS.iter().flat_map(|question| question.rules.iter().copied()).collect();
        let distinct: BTreeSet<Rule> = rules.iter().copied().collect();
        assert_eq!(rules.len(), distinct.len());
        assert_eq!(
            distinct.len(),
            Rule::ALL.len(),
            "{:?}",
            Rule::ALL.iter().filter(|rule| !distinct.contains(rule)).collect::<Vec<_>>()
        );
    }
}
