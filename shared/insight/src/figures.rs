//! A video's figures at an age, and how views were counted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_model::kpi::{Counting, KpiSnapshot, KpiSource, Metric, Span, Subject, VideoCard};
use proofreel_model::policy::kpi_law;

/// True when scores, ratios and projections may be derived of this source.
pub fn may_derive(source: &KpiSource) -> bool {
    may_derive_under(source, kpi_law().derived.api_amendment_accepted)
}

fn may_derive_under(source: &KpiSource, accepted: bool) -> bool {
    accepted || matches!(source, KpiSource::StudioExport { .. })
}

/// What a video did, summed over some days or taken from one report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VideoFigures {
    /// Video.
    pub video_id: String,
    /// Day of publishing.
    pub published: Option<Date>,
    /// Age of the newest figure, days.
    pub age: i32,
    /// Views.
    pub views: f64,
    /// Views in the older sense, where they are known.
    pub engaged_views: Option<f64>,
    /// Thumbnail impressions.
    pub impressions: f64,
    /// Click-through rate, weighted by impressions.
    pub ctr: Option<f64>,
    /// Share of the length that was watched.
    pub avd_share: Option<f64>,
    /// Viewers left after thirty seconds.
    pub retention_30s: Option<f64>,
    /// Revenue, US dollars.
    pub revenue_usd: Option<f64>,
    /// How views were counted.
    pub counting: Option<Counting>,
    /// Snapshots behind it, by key.
    pub evidence: Vec<String>,
}

impl VideoFigures {
    /// The value of a metric; none where it is unknown, too thin to say anything, or would mix two ways of counting.
    pub fn value(&self, metric: Metric) -> Option<f64> {
        let law = &kpi_law().baseline;
        let watched = self.views >= law.least_views as f64;
        match metric {
            Metric::Ctr => self.ctr.filter(|_| self.impressions >= law.least_impressions as f64),
            Metric::AvdShare => self.avd_share.filter(|_| watched),
            Metric::Retention30s => self.retention_30s.filter(|_| watched),
            Metric::RpmViews => {
                let one_way = self.counting != Some(Counting::Mixed);
                self.revenue_usd.filter(|_| watched && one_way).map(|revenue| revenue / self.views * 1000.0)
            }
            Metric::RpmEngaged => {
                // Before the break a view was an engaged view.
                let engaged = match self.counting {
                    Some(Counting::Engaged) => self.engaged_views.or(Some(self.views)),
                    _ => self.engaged_views,
                };
                let engaged = engaged.filter(|views| *views >= law.least_views as f64)?;
                self.revenue_usd.map(|revenue| revenue / engaged * 1000.0)
            }
        }
    }
}

impl VideoFigures {
    /// Rates that a report of all days does not know are those of its days: reach is told by the day only.
    fn with_rates_of(mut self, days: Self) -> Self {
        let mut used = false;
        if self.ctr.is_none() && days.ctr.is_some() {
            (self.ctr, self.impressions, used) = (days.ctr, days.impressions, true);
        }
        if self.avd_share.is_none() && days.avd_share.is_some() {
            (self.avd_share, used) = (days.avd_share, true);
        }
        if self.retention_30s.is_none() && days.retention_30s.is_some() {
            (self.retention_30s, used) = (days.retention_30s, true);
        }
        if used {
            self.evidence.extend(days.evidence);
        }
        self
    }
}

/// Snapshots of a channel by video, made once for many questions.
#[derive(Debug, Default)]
pub struct ByVideo<'a> {
    videos: BTreeMap<&'a str, (Option<&'a VideoCard>, Vec<&'a KpiSnapshot>)>,
}

impl<'a> ByVideo<'a> {
    /// Sorts them. Of API data nothing is derived unless the policy allows it, so it is left out here.
    pub fn of(cards: &'a [VideoCard], snapshots: &'a [KpiSnapshot]) -> Self {
        Self::under(cards, snapshots, kpi_law().derived.api_amendment_accepted)
    }

    /// The same, for an owner who accepted YouTube's amendment on derived metrics, or did not.
    pub fn under(cards: &'a [VideoCard], snapshots: &'a [KpiSnapshot], accepted: bool) -> Self {
        let mut videos: BTreeMap<&str, (Option<&VideoCard>, Vec<&KpiSnapshot>)> = BTreeMap::new();
        for card in cards {
            videos.entry(&card.video_id).or_default().0 = Some(card);
        }
        for snapshot in snapshots.iter().filter(|snapshot| may_derive_under(&snapshot.source, accepted)) {
            if let Subject::Video { video_id } = &snapshot.subject {
                videos.entry(video_id).or_default().1.push(snapshot);
            }
        }
        Self { videos }
    }

