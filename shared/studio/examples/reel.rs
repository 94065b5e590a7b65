//! Draws a reel of every kind of scene from two CSV files, for looking at and for measuring.
//!
//! `reel SERIES.csv PANEL.csv OUT [landscape|portrait] [captions] [music] [mp4] [json] [limit] [workers=N] [repeat=N]` reads a
//! series (`date,value`) and a panel (`member,year,value`), and writes frames of each scene as PNG, thumbnails, and with
//! `mp4` a film with tones for speech. `repeat` makes it so many times as long, with other data each time; `json` prints
//! what it cost as one JSON object; with `limit` also what encoding the same frames alone costs, with `again` what the
//! film costs once more from kept parts (in `OUT/parts`), with nothing and, five times, with one scene changed.

#[path = "reel/measure.rs"]
mod measure;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::civil::Date;
use proofreel_model::channel::{CaptionStyle, Look};
use proofreel_model::film::{Format, TimedWord};
use proofreel_model::ids::{FactId, SceneId};
use proofreel_model::scenes::{NarrativeRole, Scene, Scenes};
use proofreel_model::script::{Script, ScriptScene, Sentence, ThumbnailDesign, ThumbnailVariant};
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::unit::{Unit, UnitKind};
use proofreel_model::visual::{Bar, Mark, RankedMember, Trace, TracePoint, Visual};
use proofreel_studio::captions::cues;
use proofreel_studio::encoder::Watch;
use proofreel_studio::film::{FilmOrder, Progress, Spoken, make};
use proofreel_studio::photo::Pictures;
use proofreel_studio::reel::{Material, Reel};
use proofreel_studio::segment::usual_workers;
use proofreel_studio::shelf::Nothing;
use proofreel_studio::text::{FontFiles, Typesetter};
use proofreel_studio::theme::Theme;
use proofreel_studio::timeline::{Pacing, Take, Timeline, tokens};
use proofreel_studio::tools::Tools;
use proofreel_studio::{FPS, thumbnail};

use measure::{Folder, again, encoder_alone, measured, pictures, report};

type Fallible<T> = Result<T, Box<dyn Error>>;

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-').map(|part| part.parse::<i16>().ok());
    let (year, month, day) = (parts.next()??, parts.next().flatten().unwrap_or(1), parts.next().flatten().unwrap_or(1));
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn rows(path: &Path) -> Fallible<Vec<Vec<String>>> {
    let text = std::fs::read_to_string(path)?;
    Ok(text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect())
        .collect())
}

/// Text with `{fact|words}` as citations.
fn rich(text: &str) -> RichText {
    let mut spans = Vec::new();
    for (n, part) in text.split(['{', '}']).enumerate() {
        match part.split_once('|') {
            Some((fact, words)) if n % 2 == 1 => {
                let cite = Cite::Fact { fact: FactId::from(fact), part: Part::Value, style: Style::Spoken };
                spans.push(Span { text: words.into(), cite: Some(cite) });
            }
            _ => spans.push(Span { text: part.into(), cite: None }),
        }
    }
    RichText(spans)
}

fn series(column: &str) -> SeriesRef {
    SeriesRef {
        dataset: "sample".into(),
        resource: "data".into(),
        date_column: "Date".into(),
        column: column.into(),
        filter: BTreeMap::new(),
    }
}

fn thinned(points: Vec<TracePoint>) -> Vec<TracePoint> {
    let step = points.len().div_ceil(600).max(1);
    let last = points.len().saturating_sub(1);
    points.into_iter().enumerate().filter(|(n, _)| n % step == 0 || *n == last).map(|(_, point)| point).collect()
}

fn trace(label: &str, unit: &Unit, points: Vec<TracePoint>, frequency: Frequency) -> Trace {
    Trace {
        series: series(label),
        label: RichText::plain(label),
        unit: unit.clone(),
        frequency,
        points: thinned(points),
    }
}

fn bar(label: &str, figure: &str, value: f64, fact: &str, emphasis: bool) -> Bar {
    Bar {
        label: RichText::plain(label),
        figure: rich(&format!("{{{fact}|{figure}}}")),
        value,
        fact: FactId::from(fact),
        emphasis,
    }
}

/// A picture with its narration and on-screen texts.
type SampleScene = (Visual, Vec<RichText>, Vec<RichText>);

