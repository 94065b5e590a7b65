//! Finds the quantities of a text from left to right.

use super::context::{Hedge, direction_before, direction_behind, hedge_before, hedge_behind};
use super::dates::{self, Dated};
use super::numerals::{self, Fineness, Number, over_hyphen};
use super::tokens::{Shape, Token, tokens};
use super::units::{self, Unit};
use super::whole::{excused, is_glue, is_loose, share_units};
use super::{Excuses, Kind, Quantity, Reading, Sign, words};

/// Every quantity of a text, in order.
pub fn read_all(text: &str) -> Vec<Quantity> {
    read(text, &Excuses::default())
}

/// Every quantity of a text, in order, but for those that an excused phrase overlaps.
pub fn read(text: &str, excuses: &Excuses) -> Vec<Quantity> {
    let tokens = tokens(text);
    let excused = excused(&tokens, excuses);
    let mut found: Vec<(usize, usize, Quantity)> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let floor = found.last().map_or(0, |(_, next, _)| *next);
        match (Reader { tokens: &tokens, excuses }).at(at, floor) {
            Some((first, next, quantity)) => {
                found.push((first, next, quantity));
                at = next.max(at + 1);
            }
            None => at += 1,
        }
    }
    share_units(&tokens, &mut found);
    found.retain(|(first, next, quantity)| {
        let words = tokens[*first..*next].iter().all(|token| !matches!(token.shape, Shape::Number { .. }));
        !(words && !quantity.foreign && excused.iter().any(|(from, to)| from < next && first < to))
    });
    found.into_iter().map(|(.., quantity)| quantity).collect()
}

struct Reader<'r, 't> {
    tokens: &'r [Token<'t>],
    excuses: &'r Excuses,
}

/// A quantity before the words around it are read: token range and what it may mean.
struct Core {
    readings: Vec<Reading>,
    first: usize,
    next: usize,
    foreign: bool,
    sign: Option<Sign>,
    /// A hedge inside it: `5+ years`.
    hedge: Option<Hedge>,
}

fn reading(kind: Kind, value: f64, fineness: Fineness) -> Reading {
    Reading { kind, value, fineness }
}