    /// Videos at an age, days inclusive, as known on `today`; oldest first. Unsettled days do not count.
    pub fn at_age(&self, age: (i32, i32), today: Date) -> Vec<VideoFigures> {
        let mut found: Vec<VideoFigures> =
            self.videos.iter().filter_map(|(id, (card, rows))| figures(id, *card, rows, age, today)).collect();
        found.sort_by(|a, b| (a.published, &a.video_id).cmp(&(b.published, &b.video_id)));
        found
    }

    /// All there is of each video, whatever its age.
    pub fn whole(&self, today: Date) -> Vec<VideoFigures> {
        self.at_age((i32::MIN, i32::MAX), today)
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    to.since(from).map_or(0, |span| span.get_days())
}

fn figures(
    id: &str,
    card: Option<&VideoCard>,
    rows: &[&KpiSnapshot],
    age: (i32, i32),
    today: Date,
) -> Option<VideoFigures> {
    let published = card.and_then(|card| card.published);
    let any_age = age == (i32::MIN, i32::MAX);
    if published.is_none() && !any_age {
        return None;
    }
    let age_on = |day: Date| published.map_or(0, |published| days_between(published, day));
    // A report of all its days beats a sum of days, and the newest one inside the age beats the others.
    let known = |row: &&&KpiSnapshot| row.span == Span::Total && row.day <= today;
    let totals = rows.iter().filter(known).filter(|row| (age.0..=age.1).contains(&age_on(row.day)));
    // Of one day the owner's own export beats the API.
    let total = totals
        .max_by_key(|row| (row.day, !row.is_of_api()))
        .map(|row| gathered(id, published, age_on(row.day), &[row]));
    let summed = summed(id, rows, published, age, any_age, today);
    match (total, summed) {
        (Some(total), Some(summed)) => Some(total.with_rates_of(summed)),
        (total, summed) => total.or(summed),
    }
}

/// The days of a video, added up; none when days are missing before the age.
fn summed(
    id: &str,
    rows: &[&KpiSnapshot],
    published: Option<Date>,
    age: (i32, i32),
    any_age: bool,
    today: Date,
) -> Option<VideoFigures> {
    let age_on = |day: Date| published.map_or(0, |published| days_between(published, day));
    let settled = |row: &&&KpiSnapshot| days_between(row.day, today) >= kpi_law().settled_days;
    let exported = |day: Date| rows.iter().any(|row| row.span == Span::Day && row.day == day && !row.is_of_api());
    let days: Vec<&KpiSnapshot> = rows
        .iter()
        .filter(|row| row.span == Span::Day && age_on(row.day) <= age.1)
        .filter(settled)
        .filter(|row| !row.is_of_api() || !exported(row.day))
        .copied()
        .collect();
    let newest = days.iter().map(|row| row.day).max()?;
    // The age is reached, and no day before it is missing.
    let whole = published.is_none_or(|published| {
        age_on(newest) >= age.0 && days.len() as i32 >= days_between(published, newest).min(age.1)
    });
    (any_age || whole).then(|| gathered(id, published, age_on(newest), &days))
}

fn gathered(id: &str, published: Option<Date>, age: i32, rows: &[&KpiSnapshot]) -> VideoFigures {
    let sum = |of: fn(&KpiSnapshot) -> Option<f64>| {
        let values: Vec<f64> = rows.iter().filter_map(|row| of(row)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>())
    };
    let views = sum(|row| row.figures.views).unwrap_or_default();
    let weighted = |of: fn(&KpiSnapshot) -> Option<f64>, weight: fn(&KpiSnapshot) -> Option<f64>| {
        let pairs = rows.iter().filter_map(|row| Some((of(row)?, weight(row)?)));
        let (mut total, mut weights) = (0.0, 0.0);
        for (value, weight) in pairs {
            total += value * weight;
            weights += weight;
        }
        (weights > 0.0).then_some(total / weights)
    };
    let mut ways: Vec<Counting> = rows.iter().map(|row| row.counting).collect();
    ways.sort();
    ways.dedup();
    let crosses =
        published.is_some_and(|published| published < kpi_law().view_break) && ways.contains(&Counting::FirstFrame);
    let counting = match ways[..] {
        [way] if !crosses => Some(way),
        [] => None,
        _ => Some(Counting::Mixed),
    };
    VideoFigures {
        video_id: id.to_owned(),
        published,
        age,
        views,
        // Summed only where every day has it.
        engaged_views: sum(|row| {
            row.figures.engaged_views.or((row.counting == Counting::Engaged).then_some(row.figures.views?))
        })
        .filter(|_| rows.iter().all(|row| row.figures.engaged_views.is_some() || row.counting == Counting::Engaged)),
        impressions: sum(|row| row.figures.impressions).unwrap_or_default(),
        ctr: weighted(|row| row.figures.ctr, |row| row.figures.impressions),
        avd_share: weighted(|row| row.figures.avd_share, |row| row.figures.views),
        retention_30s: weighted(|row| row.figures.retention_30s, |row| row.figures.views),
        revenue_usd: sum(|row| row.figures.revenue_usd),
        counting,
        evidence: cited(rows),
    }
}

/// Keys of the snapshots; a run of days is cited by its ends.
fn cited(rows: &[&KpiSnapshot]) -> Vec<String> {
    match rows {
        [first, .., last] if rows.len() > 2 => vec![format!("{} to {} ({} days)", first.key(), last.day, rows.len())],
        _ => rows.iter().map(|row| row.key()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proofreel_model::digest::Digest;
    use proofreel_model::kpi::Figures;

    use super::*;

    fn day(day: Date, impressions: f64, ctr: f64, views: f64) -> KpiSnapshot {
        KpiSnapshot {
            channel: "demo".into(),
            subject: Subject::Video { video_id: "a".into() },
            day,
            span: Span::Day,
            counting: Counting::of(Span::Day, day, None),
            figures: Figures {
                impressions: Some(impressions),
                ctr: Some(ctr),
                views: Some(views),
                revenue_usd: Some(views * 0.004),
                ..Figures::default()
            },
            source: KpiSource::StudioExport { digest: Digest::of(b"x"), line: 2 },
        }
    }

    fn card(published: Date) -> VideoCard {
        VideoCard {
            video_id: "a".into(),
            title: "A".into(),
            published: Some(published),
            length_seconds: None,
            run: None,
        }
    }

    #[test]
    fn ctr_is_weighted_by_impressions_and_never_a_mean_of_rows() {
        let rows = [day(date(2026, 9, 2), 9000.0, 0.02, 500.0), day(date(2026, 9, 3), 1000.0, 0.12, 500.0)];
        let cards = [card(date(2026, 9, 1))];
        let found = ByVideo::of(&cards, &rows).at_age((2, 7), date(2026, 10, 1));
        assert!((found[0].value(Metric::Ctr).unwrap() - 0.03).abs() < 1e-12);
        assert_eq!(found[0].evidence.len(), 2);
    }

    #[test]
    fn days_that_are_not_settled_do_not_count() {
        let rows = [day(date(2026, 9, 2), 9000.0, 0.02, 500.0), day(date(2026, 9, 3), 1000.0, 0.12, 500.0)];
        let cards = [card(date(2026, 9, 1))];
        assert!(ByVideo::of(&cards, &rows).at_age((2, 7), date(2026, 9, 5)).is_empty());
    }

    #[test]
    fn what_came_after_a_day_is_not_known_on_it() {
        let total = |at: Date, ctr: f64| KpiSnapshot { span: Span::Total, ..day(at, 9000.0, ctr, 500.0) };
        let rows = [total(date(2026, 9, 4), 0.02), total(date(2026, 9, 7), 0.06)];
        let cards = [card(date(2026, 9, 1))];
        let videos = ByVideo::of(&cards, &rows);
        let ctr = |today: Date| videos.at_age((2, 7), today).first().and_then(|video| video.value(Metric::Ctr));
        assert_eq!(
            (ctr(date(2026, 9, 3)), ctr(date(2026, 9, 5)), ctr(date(2026, 9, 7))),
            (None, Some(0.02), Some(0.06))
        );
    }

    #[test]
    fn rpm_by_views_is_not_told_across_the_break_and_both_rpms_agree_before_it() {
        let across = [day(date(2026, 8, 23), 1.0, 0.0, 500.0), day(date(2026, 8, 24), 1.0, 0.0, 900.0)];
        let cards = [card(date(2026, 8, 22))];
        let found = &ByVideo::of(&cards, &across).at_age((2, 7), date(2026, 10, 1))[0];
        assert_eq!((found.value(Metric::RpmViews), found.value(Metric::RpmEngaged)), (None, None));
        let before = [day(date(2026, 7, 2), 1.0, 0.0, 500.0), day(date(2026, 7, 3), 1.0, 0.0, 900.0)];
        let cards = [card(date(2026, 7, 1))];
        let found = &ByVideo::of(&cards, &before).at_age((2, 7), date(2026, 10, 1))[0];
        assert_eq!(found.value(Metric::RpmViews), found.value(Metric::RpmEngaged));
        assert!((found.value(Metric::RpmViews).unwrap() - 4.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_derived_of_api_data_without_the_amendment() {
        let api = KpiSource::Api { report: "channel_reach_basic_a1".into() };
        assert!(!may_derive_under(&api, false) && may_derive_under(&api, true));
        let rows = [KpiSnapshot { source: api, ..day(date(2026, 9, 3), 9000.0, 0.02, 500.0) }];
        let cards = [card(date(2026, 9, 1))];
        assert!(ByVideo::of(&cards, &rows).at_age((2, 7), date(2026, 10, 1)).is_empty());
    }
}