/// One scene of each kind, some twice.
#[allow(clippy::too_many_lines)] // a list of samples
fn material(gold: &[TracePoint], panel: &BTreeMap<String, Vec<TracePoint>>) -> Fallible<Vec<SampleScene>> {
    let usd = Unit { kind: UnitKind::Currency { code: "USD".into() }, per: Some("ounce".into()), multiplier: 1.0 };
    let trillions = Unit { kind: UnitKind::Currency { code: "USD".into() }, per: None, multiplier: 1e12 };
    let recent: Vec<TracePoint> = gold.iter().filter(|p| p.date.year() >= 1970).copied().collect();
    let peak =
        *recent.iter().filter(|p| p.date.year() < 1985).max_by(|a, b| a.value.total_cmp(&b.value)).ok_or("no peak")?;
    let low =
        *recent.iter().filter(|p| p.date.year() > 1985).min_by(|a, b| a.value.total_cmp(&b.value)).ok_or("no low")?;
    let last = *recent.last().ok_or("no last")?;
    let mark = |point: &TracePoint, label: &str, fact: &str, trace: u32| Mark {
        trace,
        date: point.date,
        label: rich(label),
        fact: FactId::from(fact),
    };
    let gdp = |name: &str| panel.get(name).cloned().unwrap_or_default();
    let names = ["United States", "China", "Japan", "Germany"];
    let lines: Vec<Trace> = names.iter().map(|name| trace(name, &trillions, gdp(name), Frequency::Annual)).collect();
    let dates: Vec<Date> =
        panel.values().next().map(|points| points.iter().map(|p| p.date).collect()).unwrap_or_default();
    let members: Vec<RankedMember> = panel
        .iter()
        .take(14)
        .map(|(name, points)| RankedMember {
            series: series(name),
            label: RichText::plain(name.as_str()),
            points: points.clone(),
        })
        .collect();
    let focus = members.iter().position(|member| member.label.text() == "China").unwrap_or(0) as u32;
    let china = gdp("China");
    let cross = *china.get(china.len() / 2).ok_or("no points")?;
    let gold_trace = trace("Gold", &usd, recent, Frequency::Monthly);
    Ok(vec![
        (
            Visual::Title { kicker: RichText::plain("Plain Numbers"), heading: rich("Gold costs {f1|15 times} what it did when the century began"), backdrop: Some(gold_trace.clone()), picture: None },
            vec![rich("In the year the century began, an ounce of gold cost {f2|$271}."), rich("Today it costs {f1|15 times} as much, and nobody agrees on why.")],
            vec![rich("Monthly averages, London, {f9|1833 to 2026}")],
        ),
        (
            Visual::Line {
                heading: rich("Gold went nowhere for twenty years, then rose {f3|fifteenfold}"),
                traces: vec![gold_trace.clone()],
                marks: vec![mark(&peak, "{f4|$675} in {f4|Jan 1980}", "f4", 0), mark(&low, "{f5|$256} in {f5|Apr 2001}", "f5", 0), mark(&last, "{f6|$4,228} now", "f6", 0)],
                log_scale: false,
                ranges: Vec::new(),
            },
            vec![rich("After the peak of {f4|January 1980}, the price fell for two decades."), rich("It touched bottom at {f5|$256} in the spring of {f5|2001}."), rich("From there it climbed to {f6|$4,228}, the highest figure in the record.")],
            vec![rich("US dollars per troy ounce, monthly average"), rich("The low of {f5|2001} came after two decades of falling prices")],
        ),
        (
            Visual::Line {
                heading: rich("China passed Japan and now makes twice as much as Germany and Japan together"),
                traces: lines,
                marks: vec![mark(&cross, "{f7|$7.55T} in {f7|2011}", "f7", 1)],
                log_scale: false,
                ranges: Vec::new(),
            },
            vec![rich("Four economies lead the world."), rich("China reached {f7|$7.55 trillion} and kept going while the others barely moved at all.")],
            vec![],
        ),
        (
            Visual::Line { heading: rich("On a ratio scale the long calm is easy to see"), traces: vec![trace("Gold", &usd, gold.to_vec(), Frequency::Monthly)], marks: vec![], log_scale: true, ranges: Vec::new() },
            vec![rich("For a hundred years the price was fixed by law. Then it was not.")],
            vec![],
        ),
        (
            Visual::Bars {
                heading: rich("The best and the worst years since {f8|1971}"),
                bars: vec![
                    bar("1979", "+127%", 127.0, "b1", true),
                    bar("1974", "+66.1%", 66.1, "b2", false),
                    bar("2007, the year before the financial crisis", "+31.4%", 31.4, "b3", false),
                    bar("1997", "−21.8%", -21.8, "b4", false),
                    bar("1981", "−32.8%", -32.8, "b5", false),
                ],
                unit: Unit::percent(),
            },
            vec![rich("The best year added {b1|127 percent}."), rich("The worst, {b5|1981}, took away {b5|32.8 percent}, and {b4|1997} was not much better.")],
            vec![],
        ),
        (
            Visual::Ranking { heading: rich("The order of the largest economies changed once, and it was China"), members, unit: trillions.clone(), frequency: Frequency::Annual, dates, focus },
            vec![rich("Watch the second place."), rich("At the start it belongs to Japan, and China is only sixth."), rich("Within a decade China overtakes Italy, France, Britain, Germany and at last Japan, and it has not looked back since then.")],
            vec![],
        ),
        (
            Visual::Comparison { heading: rich("A quarter century, one ounce"), left: bar("April 2001", "$256", 256.0, "f5", false), right: bar("July 2026", "$4,228", 4228.0, "f6", true), delta: rich("{f3|+1,552%}") },
            vec![rich("From {f5|$256} an ounce to {f6|$4,228}."), rich("That is a rise of {f3|1,552 percent}.")],
            vec![rich("Monthly averages; not adjusted for inflation")],
        ),
        (
            Visual::BigNumber { heading: RichText::plain("American output in the latest year"), figure: rich("{g1|$27.4T}"), fact: FactId::from("g1"), context: rich("more than China and the whole euro area put together, at {g2|$33.1T}"), backdrop: Some(trace("US", &trillions, gdp("United States"), Frequency::Annual)) },
            vec![rich("American output came to {g1|$27.4 trillion} in the latest full year on record.")],
            vec![],
        ),
        (
            Visual::Payoff { heading: RichText::plain("What to remember"), points: vec![rich("Gold lost money for twenty years after {f4|1980}."), rich("Since {f5|2001} it has risen {f3|1,552 percent}."), RichText::plain("Its long calm ended when its price was no longer fixed by law.")] },
            vec![rich("Gold lost money for twenty years after {f4|1980}."), rich("Since then it has risen by {f3|1,552 percent}."), rich("And the long calm is not coming back.")],
            vec![],
        ),
        (
            Visual::End { heading: RichText::plain("Sources"), sources: vec![RichText::plain("World Bank, Commodity Price Data, as of July 2026"), RichText::plain("World Bank, World Development Indicators, GDP at current prices, as of 2024")], small_print: vec!["Script, voice and charts were generated by software from the public data named here; every figure was recomputed from its source.".into(), "For information only. This is not investment advice.".into()] },
            vec![],
            vec![],
        ),
    ])
}