impl<'t> Reader<'_, 't> {
    /// The quantity that begins at `at`; nothing before `floor` belongs to it.
    fn at(&self, at: usize, floor: usize) -> Option<(usize, usize, Quantity)> {
        let core = self
            .date(at)
            .or_else(|| self.verb(at))
            .or_else(|| self.number(at, floor))
            .or_else(|| self.ordinal(at, floor))
            .or_else(|| self.loose(at))?;
        Some(self.dressed(core, floor))
    }

    fn token(&self, at: usize) -> Option<&Token<'t>> {
        self.tokens.get(at)
    }

    fn says(&self, at: usize, words: &[&str]) -> bool {
        self.token(at).is_some_and(|token| words.contains(&token.lower.as_str()))
    }

    /// Adds sign, hedge, direction and denominator.
    fn dressed(&self, core: Core, floor: usize) -> (usize, usize, Quantity) {
        let Core { readings, mut first, next, foreign, mut sign, hedge: inner } = core;
        let dated = matches!(readings[0].kind, Kind::Date(_));
        if sign.is_none() && !dated {
            let before = first.checked_sub(1).filter(|before| *before >= floor);
            if let Some(found) = before.and_then(|before| self.sign(before, first)) {
                sign = Some(found);
                first -= 1;
            }
        }
        let span = self.tokens[first].start..self.tokens[next - 1].end;
        let per = units::per(self.tokens, next).filter(|_| !dated);
        let behind = per.as_ref().map_or(next, |(_, next)| *next);
        let before = hedge_before(self.tokens, first).filter(|(_, from)| *from >= floor);
        let outer = before.map_or(first, |(_, from)| from);
        let after = hedge_behind(self.tokens, next).filter(|_| !dated);
        let direction =
            direction_before(self.tokens, outer).or_else(|| direction_behind(self.tokens, behind)).filter(|_| !dated);
        let hedge = before.map(|(hedge, _)| hedge).or(inner).or(after.map(|(hedge, _)| hedge));
        // "Over three years" is "during three years", and "around 2008" is about a time.
        let during = matches!(readings[0].kind, Kind::Duration(_)) && self.says(outer, &["over"]);
        let hedge = hedge.filter(|hedge| !during && (!dated || *hedge == Hedge::About));
        let outer = if hedge.is_some() { outer } else { first };
        let end = after.map_or(next, |(_, next)| next);
        let hedged = self.tokens[outer].start..self.tokens[end - 1].end;
        let quantity =
            Quantity { readings, per: per.map(|(per, _)| per), hedge, sign, direction, span, hedged, foreign };
        (first, end, quantity)
    }

    /// A sign at `at`, right before the number at `first`.
    fn sign(&self, at: usize, first: usize) -> Option<Sign> {
        let token = self.token(at)?;
        let touches = !self.token(first)?.spaced;
        // A hyphen after a word joins, it does not negate.
        let apart = token.spaced || at == 0 || self.token(at - 1).is_some_and(|before| before.is('('));
        match token.shape {
            Shape::Sign('−') if touches => Some(Sign::Minus),
            Shape::Sign('-' | '–' | '‐' | '‑' | '－') if touches && apart => Some(Sign::Minus),
            Shape::Sign('+' | '＋') if touches => Some(Sign::Plus),
            Shape::Word if matches!(token.lower.as_str(), "minus" | "negative") => Some(Sign::Minus),
            Shape::Word if token.lower == "plus" => Some(Sign::Plus),
            _ => None,
        }
    }

    fn date(&self, at: usize) -> Option<Core> {
        let money = at.checked_sub(1).and_then(|at| self.token(at)).is_some_and(|before| match before.shape {
            Shape::Sign(sign) => units::currency_sign(sign).is_some() || matches!(sign, '#' | '−' | '+'),
            _ => units::code(before).is_some(),
        });
        if money {
            return None;
        }
        let Dated { readings: whens, count, next } = dates::at(self.tokens, at)?;
        let mut readings: Vec<Reading> =
            whens.into_iter().map(|when| reading(Kind::Date(when), 0.0, Fineness::Whole(1.0))).collect();
        readings.extend(count.map(|count| reading(Kind::Count(self.noun(next)), count, Fineness::Whole(1.0))));
        Some(Core { readings, first: at, next, foreign: false, sign: None, hedge: None })
    }

    /// `doubled`, `twice`, `halved`, `threefold`.
    fn verb(&self, at: usize) -> Option<Core> {
        let word = self.token(at).filter(|token| token.shape == Shape::Word)?.lower.as_str();
        let stem = word.strip_suffix("fold").filter(|stem| !stem.is_empty());
        let factor = match word {
            "double" | "doubles" | "doubled" | "doubling" | "twice" | "redoubled" => 2.0,
            "triple" | "triples" | "tripled" | "tripling" | "treble" | "trebles" | "trebled" | "trebling"
            | "thrice" => 3.0,
            "quadruple" | "quadruples" | "quadrupled" | "quadrupling" => 4.0,
            "quintuple" | "quintuples" | "quintupled" | "quintupling" => 5.0,
            "sextuple" | "sextupled" => 6.0,
            "halve" | "halves" | "halved" | "halving" => 0.5,
            _ => match stem? {
                "two" => 2.0,
                "hundred" => 100.0,
                "thousand" => 1000.0,
                "many" | "mani" => return Some(self.loosely(at)),
                stem => words::small(stem)?,
            },
        };
        let mut readings = vec![reading(Kind::Multiple, factor, Fineness::Word)];
        if matches!(word, "twice" | "thrice") {
            readings.push(reading(Kind::Count(None), factor, Fineness::Whole(1.0)));
        }
        Some(Core { readings, first: at, next: at + 1, foreign: false, sign: None, hedge: None })
    }

    /// A number with its currency before it and its unit behind it.
    fn number(&self, at: usize, floor: usize) -> Option<Core> {
        let number = numerals::at(self.tokens, at)?;
        // Letters that touch digits from the left, as in `G7`, make a name of them, and still a numeral.
        let (currency, mut first) = self.currency(at, floor);
        let mut core = match currency {
            Some(code) => {
                // `$4.2 million dollars` repeats itself.
                let next = match units::behind(self.tokens, number.next) {
                    Some(found) if found.unit == Unit::Money(code.clone()) && found.factor == 1.0 => found.next,
                    _ => number.next,
                };
                Core {
                    readings: vec![reading(Kind::Money(code), number.value, number.fineness)],
                    first,
                    next,
                    foreign: number.foreign,
                    sign: None,
                    hedge: None,
                }
            }
            None => self.with_unit(at, number),
        };
        if self.token(first.wrapping_sub(1)).is_some_and(|token| token.is('#')) && first > floor {
            first -= 1;
            core.readings = vec![reading(Kind::Ordinal, number.value, Fineness::Whole(1.0))];
        } else if self.says(first.wrapping_sub(1), &["."])
            && self.says(first.wrapping_sub(2), &["no"])
            && first > floor + 1
        {
            first -= 2;
            core.readings = vec![reading(Kind::Ordinal, number.value, Fineness::Whole(1.0))];
        } else if self.says(first.wrapping_sub(1), &["number"]) && first > floor && core.next == number.next {
            core.readings.insert(0, reading(Kind::Ordinal, number.value, Fineness::Whole(1.0)));
        }
        core.first = first;
        Some(core)
    }

    /// The currency before a number, with the index where it begins.
    fn currency(&self, at: usize, floor: usize) -> (Option<String>, usize) {
        let Some(before) = at.checked_sub(1).filter(|before| *before >= floor) else { return (None, at) };
        let token = &self.tokens[before];
        if let Some(code) = units::code(token) {
            return (Some(code.to_owned()), before);
        }
        let Shape::Sign(sign) = token.shape else { return (None, at) };
        let Some(code) = units::currency_sign(sign) else { return (None, at) };
        let letters = before.checked_sub(1).filter(|n| *n >= floor && !token.spaced).map(|n| &self.tokens[n]);
        match letters.and_then(|letters| units::dollar(&letters.lower)) {
            Some(dollar) if code == "USD" => (Some(dollar.to_owned()), before - 1),
            _ => (Some(code.to_owned()), before),
        }
    }

    fn with_unit(&self, at: usize, number: Number) -> Core {
        let Number { value, fineness, fraction, next, foreign } = number;
        // `the week`, `a year`: what is one of does not count; `one year` does.
        let scaled = |factor: f64| {
            let fineness = match fineness {
                Fineness::Decimal(step) => Fineness::Decimal(step * factor),
                Fineness::Whole(step) if factor < 1.0 => Fineness::Decimal(step * factor),
                Fineness::Whole(step) => Fineness::Whole(step * factor),
                Fineness::Word => Fineness::Word,
            };
            (value * factor, fineness)
        };
        let (behind, article) = self.unit_behind(next, fraction);
        let core = |readings, next| Core { readings, first: at, next, foreign, sign: None, hedge: None };
        if let Some((ordinal, next)) = self.compound_ordinal(next, value).filter(|_| !fraction) {
            return core(vec![reading(Kind::Ordinal, ordinal, Fineness::Whole(1.0))], next);
        }
        let Some(found) = behind else {
            let kind = if fraction { Kind::Fraction } else { Kind::Count(self.noun(next)) };
            let mut readings = vec![reading(kind, value, fineness)];
            // "A third" is a place too.
            if fraction && self.says(at, &["a"]) && next == at + 2 && self.noun(next).is_some() && value < 0.5 {
                readings.push(reading(Kind::Ordinal, (1.0 / value).round(), Fineness::Whole(1.0)));
            }
            return core(readings, next);
        };
        let plus = self.token(next).is_some_and(|token| token.is('+') && found.next > next + 1);
        let (value, fineness) = scaled(found.factor);
        let kind = match found.unit {
            Unit::Money(code) => Kind::Money(code),
            Unit::Percent => Kind::Percent,
            Unit::PercentagePoints => Kind::PercentagePoints,
            Unit::Points => Kind::Points,
            Unit::Times => Kind::Multiple,
            Unit::Duration(period) => Kind::Duration(period),
            Unit::Ordinal => Kind::Ordinal,
            Unit::Clock => Kind::Loose,
        };
        let mut readings = vec![reading(kind, value, fineness)];
        // "Three quarters" are nine months, or a share.
        if self.says(at, &["three"]) && self.says(found.next - 1, &["quarters"]) && !article {
            readings.push(reading(Kind::Fraction, 0.75, Fineness::Word));
        }
        Core { hedge: plus.then_some(Hedge::AtLeast), ..core(readings, found.next) }
    }

    /// `twenty-fifth`, `a hundred and sixth`: an ordinal word that ends a number in words.
    fn compound_ordinal(&self, next: usize, value: f64) -> Option<(f64, usize)> {
        let and = usize::from(self.says(next, &["and"]));
        let at = over_hyphen(self.tokens, next + and);
        let last = words::ordinal(&self.token(at)?.lower)?;
        let room = if last < 10.0 { value % 10.0 == 0.0 && value >= 20.0 } else { value % 100.0 == 0.0 };
        let words = matches!(self.token(next - 1)?.shape, Shape::Word);
        (words && room && last < 100.0).then_some((value + last, at + 1))
    }

    /// The unit behind a number; `half a percentage point`, `half a century` step over the article.
    fn unit_behind(&self, next: usize, fraction: bool) -> (Option<units::Found>, bool) {
        let of = usize::from(fraction && self.says(next, &["of"]));
        if fraction && self.says(next + of, &["a", "an"]) {
            let unit = units::behind(self.tokens, next + of + 1).filter(|found| found.unit != Unit::Ordinal);
            return (unit, true);
        }
        if self.says(next - 1, &["couple", "dozens"]) && self.says(next, &["of"]) {
            return (units::behind(self.tokens, next + 1), true);
        }
        let plus = usize::from(self.token(next).is_some_and(|token| token.is('+') && !token.spaced));
        (units::behind(self.tokens, next + plus), false)
    }

    /// What is counted: the word right behind the number.
    fn noun(&self, next: usize) -> Option<String> {
        let at = over_hyphen(self.tokens, next);
        self.token(at)
            .filter(|token| token.shape == Shape::Word && !is_glue(&token.lower))
            .map(|token| token.lower.clone())
    }

    /// `third`, `twenty-fifth`; `a decade`, `a fortnight`.
    fn ordinal(&self, at: usize, floor: usize) -> Option<Core> {
        let token = self.token(at).filter(|token| token.shape == Shape::Word)?;
        let core = |readings, next| Some(Core { readings, first: at, next, foreign: false, sign: None, hedge: None });
        if let Some(value) = words::ordinal(&token.lower) {
            return core(vec![reading(Kind::Ordinal, value, Fineness::Whole(1.0))], at + 1);
        }
        if matches!(token.lower.as_str(), "firstly" | "secondly" | "thirdly" | "firsts") {
            return core(vec![reading(Kind::Ordinal, 1.0, Fineness::Whole(1.0))], at + 1);
        }
        let article = at.checked_sub(1).filter(|before| *before >= floor && self.says(*before, &["a", "an"]));
        if let ("decade" | "century" | "millennium" | "fortnight", Some(first)) = (token.lower.as_str(), article)
            && let Some((Unit::Duration(period), factor)) = units::period_word(&token.lower)
        {
            let readings = vec![reading(Kind::Duration(period), factor, Fineness::Whole(factor))];
            return core(readings, at + 1).map(|core| Core { first, ..core });
        }
        None
    }

    /// Words that assert a number and name none, and Roman numerals.
    fn loose(&self, at: usize) -> Option<Core> {
        let token = self.token(at).filter(|token| token.shape == Shape::Word)?;
        let stem_ordinal = token.lower.strip_suffix('s').is_some_and(|stem| words::ordinal(stem) > Some(2.0));
        let plural_part = stem_ordinal || matches!(token.lower.as_str(), "couple" | "dozen");
        let roman = numerals::roman(token.raw).filter(|_| !self.excuses.roman.iter().any(|word| word == token.raw));
        (is_loose(&token.lower) || roman.is_some() || plural_part).then(|| self.loosely(at))
    }

    fn loosely(&self, at: usize) -> Core {
        let value = self.token(at).and_then(|token| numerals::roman(token.raw)).unwrap_or(f64::NAN);
        let readings = vec![reading(Kind::Loose, value, Fineness::Word)];
        Core { readings, first: at, next: at + 1, foreign: false, sign: None, hedge: None }
    }
}
