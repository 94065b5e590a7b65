//! How often a schedule of Amazon's scheduler fires in a month, and when in a day.

/// Minutes of a day.
pub const DAY: u32 = 1_440;

/// Minutes of the day at which a schedule fires, where its text tells them: `rate(…)` counts from its deploy on.
pub fn minutes_of_day(expression: &str) -> Option<Vec<u32>> {
    let mut fields = expression.strip_prefix("cron(")?.strip_suffix(')')?.split_whitespace();
    let minutes = values(fields.next()?, 0, 59, &[])?;
    let hours = values(fields.next()?, 0, 23, &[])?;
    Some(hours.iter().flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute)).collect())
}

/// Times in a month of `days`, at most: a weekday counts as often as it can occur. Knows `rate(…)`, `at(…)` and `cron(…)` with
/// numbers, names, lists, ranges and steps.
///
/// # Errors
/// What of it cannot be read.
pub fn times_a_month(expression: &str, days: u32) -> Result<f64, String> {
    let wrong = |why: &str| format!("schedule `{expression}`: {why}\n  hint: rate(1 hour), or cron(0 6 ? * MON *)");
    let inside = |kind: &str| expression.strip_prefix(kind)?.strip_prefix('(')?.strip_suffix(')');
    if inside("at").is_some() {
        return Ok(1.0);
    }
    if let Some(rate) = inside("rate") {
        let (number, unit) = rate.split_once(' ').ok_or_else(|| wrong("a rate is a number and a unit"))?;
        let number: f64 =
            number.parse().ok().filter(|number| *number > 0.0).ok_or_else(|| wrong("a rate needs a number"))?;
        let a_day = match unit.trim_end_matches('s') {
            "minute" => 1_440.0,
            "hour" => 24.0,
            "day" => 1.0,
            _ => return Err(wrong("a rate is of minutes, hours or days")),
        };
        return Ok(a_day / number * f64::from(days));
    }
    let cron = inside("cron").ok_or_else(|| wrong("it is neither rate(…), at(…) nor cron(…)"))?;
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minutes, hours, of_month, _months, of_week, _years] = fields[..] else {
        return Err(wrong("cron has six fields"));
    };
    let count = |field, first, last, names: &[&str]| values(field, first, last, names).map(|set| set.len() as f64);
    let a_day = (count(minutes, 0, 59, &[]).zip(count(hours, 0, 23, &[])))
        .map(|(minutes, hours)| minutes * hours)
        .ok_or_else(|| wrong("minutes or hours cannot be read"))?;
    let names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let firing = match (of_month, of_week) {
        ("*" | "?", "*" | "?") => f64::from(days),
        ("*" | "?", week) => {
            let weekdays = count(week, 1, 7, &names).ok_or_else(|| wrong("days of the week cannot be read"))?;
            // Of each weekday four, and of the first few one more.
            let more = f64::from(days % 7).min(weekdays);
            weekdays * f64::from(days / 7) + more
        }
        (month, "*" | "?") => count(month, 1, 31, &[]).ok_or_else(|| wrong("days of the month cannot be read"))?,
        _ => return Err(wrong("it names days of the month and of the week")),
    };
    Ok(a_day * firing)
}

/// The values of a cron field, or none when it cannot be read.
fn values(field: &str, first: u32, last: u32, names: &[&str]) -> Option<std::collections::BTreeSet<u32>> {
    let number = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|place| place as u32 + first);
        named.or_else(|| text.parse().ok()).filter(|value| (first..=last).contains(value))
    };
    let mut set = std::collections::BTreeSet::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (first, last),
            Some((from, to)) => (number(from)?, number(to)?),
            None if step > 1 => (number(range)?, last),
            None => (number(range)?, number(range)?),
        };
        set.extend((from..=to).step_by(step));
    }
    (!set.is_empty()).then_some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_tells_its_minutes_and_a_rate_does_not() {
        assert_eq!(minutes_of_day("cron(30 6,18 1 * ? *)"), Some(vec![390, 1_110]));
        assert_eq!(minutes_of_day("cron(0/30 0 * * ? *)"), Some(vec![0, 30]));
        for untold in ["rate(1 hour)", "at(2026-11-24T06:00:00)", "cron(61 6 ? * MON *)", ""] {
            assert_eq!(minutes_of_day(untold), None, "{untold}");
        }
    }

    #[test]
    fn schedules_are_counted_at_their_most() {
        for (expression, expected) in [
            ("rate(1 hour)", 744.0),
            ("rate(15 minutes)", 2_976.0),
            ("rate(7 days)", 31.0 / 7.0),
            ("cron(0 6 ? * MON *)", 5.0),
            ("cron(0 6 ? * MON,THU *)", 10.0),
            ("cron(0 6 ? * MON-SUN *)", f64::NAN),
            ("cron(0 6 ? * 2-6 *)", 23.0),
            ("cron(0/15 * * * ? *)", 2_976.0),
            ("cron(30 6,18 1 * ? *)", 2.0),
            ("at(2026-11-24T06:00:00)", 1.0),
        ] {
            match times_a_month(expression, 31) {
                Ok(times) => assert!((times - expected).abs() < 1e-9, "{expression}: {times}"),
                Err(error) => assert!(expected.is_nan() && error.contains("hint"), "{expression}: {error}"),
            }
        }
        for wrong in ["", "weekly", "cron(0 6 * * MON)", "cron(0 6 1 * MON *)", "rate(0 hours)", "cron(61 6 ? * MON *)"]
        {
            assert!(times_a_month(wrong, 31).is_err(), "{wrong}");
        }
    }
}