/// A tone with the rhythm of speech for each sentence.
fn speak(sentence: &Sentence) -> Spoken {
    let rate = 24_000u32;
    let mut words = Vec::new();
    let mut samples = vec![0i16; 480];
    for token in tokens(&sentence.text) {
        let start = samples.len();
        let length = (token.text.chars().count() as u32 * 62 + 90) * rate / 1000;
        samples.extend((0..length).map(|n| {
            let t = n as f32 / rate as f32;
            let shape = (n as f32 / length as f32 * std::f32::consts::PI).sin();
            ((t * 180.0 * std::f32::consts::TAU).sin() + 0.5 * (t * 531.0 * std::f32::consts::TAU).sin())
                * shape
                * 4000.0
        } as i16));
        let ms = |sample: usize| (sample as u64 * 1000 / u64::from(rate)) as u32;
        words.push(TimedWord { text: token.text, start_ms: ms(start), end_ms: ms(samples.len()) });
        samples.resize(samples.len() + 600, 0);
    }
    Spoken { sample_rate: rate, samples, words }
}

struct Console(Instant);

impl Watch for Console {
    fn frame(&self, done: u32) -> bool {
        if done.is_multiple_of(300) {
            eprintln!("{done} frames, {:.1} a second", f64::from(done) / self.0.elapsed().as_secs_f64());
        }
        true
    }
}

impl Progress for Console {
    fn begin(&self, what: &str, total: u64) {
        eprintln!("{:.1} s: {what} {total}", self.0.elapsed().as_secs_f64());
    }

    fn end(&self) {}
}

/// A panel in long shape, by member.
fn read_panel(file: &Path) -> Fallible<BTreeMap<String, Vec<TracePoint>>> {
    let mut panel: BTreeMap<String, Vec<TracePoint>> = BTreeMap::new();
    for (n, row) in rows(file)?.iter().enumerate() {
        if let [member, year, value, ..] = row.as_slice()
            && let (Some(date), Ok(value)) = (date(year), value.parse())
        {
            panel.entry(member.clone()).or_default().push(TracePoint { date, value, row: n as u32 + 1 });
        }
    }
    Ok(panel)
}

