//! A document as one HTML file without scripts or anything from elsewhere; charts are inline SVG.

use super::{Block, Chart, Citations, Document, Drawn, HEIGHT, Table, WIDTH};

const STYLE: &str = ":root{color-scheme:light dark}body{font:15px/1.45 system-ui,sans-serif;max-width:54rem;margin:1.5rem auto;padding:0 1rem;color:#1a1f2b;background:#fff}\
h1{font-size:1.5rem;margin:0 0 .4rem}h2{font-size:1.05rem;margin:1.5rem 0 .4rem;border-top:2px solid #1f3a5f;padding-top:.3rem}\
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.2rem .6rem .2rem 0;border-bottom:1px solid #dde;vertical-align:top}\
th{font-size:.8rem;color:#556;font-weight:600}ul{margin:.3rem 0;padding-left:1.1rem}.summary{font-size:1.05rem;list-style:none;padding:.6rem .8rem;background:#eef2f7;border-radius:.4rem}\
.records{color:#556;font-size:.72rem;overflow-wrap:anywhere}a{color:inherit}sup{line-height:0}sup a{text-decoration:none;color:#667}\
.charts{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem}figure{margin:.5rem 0}figcaption{font-size:.85rem}svg text{font:11px system-ui,sans-serif;fill:#556}\
@media (prefers-color-scheme:dark){body{color:#dde3ee;background:#12151c}th,td{border-color:#334}.summary{background:#1c2430}.records,th,sup a{color:#9aa6b8}svg text{fill:#9aa6b8}}\
@media print{body{margin:0}.records{display:none}}";

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
        let mut open = "";
        for block in &section.blocks {
            let tag = match block {
                Block::Line(_) => "ul",
                Block::Chart(_) => "div",
                Block::Table(_) => "",
            };
            if tag != open {
                body += &ended(open);
                body += &begun(tag);
                open = tag;
            }
            match block {
                Block::Line(text) => body += &format!("<li>{}</li>\n", escaped(text)),
                Block::Chart(chart) => body += &of_chart(chart),
                Block::Table(table) => body += &of_table(table, &mut cited),
            }
        }
        body += &ended(open);
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

fn begun(tag: &str) -> String {
    match tag {
        "" => String::new(),
        "div" => "<div class=\"charts\">\n".into(),
        tag => format!("<{tag}>\n"),
    }
}

fn ended(tag: &str) -> String {
    if tag.is_empty() { String::new() } else { format!("</{tag}>\n") }
}

fn of_table(table: &Table, cited: &mut Citations) -> String {
    let head: Vec<String> = table.head.iter().map(|cell| escaped(cell)).collect();
    let mut out = format!("<table>\n<tr><th>{}</th></tr>\n", head.join("</th><th>"));
    for row in &table.rows {
        let number = cited
            .number(&row.cites)
            .map_or_else(String::new, |number| format!(" <sup><a href=\"#r{number}\">{number}</a></sup>"));
        let cells: Vec<String> = row.cells.iter().map(|cell| escaped(cell)).collect();
        out += &format!("<tr><td>{}{number}</td></tr>\n", cells.join("</td><td>"));
    }
    out + "</table>\n"
}

/// A line with its usual band, its scale, and the days it begins and ends with.
fn of_chart(chart: &Chart) -> String {
    let drawn = Drawn::of(chart);
    let (left, width) = (&drawn.sides.0, &drawn.sides.1);
    let mut shapes = String::new();
    if let Some((top, height)) = &drawn.band {
        shapes += &format!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"#7a8bb5\" opacity=\".28\"/>"
        );
    }
    for line in &drawn.lines {
        shapes += &format!("<polyline points=\"{line}\" fill=\"none\" stroke=\"#c2571a\" stroke-width=\"2\"/>");
    }
    for (at, (x, y)) in drawn.dots.iter().enumerate() {
        let radius = if at + 1 == drawn.dots.len() { "3.5" } else { "1.6" };
        shapes += &format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"#c2571a\"/>");
    }
    shapes += &format!(
        "<text x=\"0\" y=\"{}\">{}</text><text x=\"0\" y=\"{}\">{}</text><text x=\"{left}\" y=\"{below}\">{}</text><text x=\"{WIDTH}\" y=\"{below}\" text-anchor=\"end\">{}</text>",
        drawn.scale.0,
        escaped(&chart.scale.1),
        drawn.scale.1,
        escaped(&chart.scale.0),
        escaped(&chart.span.0),
        escaped(&chart.span.1),
        below = HEIGHT - 3.0,
    );
    let label = escaped(&format!("{}: {}", chart.title, chart.newest));
    format!(
        "<figure><figcaption>{label}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\" aria-label=\"{label}\">{shapes}</svg></figure>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
