//! The language of sentence plans.
//!
//! Plain words stand for themselves; braces name what the data must fill in. A plan whose braces cannot be
//! filled (a role is missing, a direction word is asked of a value that did not move) is no candidate.
//!
//! | in braces | gives |
//! |---|---|
//! | `s`, `s2`, `s@worst` | subject of the first or second series, or of a joined finding's |
//! | `S` | the same where it may shrink to a pronoun after a sentence about the same subject |
//! | `l`, `L` | the subject as a level: `the index of` is put before prices that are given as an index |
//! | `n`, `n2`, `n@worst` | its name as a title: the short name, of a panel's member the whole name |
//! | `t`, `t2`, `t@versus` | the same as it is said, with the article that a common noun needs: `the WTI crude oil spot price` |
//! | `f` | the subject by its whole name, however the text refers to it |
//! | `m`, `m2`, `m@climb` | the short name always: `China` |
//! | `it`, `its`, `them` | pronouns of the subject, in its number |
//! | `v:is\|are`, `v2:is\|are` | the verb form in the subject's (second subject's) number |
//! | `per`, `a per` | what the price is for: `ounce`, `an ounce` |
//! | `period` | `day`, `month`, `year`: the calendar's noun |
//! | `change` | the fact in the role `change`, as spoken |
//! | `latest+` | the same with its denominator: `$4,228 an ounce` |
//! | `change:m` | a style: `m` without sign, `r` rounded, `sc` for screens, `u` the same without sign, `sg` signed, `x` times, `o` ordinal |
//! | `a change:m` | the same with its article: `an 8 percent` |
//! | `latest:at`, `change:from`, `change:to` | a date of the fact; `.y` its year only, `.s` for screens |
//! | `latest:in`, `change:in.from` | the date with its preposition |
//! | `change?rose\|fell` | a word by direction; a third alternative is for no change, without it the plan is none |
//! | `over=change`, `over=change:y` | the stretch of the fact, whole dates or years: `since 2010` where it runs until now, else `from 2010 to 2024` |
//! | `crisis=first_move`, `Crisis=first_move` | the crisis in whose window the fact lies, with and without its article |
//! | `latest>average?above\|below` | a word by comparison of two roles |
//! | `sources=source is\|sources are` | words by how many sources the text points at: the first of one, the second of any other number |

use proofreel_model::display::{cite, per_phrase};
use proofreel_model::fact::Fact;
use proofreel_model::policy::law;
use proofreel_model::series::{Frequency, SeriesInfo};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};

use super::bound::{Bound, Reference, shows_nothing};
use super::even::even;
use super::names::{inside, series};
use super::{grammar, names};

/// Fills a template; `None` when the data cannot.
pub fn fill(template: &str, bound: &Bound<'_>) -> Option<RichText> {
    let mut spans = Vec::new();
    for piece in pieces(template)? {
        match piece {
            Piece::Plain(text) => spans.push(plain(text)),
            Piece::Slot(slot) => fill_slot(slot, bound, &mut spans)?,
        }
    }
    even(&mut spans, bound);
    grammar::sentence(spans)
}

/// The roles that a template names, for checking plans against the kinds they serve.
pub fn roles(template: &str) -> Option<Vec<&str>> {
    let mut out = Vec::new();
    for piece in pieces(template)? {
        let Piece::Slot(slot) = piece else { continue };
        if let Some((condition, _)) = slot.split_once('?') {
            out.extend(condition.split('>'));
        } else if let Some((_, role)) = crisis_slot(slot).or_else(|| stretch_slot(slot)) {
            out.push(role);
        } else if !is_name(slot) && sources_slot(slot).is_none() {
            let slot = slot.strip_prefix("a ").unwrap_or(slot);
            out.push(slot.split([':', '+']).next().unwrap_or(slot));
        }
    }
    Some(out)
}

/// The plain words of a template, its alternatives included, for the check that they hold no number.
pub fn plain_words(template: &str) -> Option<Vec<&str>> {
    let mut out = Vec::new();
    for piece in pieces(template)? {
        match piece {
            Piece::Plain(text) => out.push(text),
            Piece::Slot(slot) => {
                if let Some((one, several)) = sources_slot(slot) {
                    out.extend([one, several]);
                    continue;
                }
                if crisis_slot(slot).or_else(|| stretch_slot(slot)).is_some() {
                    continue;
                }
                if let Some((_, words)) = slot
                    .split_once('?')
                    .or_else(|| slot.split_once(':'))
                    .filter(|(head, _)| slot.contains('?') || *head == "v" || *head == "v2")
                {
                    out.extend(words.split('|'));
                }
            }
        }
    }
    Some(out)
}