/// Early, middle and last looks of every scene; then the speed of drawing alone.
fn draw_stills(order: &FilmOrder, theme: &Theme, type_: Typesetter) -> Fallible<()> {
    let (scenes, script, out) = (&order.scenes, &order.script, &order.folder);
    let takes: Vec<(SceneId, Vec<Take>)> = script
        .scenes
        .iter()
        .zip(&order.speech)
        .map(|(scene, spoken)| {
            let take = |s: &Spoken| Take { length: s.samples.len() as u64 * 2, words: s.words.clone() };
            (scene.scene_id.clone(), spoken.iter().map(take).collect())
        })
        .collect();
    let laid: Vec<(SceneId, &[Take])> = takes.iter().map(|(id, takes)| (id.clone(), takes.as_slice())).collect();
    let pacing = Pacing::default();
    let behind = pacing.behind(scenes.scenes.iter().map(|scene| scene.narrative_role));
    let timeline = Timeline::lay_turning(&laid, &behind, &pacing)?;
    let captions = cues(script, &timeline);
    let mut reel = Reel::new(
        Material { scenes, script, timeline: &timeline, theme, captions: &captions, pictures: Pictures::none() },
        type_,
    )?;
    for (n, span) in timeline.scenes.iter().enumerate() {
        for share in [0.2, 0.55, 0.93] {
            let frame = span.frames.start + ((span.frames.end - span.frames.start) as f32 * share) as u32;
            reel.frame_rgb(frame)?.save_png(out.join(format!("scene-{:02}-{:02.0}.png", n + 1, share * 100.0)))?;
        }
    }
    let started = Instant::now();
    for frame in 0..reel.frames() {
        reel.frame_yuv(frame)?;
    }
    let rate = f64::from(reel.frames()) / started.elapsed().as_secs_f64();
    println!("{} frames ({} s) drawn at {rate:.0} a second without encoding", reel.frames(), reel.frames() / FPS);
    Ok(())
}

fn main() -> Fallible<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [series_file, panel_file, out, options @ ..] = args.as_slice() else {
        return Err(
            "usage: reel SERIES.csv PANEL.csv OUT [portrait] [captions [karaoke]] [music] [theme=NAME] [mp4]".into()
        );
    };
    let has = |option: &str| options.iter().any(|have| have == option);
    let option = |name: &str| options.iter().find_map(|have| have.strip_prefix(name)?.parse().ok());
    let folder = PathBuf::from(out);
    std::fs::create_dir_all(&folder)?;
    let gold: Vec<TracePoint> = rows(Path::new(series_file))?
        .iter()
        .enumerate()
        .filter_map(|(n, row)| {
            Some(TracePoint { date: date(row.first()?)?, value: row.get(1)?.parse().ok()?, row: n as u32 + 1 })
        })
        .collect();
    let panel = read_panel(Path::new(panel_file))?;
    let mut samples = Vec::new();
    for round in 0..option("repeat=").unwrap_or(1) {
        // Other data each time, so that no scene is like another.
        let factor = 1.0 + 0.07 * round as f64;
        let scaled = |points: &[TracePoint]| -> Vec<TracePoint> {
            points.iter().map(|point| TracePoint { value: point.value * factor, ..*point }).collect()
        };
        let panel = panel.iter().map(|(name, points)| (name.clone(), scaled(points))).collect();
        let mut scenes = material(&scaled(&gold), &panel)?;
        for (n, narration) in scenes.iter_mut().map(|(_, narration, _)| narration).enumerate() {
            // Nor as long as another: lengths that come again and again are no film's.
            let text = " And so on.".repeat(round * (2 * n + 1) % 5);
            narration.iter_mut().take(1).for_each(|said| said.0.push(Span { text: text.clone(), cite: None }));
        }
        samples.extend(scenes);
    }
    let (scenes, script) = assemble(samples, &gold);
    let speech: Vec<Vec<Spoken>> =
        script.scenes.iter().map(|scene| scene.narration.iter().map(speak).collect()).collect();
    let order = FilmOrder {
        scenes,
        script,
        speech,
        look: Look {
            captions: if has("karaoke") { CaptionStyle::Karaoke } else { CaptionStyle::Plain },
            ..Look::of(options.iter().find_map(|option| option.strip_prefix("theme=")).unwrap_or("night"))
        },
        brand: "Plain Numbers".into(),
        format: if has("portrait") { Format::Portrait } else { Format::Landscape },
        burn_captions: has("captions"),
        music: has("music").then_some(1),
        pictures: Pictures::default(),
        least_ms: 0,
        most_ms: u32::MAX,
        fonts: FontFiles::from_environment(),
        tools: Tools::from_environment(),
        folder,
        workers: option("workers=").unwrap_or_else(usual_workers),
    };
    if has("mp4") {
        let shelf = has("again").then(|| Folder(order.folder.join("parts")));
        if let Some(Folder(parts)) = &shelf {
            std::fs::create_dir_all(parts)?;
        }
        let console = Console(Instant::now());
        let (made, cost) = measured(|| match &shelf {
            Some(shelf) => make(&order, shelf, &console),
            None => make(&order, &Nothing, &console),
        });
        let made = made?;
        let (frames, seconds) = (made.timeline.frames(), cost.wall);
        if has("json") {
            let limit =
                || -> Fallible<_> { Ok((encoder_alone(&order, &made.timeline)?, pictures(&order, &made.timeline)?)) };
            let limit = has("limit").then(limit).transpose()?;
            let workers = order.workers;
            let costs = shelf.map(|shelf| again(order, &shelf, speak, &console)).transpose()?;
            println!("{}", report(frames, workers, &cost, limit.as_ref(), costs.as_ref()));
            return Ok(());
        }
        println!("{frames} frames in {seconds:.1} s, {:.1} a second; {:?}", f64::from(frames) / seconds, made.media);
        return Ok(());
    }
    pictures_only(&order)
}

