//! Numbers said and shown, each with its fact; digits that none accounts for.

use proofreel_model::display;
use proofreel_model::fact::Fact;
use proofreel_model::series::SeriesRef;
use proofreel_model::text::{Cite, Part, RichText, Style};
use proofreel_model::visual::{Bar, TracePoint, Visual};
use proofreel_stages::qa::recomputation::close;

use super::{Audit, Drawn, Number, Parts, Unproven};

/// Every text of the script and of the pictures.
pub fn said(parts: &Parts<'_>, audit: &mut Audit) {
    for (place, rich) in parts.script.texts() {
        text(parts, &place, rich, audit);
    }
    for scene in &parts.scenes.scenes {
        for (place, rich) in scene.visual.texts() {
            text(parts, &format!("{} {place}", scene.scene_id), rich, audit);
        }
        text(parts, &format!("{} source line", scene.scene_id), &scene.source_line, audit);
        match &scene.visual {
            Visual::End { small_print, .. } => {
                for line in small_print {
                    plain(parts, &format!("{} small print", scene.scene_id), line, audit);
                }
            }
            Visual::Quote { quote, .. } => plain(parts, &format!("{} quotation", scene.scene_id), &quote.text, audit),
            _ => {}
        }
    }
    for (n, tag) in parts.script.tags.iter().enumerate() {
        plain(parts, &format!("tag {}", n + 1), &without_names(parts, tag), audit);
    }
    plain(parts, "AI disclosure", &parts.script.ai_disclosure, audit);
    plain(parts, "disclaimer", &parts.script.disclaimer, audit);
}

/// The numbers of one text.
pub fn text(parts: &Parts<'_>, place: &str, rich: &RichText, audit: &mut Audit) {
    for span in &rich.0 {
        match &span.cite {
            Some(Cite::Fact { fact, part, style }) => {
                let number = number(parts, place, &span.text, (fact.as_str(), *part, *style));
                audit.numbers.push(number);
            }
            Some(Cite::Series { series }) => {
                if !is_name(parts, series, &span.text) {
                    plain(parts, place, &span.text, audit);
                }
            }
            Some(Cite::Source { source }) => {
                let known =
                    parts.brief.sources.iter().any(|known| known.source_id == *source && known.title == span.text);
                if !known {
                    plain(parts, place, &span.text, audit);
                }
            }
            Some(Cite::Channel) | None => plain(parts, place, &span.text, audit),
        }
    }
}

/// A citation, worded again from the recomputed value.
fn number(parts: &Parts<'_>, place: &str, said: &str, (id, part, style): (&str, Part, Style)) -> Number {
    let found = match parts.fact(id) {
        None => Err("no such fact".to_owned()),
        Some((_, Err(why))) => Err(why.clone()),
        Some((fact, Ok(value))) => {
            let truth = Fact { value: *value, ..(*fact).clone() };
            match display::cite(&truth, part, style) {
                Some(wanted) if wanted == said => Ok(()),
                Some(wanted) => Err(format!("the source gives “{wanted}”")),
                None => Err("the fact has no such side".into()),
            }
        }
    };
    Number {
        place: place.to_owned(),
        text: said.to_owned(),
        fact: id.to_owned(),
        agrees: found.is_ok(),
        note: found.err().unwrap_or_default(),
    }
}

fn is_name(parts: &Parts<'_>, series: &SeriesRef, text: &str) -> bool {
    let Some(known) = parts.case.loaded.library.series(series) else { return false };
    let name = &known.info.name;
    let names = [Some(name.subject.clone()), Some(name.short.clone()), name.brief()];
    names.into_iter().flatten().any(|name| name.to_lowercase() == text.to_lowercase())
}

/// Names that the packages give their series may hold digits.
fn without_names(parts: &Parts<'_>, text: &str) -> String {
    let mut out = text.to_lowercase();
    for info in &parts.brief.series {
        if let Some(known) = parts.case.loaded.library.series(&info.series) {
            for name in [&known.info.name.subject, &known.info.name.short] {
                out = out.replace(&name.to_lowercase(), " ");
            }
        }
    }
    out
}

/// Plain words: addresses and licences of the sources may hold digits, nothing else may.
pub fn plain(parts: &Parts<'_>, place: &str, words: &str, audit: &mut Audit) {
    let mut rest = words.to_owned();
    for source in &parts.brief.sources {
        for record in [&source.url, &source.licence, &source.title] {
            if !record.is_empty() {
                rest = rest.replace(record.as_str(), " ");
            }
        }
    }
    for word in rest.split_whitespace().filter(|word| word.contains(char::is_numeric)) {
        audit.unproven.push(Unproven { place: place.to_owned(), text: word.to_owned() });
    }
}

/// Every plotted point against its row, every bar against its fact.
pub fn drawn(parts: &Parts<'_>, audit: &mut Audit) {
    for scene in &parts.scenes.scenes {
        let id = scene.scene_id.to_string();
        for trace in scene.visual.traces() {
            audit.drawn.push(points(parts, id.clone(), &trace.series, &trace.points));
        }
        for member in scene.visual.members() {
            audit.drawn.push(points(parts, id.clone(), &member.series, &member.points));
        }
        for (_, bar) in scene.visual.bars() {
            length(parts, &id, bar, audit);
        }
    }
    for (n, thumbnail) in parts.script.thumbnails.iter().enumerate() {
        let place = format!("thumbnail {}", n + 1);
        audit.drawn.push(points(parts, place, &thumbnail.trace.series, &thumbnail.trace.points));
    }
}

fn tolerance() -> f64 {
    proofreel_model::policy::Policy::embedded().qa.relative_tolerance
}

fn points(parts: &Parts<'_>, place: String, series: &SeriesRef, points: &[TracePoint]) -> Drawn {
    let tolerance = tolerance();
    let wrong = points
        .iter()
        .filter_map(|point| match parts.case.ground.point(series, point.row) {
            Ok((date, value)) if date == point.date && close(point.value, value, tolerance) => None,
            Ok((date, value)) => {
                Some(format!("{} at {} is drawn, row {} holds {value} at {date}", point.value, point.date, point.row))
            }
            Err(why) => Some(format!("{} at {} is drawn: {why}", point.value, point.date)),
        })
        .collect();
    Drawn { place, series: series.key(), points: points.len(), wrong }
}

fn length(parts: &Parts<'_>, place: &str, bar: &Bar, audit: &mut Audit) {
    let note = match parts.fact(bar.fact.as_str()) {
        Some((_, Ok(value))) if close(bar.value, *value, tolerance()) => String::new(),
        Some((_, Ok(value))) => format!("the source gives {value}"),
        Some((_, Err(why))) => why.clone(),
        None => "no such fact".into(),
    };
    audit.numbers.push(Number {
        place: format!("{place} bar length, {}", bar.label.text()),
        text: bar.value.to_string(),
        fact: bar.fact.to_string(),
        agrees: note.is_empty(),
        note,
    });
}
