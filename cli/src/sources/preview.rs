//! A series in one look: what it is, its newest figures, and its course.

use std::process::ExitCode;

use proofreel_evidence::{Dataset, Library, PackageBytes};
use proofreel_model::ids::ChannelId;
use proofreel_pipeline::package_digest;
use proofreel_providers::source::{self, Statement};

use crate::args::Global;
use crate::exit::Failure;

/// Figures shown.
const ROWS: usize = 8;
/// Places of the course.
const WIDTH: usize = 60;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Fetches a series and shows it; nothing is kept but in the cache.
pub(super) async fn preview(global: &Global, provider: &str, series: &str) -> Result<ExitCode, Failure> {
    let info = super::known(provider)?;
    let desk = super::desk(global, &ChannelId(super::NO_CHANNEL.into()))?;
    let Some(connector) = source::connector(info.name, &desk, &Statement::default()) else {
        return Err(Failure::input(format!("{provider} has no connector")));
    };
    let package = connector.fetch(series).await?;
    let (observations, holes) = (package.observations, package.holes);
    let digest = package_digest(&package.files);
    let bytes = PackageBytes { name: package.name, digest, files: package.files };
    let library = Library::load(&[bytes]).map_err(Failure::input)?;
    let Some(dataset) = library.datasets().first() else {
        return Err(Failure::input(format!("{provider} {series}: nothing in it can be used")));
    };
    if global.json {
        let listed: Vec<_> = dataset.series.iter().map(|series| serde_json::json!(series.info)).collect();
        println!(
            "{:#}",
            serde_json::json!({ "package": dataset.name, "title": dataset.title, "licence": dataset.licence,
                "observations": observations, "holes": holes, "series": listed, "left_out": dataset.left_out })
        );
    } else {
        println!("{}", told(dataset, observations, holes));
    }
    Ok(ExitCode::SUCCESS)
}

fn told(dataset: &Dataset, observations: usize, holes: usize) -> String {
    let publishers: Vec<&str> = dataset.publishers.iter().map(|publisher| publisher.title.as_str()).collect();
    let mut lines = vec![
        dataset.title.clone(),
        format!("{}; licence: {}", publishers.join(", "), dataset.licence),
        format!("{observations} observations, {holes} holes, {} series", dataset.series.len()),
    ];
    if let Some(series) = dataset.series.first() {
        let unit = &series.info.unit;
        lines.push(format!("{}: {:?}, {:?}", series.info.name.short, unit.kind, series.info.frequency));
        for point in series.points.iter().rev().take(ROWS).rev() {
            lines.push(format!("  {}  {}", point.date, point.value));
        }
        let values: Vec<f64> = series.points.iter().map(|point| point.value).collect();
        lines.push(format!("  {}  {} to {}", course(&values), series.info.first, series.info.last));
    }
    lines.extend(dataset.left_out.iter().map(|reason| format!("left out: {reason}")));
    lines.join("\n")
}

/// A line of bars: the mean of each part of the series, between its least and its largest.
fn course(values: &[f64]) -> String {
    let places = values.len().min(WIDTH);
    let means: Vec<f64> = (0..places)
        .map(|place| {
            let part = &values[place * values.len() / places..(place + 1) * values.len() / places];
            part.iter().sum::<f64>() / part.len() as f64
        })
        .collect();
    let (low, high) = means.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    let step = (high - low) / (BARS.len() - 1) as f64;
    means.iter().map(|mean| if step > 0.0 { BARS[((mean - low) / step).round() as usize] } else { BARS[3] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_goes_from_its_least_to_its_largest() {
        let values: Vec<f64> = (0..240).map(f64::from).collect();
        let line = course(&values);
        assert_eq!((line.chars().count(), line.chars().next(), line.chars().last()), (60, Some('▁'), Some('█')));
        assert_eq!(course(&[2.0, 2.0]), "▄▄");
        assert_eq!(course(&[]), "");
    }
}