/// Thumbnails and stills of a film that is not made.
fn pictures_only(order: &FilmOrder) -> Fallible<()> {
    let theme = Theme::new(&order.look, order.format, order.burn_captions, &order.brand)?;
    let mut type_ = Typesetter::new(&order.fonts)?;
    for (n, variant) in order.script.thumbnails.iter().enumerate() {
        let png = thumbnail::draw(variant, &theme.palette, &mut type_)?;
        std::fs::write(order.folder.join(format!("thumbnail-{}.png", n + 1)), png)?;
    }
    draw_stills(order, &theme, type_)
}

fn assemble(material: Vec<SampleScene>, gold: &[TracePoint]) -> (Scenes, Script) {
    let schema_version = proofreel_model::schema_version();
    let usd = Unit { kind: UnitKind::Currency { code: "USD".into() }, per: Some("ounce".into()), multiplier: 1.0 };
    let (mut scenes, mut words) = (Vec::new(), Vec::new());
    for (n, (visual, narration, on_screen_text)) in material.into_iter().enumerate() {
        let scene_id = SceneId(format!("s{:02}", n + 1));
        let narration =
            narration.into_iter().map(|text| Sentence { text, claims: Vec::new(), plan: "sample".into() }).collect();
        words.push(ScriptScene { scene_id: scene_id.clone(), narration, on_screen_text });
        scenes.push(Scene {
            scene_id,
            objective: String::new(),
            narrative_role: NarrativeRole::Proof,
            key_claims: Vec::new(),
            source_refs: Vec::new(),
            evidence_sources: Vec::new(),
            visual_prompt: String::new(),
            visual,
            source_line: RichText::plain("World Bank, Commodity Price Data, July 2026"),
            narration_prompt: String::new(),
            transition_note: String::new(),
            start_time: 0.0,
            end_time: 0.0,
            word_budget: 0,
            risk_flags: Vec::new(),
            schema_version: schema_version.clone(),
        });
    }
    let line =
        trace("Gold", &usd, gold.iter().filter(|p| p.date.year() >= 1990).copied().collect(), Frequency::Monthly);
    let thumbnail = |design, words: &str, figure: &str, earlier: Option<&str>| ThumbnailVariant {
        design,
        words: RichText::plain(words),
        figure: RichText::plain(figure),
        earlier: earlier.map(RichText::plain),
        trace: line.clone(),
    };
    let script = Script {
        schema_version: schema_version.clone(),
        writer: "sample".into(),
        authors: Vec::new(),
        scenes: words,
        titles: Vec::new(),
        thumbnails: vec![
            thumbnail(ThumbnailDesign::BigFigure, "Gold broke every record", "$4,228", None),
            thumbnail(ThumbnailDesign::BoldLine, "Twenty years of nothing", "+1,552%", None),
            thumbnail(ThumbnailDesign::ThenAndNow, "One ounce of gold", "$4,228", Some("$256")),
        ],
        hooks: Vec::new(),
        description: Vec::new(),
        tags: Vec::new(),
        chapters: Vec::new(),
        pinned_comment: RichText::default(),
        other_comments: Vec::new(),
        ai_disclosure: String::new(),
        disclaimer: String::new(),
        draft: false,
        obeyed: Vec::new(),
    };
    (Scenes { schema_version, scenes }, script)
}