enum Piece<'t> {
    Plain(&'t str),
    Slot(&'t str),
}

fn pieces(template: &str) -> Option<Vec<Piece<'_>>> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            out.push(Piece::Plain(before));
        }
        let (slot, after) = after.split_once('}')?;
        out.push(Piece::Slot(slot));
        rest = after;
    }
    if rest.contains('}') {
        return None;
    }
    if !rest.is_empty() {
        out.push(Piece::Plain(rest));
    }
    Some(out)
}

/// The role of a slot that names a crisis, and whether its article goes with it.
fn crisis_slot(slot: &str) -> Option<(bool, &str)> {
    let with = slot.strip_prefix("crisis=").map(|role| (true, role));
    with.or_else(|| slot.strip_prefix("Crisis=").map(|role| (false, role)))
}

/// The role of a slot that tells a stretch, and whether by its years alone.
fn stretch_slot(slot: &str) -> Option<(bool, &str)> {
    let role = slot.strip_prefix("over=")?;
    Some(role.strip_suffix(":y").map_or((false, role), |role| (true, role)))
}

/// What a slot says of a single source, and what of several.
fn sources_slot(slot: &str) -> Option<(&str, &str)> {
    slot.strip_prefix("sources=")?.split_once('|')
}

fn is_name(slot: &str) -> bool {
    let head = slot.split('@').next().unwrap_or(slot);
    matches!(
        head,
        "s" | "s2"
            | "S"
            | "l"
            | "L"
            | "n"
            | "n2"
            | "t"
            | "t2"
            | "m"
            | "m2"
            | "f"
            | "it"
            | "its"
            | "them"
            | "per"
            | "a per"
            | "period"
    ) || head.starts_with("v:")
        || head.starts_with("v2:")
}

fn plain(text: impl Into<String>) -> Span {
    Span { text: text.into(), cite: None }
}

fn fill_slot(slot: &str, bound: &Bound<'_>, out: &mut Vec<Span>) -> Option<()> {
    if let Some((condition, words)) = slot.split_once('?') {
        out.push(plain(choose(condition, words, bound)?));
        return Some(());
    }
    if let Some((one, several)) = sources_slot(slot) {
        out.push(plain(if bound.sources? == 1 { one } else { several }));
        return Some(());
    }
    if let Some((article, role)) = crisis_slot(slot) {
        let fact = bound.fact(role)?;
        let name = &law().crises.of(&fact.formula, fact.frequency)?.name;
        out.push(plain(if article { name } else { name.trim_start_matches("the ") }));
        return Some(());
    }
    if let Some((years, role)) = stretch_slot(slot) {
        return stretch(role, if years { Style::Year } else { Style::Spoken }, bound, out);
    }
    if is_name(slot) {
        return name(slot, bound, out);
    }
    let (article, slot) = slot.strip_prefix("a ").map_or((false, slot), |slot| (true, slot));
    let (slot, per) = slot.strip_suffix('+').map_or((slot, false), |slot| (slot, true));
    let (role, form) = slot.split_once(':').unwrap_or((slot, ""));
    let fact = bound.fact(role)?;
    let (part, style, preposition) = side(form, fact)?;
    let text = cite(fact, part, style)?;
    if part == Part::Value && is_unspeakable(fact, style) {
        return None;
    }
    if article {
        out.push(plain(format!("{} ", grammar::article(&text))));
    }
    if preposition {
        out.push(plain(if style == Style::Year { "in " } else { grammar::at(fact.frequency) }));
    }
    out.push(Span { text, cite: Some(Cite::Fact { fact: fact.id.clone(), part, style }) });
    if per {
        out.push(plain(per_phrase(&fact.unit)));
    }
    Some(())
}

/// When a fact's stretch began, and when it ended unless it runs until now.
fn stretch(role: &str, style: Style, bound: &Bound<'_>, out: &mut Vec<Span>) -> Option<()> {
    let fact = bound.fact(role)?;
    let date = |part| {
        let text = cite(fact, part, style)?;
        Some(Span { text, cite: Some(Cite::Fact { fact: fact.id.clone(), part, style }) })
    };
    if bound.runs_on(role) {
        out.extend([plain("since "), date(Part::From)?]);
    } else {
        out.extend([plain("from "), date(Part::From)?, plain(" to "), date(Part::To)?]);
    }
    Some(())
}

