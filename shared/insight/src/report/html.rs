//! A document as one HTML file without scripts or anything from elsewhere; charts are inline SVG.

use super::{Block, Chart, Citations, Document};

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1f2b;background:#fff}\
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:1.4rem 0 .4rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;padding:.2rem .5rem;border-bottom:1px solid #dde}td+td,th+th{font-variant-numeric:tabular-nums}\
ul{margin:.3rem 0;padding-left:1.2rem}.summary li{font-weight:600}.records{color:#667;font-size:.75rem;overflow-wrap:anywhere}\
figure{display:inline-block;margin:.3rem 1rem .3rem 0}figcaption{font-size:.8rem}\
@media (prefers-color-scheme:dark){body{color:#dde3ee;background:#12151c}th,td{border-color:#334}.records{color:#99a}}";

/// The document.
pub fn html(document: &Document) -> String {
    let mut cited = Citations::default();
    let mut body = format!("<h1>{}</h1>\n<ul class=\"summary\">\n", escaped(&document.title));
    for line in &document.summary {
        body += &format!("<li>{}</li>\n", escaped(line));
    }
    body += "</ul>\n";
    for section in &document.sections {
        body += &format!("<h2>{}</h2>\n", escaped(&section.title));
        let mut in_list = false;
        for block in &section.blocks {
            let is_line = matches!(block, Block::Line(_));
            if is_line != in_list {
                body += if is_line { "<ul>\n" } else { "</ul>\n" };
                in_list = is_line;
            }
            match block {
                Block::Line(text) => body += &format!("<li>{}</li>\n", escaped(text)),
                Block::Chart(chart) => body += &of_chart(chart),
                Block::Table(table) => {
                    let head: Vec<String> = table.head.iter().map(|cell| escaped(cell)).collect();
                    body += &format!("<table>\n<tr><th>{}</th></tr>\n", head.join("</th><th>"));
                    for row in &table.rows {
                        let number = cited
                            .number(&row.cites)
                            .map_or_else(String::new, |number| format!(" <a href=\"#r{number}\">[{number}]</a>"));
                        let cells: Vec<String> = row.cells.iter().map(|cell| escaped(cell)).collect();
                        body += &format!("<tr><td>{}{number}</td></tr>\n", cells.join("</td><td>"));
                    }
                    body += "</table>\n";
                }
            }
        }
        if in_list {
            body += "</ul>\n";
        }
    }
    let lines = cited.lines();
    if !lines.is_empty() {
        body += "<h2>Records</h2>\n<div class=\"records\">\n";
        for (at, line) in lines.iter().enumerate() {
            body += &format!("<div id=\"r{}\">{}</div>\n", at + 1, escaped(line));
        }
        body += "</div>\n";
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style></head>\n<body>\n{body}</body>\n</html>\n",
        escaped(&document.title)
    )
}

/// A line with its usual band.
fn of_chart(chart: &Chart) -> String {
    let (width, height) = (300.0, 64.0);
    let known = || chart.points.iter().flatten().copied().chain(chart.band.iter().flat_map(|band| [band.0, band.1]));
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let room = (most - least).max(f64::MIN_POSITIVE);
    let x = |at: usize| 4.0 + at as f64 * (width - 8.0) / (chart.points.len().max(2) - 1) as f64;
    let y = |value: f64| height - 6.0 - (value - least) / room * (height - 12.0);
    let mut shapes = String::new();
    if let Some((low, high)) = chart.band {
        shapes += &format!(
            "<rect x=\"0\" y=\"{:.1}\" width=\"{width}\" height=\"{:.1}\" fill=\"#7a8bb5\" opacity=\".25\"/>",
            y(high),
            (y(low) - y(high)).max(1.0)
        );
    }
    let marks: Vec<String> = chart
        .points
        .iter()
        .enumerate()
        .filter_map(|(at, value)| value.map(|value| format!("{:.1},{:.1}", x(at), y(value))))
        .collect();
    shapes +=
        &format!("<polyline points=\"{}\" fill=\"none\" stroke=\"#c2571a\" stroke-width=\"2\"/>", marks.join(" "));
    if let Some((cx, cy)) = marks.last().and_then(|mark| mark.split_once(',')) {
        shapes += &format!("<circle cx=\"{cx}\" cy=\"{cy}\" r=\"3\" fill=\"#c2571a\"/>");
    }
    let label = escaped(&format!("{}: {}", chart.title, chart.newest));
    format!(
        "<figure><svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{label}\">{shapes}</svg><figcaption>{label}</figcaption></figure>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