/// Part, style and whether a preposition goes before it.
fn side(form: &str, fact: &Fact) -> Option<(Part, Style, bool)> {
    let value = |style| Some((Part::Value, style, false));
    match form {
        "" => return value(Style::Spoken),
        "m" => return value(Style::Magnitude),
        "r" => return value(Style::Rounded),

        // Without a sign: a fall in points is negative, and "−2 pts below" would deny itself.
        "u" if fact.value < 0.0 => return value(Style::Magnitude),
        "sc" | "u" => return value(Style::Screen),
        "sg" => return value(Style::Signed),
        "x" => return value(Style::Times),
        "o" => return value(Style::Ordinal),
        _ => {}
    }
    let mut parts = form.split('.');
    let head = parts.next()?;
    let preposition = head == "in";
    let mut part = match head {
        "at" | "in" => Part::At,
        "from" => Part::From,
        "to" => Part::To,
        _ => return None,
    };
    let mut style = Style::Spoken;
    for word in parts {
        match word {
            "from" => part = Part::From,
            "to" => part = Part::To,
            "y" => style = Style::Year,
            "s" => style = Style::Screen,
            _ => return None,
        }
    }
    Some((part, style, preposition))
}

/// A length of no periods, and an unsigned zero, make no sentence.
fn is_unspeakable(fact: &Fact, style: Style) -> bool {
    use proofreel_model::unit::UnitKind;
    match fact.unit.kind {
        UnitKind::Duration { .. } => fact.value < 1.0,
        _ => style == Style::Magnitude && shows_nothing(fact),
    }
}

fn choose<'t>(condition: &str, words: &'t str, bound: &Bound<'_>) -> Option<&'t str> {
    let mut words = words.split('|');
    let (up, down, level) = (words.next()?, words.next()?, words.next());
    let way = match condition.split_once('>') {
        None => bound.way(condition)?,
        Some((left, right)) => match bound.value(left).partial_cmp(&bound.value(right))? {
            std::cmp::Ordering::Greater => 1,
            std::cmp::Ordering::Less => -1,
            std::cmp::Ordering::Equal => 0,
        },
    };
    match way {
        1 => Some(up),
        -1 => Some(down),
        _ => level,
    }
}

fn name(slot: &str, bound: &Bound<'_>, out: &mut Vec<Span>) -> Option<()> {
    let (head, of) = slot.split_once('@').map_or((slot, None), |(head, of)| (head, Some(of)));
    let subject = bound.info(0, None)?;
    let by_number = |info: &SeriesInfo, forms: &str| {
        let (singular, plural) = forms.split_once('|')?;
        Some(plain(if info.name.plural { plural } else { singular }))
    };
    let pronoun = |pronoun: &str, forms: &str| {
        // An index is an "it" even when its name is plural: "US consumer prices … the index".
        if bound.is_index() { Some(plain(pronoun)) } else { by_number(subject, forms) }
    };
    let span = match head {
        "S" | "L" if bound.reference == Reference::Pronoun => pronoun("the index", "it|they"),
        "l" | "L" if bound.reference == Reference::Noun && bound.is_index() => Some(plain("the index")),
        "s" | "S" | "l" | "L" if bound.reference == Reference::Noun && of.is_none() => {
            grammar::head_noun(&subject.name.subject).map(plain).or_else(|| series(subject, false))
        }
        "s" | "S" => series(bound.info(0, of)?, false),
        "s2" => series(bound.info(1, of)?, false),
        "n" | "n2" => {
            let info = bound.info(usize::from(head == "n2"), of)?;
            let brief = if bound.brief { names::brief(info) } else { None };
            brief.or_else(|| series(info, info.series.filter.is_empty())).map(|span| inside(span, info, out))
        }
        "t" | "t2" => names::told(bound.info(usize::from(head == "t2"), of)?, out),
        "m" | "m2" => series(bound.info(usize::from(head == "m2"), of)?, true),
        "f" => series(subject, false),
        "l" | "L" => {
            if bound.is_index() && !subject.name.subject.to_lowercase().contains("index") {
                out.push(plain("the index of "));
            }
            series(subject, false)
        }
        "it" => pronoun("the index", "it|they"),
        "its" => pronoun("its", "its|their"),
        "them" => pronoun("the index", "it|them"),
        "per" => Some(plain(subject.unit.per.clone()?)),
        "a per" => {
            let per = subject.unit.per.as_deref()?;
            Some(plain(format!("{} {per}", grammar::article(per))))
        }
        "period" if subject.frequency == Frequency::Quarterly => None,
        "period" => Some(plain(subject.frequency.noun())),
        _ => {
            if let Some(forms) = head.strip_prefix("v:") {
                by_number(bound.info(0, of)?, forms)
            } else {
                by_number(bound.info(1, of)?, head.strip_prefix("v2:")?)
            }
        }
    };
    out.push(span?);
    Some(())
}
