//! What making a film costs: time, processor time of this program and of its children, and memory, read from `/proc`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use proofreel_model::digest::Digest;
use proofreel_model::script::Sentence;
use proofreel_model::text::Span;
use proofreel_studio::FPS;
use proofreel_studio::captions::cues;
use proofreel_studio::cut::Cut;
use proofreel_studio::encoder::{Encoding, Unwatched, encode};
use proofreel_studio::film::{FilmOrder, Progress, Spoken, make};
use proofreel_studio::photo::Pictures;
use proofreel_studio::reel::{Material, Reel};
use proofreel_studio::segment::{Bench, Segment, Toolchain, plan, render_all};
use proofreel_studio::shelf::{Nothing, Shelf};
use proofreel_studio::text::Typesetter;
use proofreel_studio::theme::Theme;
use proofreel_studio::timeline::Timeline;
use proofreel_studio::yuv::Rows;

/// Clock ticks a second in `/proc`: fixed by Linux for user space.
const TICKS: f64 = 100.0;

/// Processor seconds of this process, and of its children that ended.
pub fn processor_seconds() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the name in brackets, which may hold anything.
    let fields: Vec<f64> = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect())
        .unwrap_or_default();
    let at = |n: usize| fields.get(n).copied().unwrap_or(0.0) / TICKS;
    (at(11) + at(12), at(13) + at(14))
}

/// Resident megabytes of this process and of all below it.
fn resident_megabytes() -> u64 {
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(status) = std::fs::read_to_string(entry.path().join("status")) else { continue };
        let number = |key: &str| {
            status.lines().find_map(|line| line.strip_prefix(key)?.split_whitespace().next()?.parse::<u64>().ok())
        };
        parents.insert(pid, (number("PPid:").unwrap_or(0) as u32, number("VmRSS:").unwrap_or(0)));
    }
    let own = std::process::id();
    let belongs = |pid: u32| {
        let mut at = pid;
        for _ in 0..16 {
            if at == own {
                return true;
            }
            at = parents.get(&at).map_or(0, |(parent, _)| *parent);
        }
        false
    };
    parents.iter().filter(|(pid, _)| belongs(**pid)).map(|(_, (_, kilobytes))| kilobytes).sum::<u64>() / 1024
}

/// What some work cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Seconds on the wall.
    pub wall: f64,
    /// Processor seconds of this process.
    pub own: f64,
    /// Processor seconds of its children.
    pub children: f64,
    /// Highest resident megabytes of all together, looked at four times a second: looking costs processor time too.
    pub peak_megabytes: u64,
}

/// Does some work and says what it cost.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (peak, over) = (AtomicU64::new(resident_megabytes()), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                peak.fetch_max(resident_megabytes(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(250));
            }
        });
        let (before, started) = (processor_seconds(), Instant::now());
        let done = work();
        let (after, wall) = (processor_seconds(), started.elapsed().as_secs_f64());
        over.store(true, Ordering::Relaxed);
        let cost = Cost {
            wall,
            own: after.0 - before.0,
            children: after.1 - before.1,
            peak_megabytes: peak.load(Ordering::Relaxed),
        };
        (done, cost)
    })
}

/// A film's look, cuts and segments.
type Planned = (Theme, Vec<Cut>, Vec<Segment>);

fn planned(order: &FilmOrder, timeline: &Timeline) -> Result<Planned, Box<dyn Error>> {
    let theme = Theme::new(&order.look, order.format, order.burn_captions, &order.brand)?;
    let captions = cues(&order.script, timeline);
    let material = Material {
        scenes: &order.scenes,
        script: &order.script,
        timeline,
        theme: &theme,
        captions: &captions,
        pictures: Pictures::none(),
    };
    let cuts = Cut::all(&material)?;
    let segments = plan(&cuts, &Toolchain::of(&order.tools, &order.fonts, &theme)?)?;
    Ok((theme, cuts, segments))
}

/// What drawing, converting and encoding the film's pictures costs, without sound, check and thumbnails.
pub fn pictures(order: &FilmOrder, timeline: &Timeline) -> Result<Cost, Box<dyn Error>> {
    let (theme, cuts, segments) = planned(order, timeline)?;
    let bench = Bench { tools: &order.tools, fonts: &order.fonts, theme: &theme, cuts: &cuts };
    let (made, cost) = measured(|| render_all(&bench, &segments, &order.folder, order.workers, &Nothing, &Unwatched));
    for file in made?.0 {
        std::fs::remove_file(file)?;
    }
    Ok(cost)
}

/// What encoding the film's frames alone costs: as many encoders side by side as the film was made with, fed from
/// memory. Drawing the frames is not counted.
pub fn encoder_alone(order: &FilmOrder, timeline: &Timeline) -> Result<Cost, Box<dyn Error>> {
    let (theme, cuts, segments) = planned(order, timeline)?;
    let mut total = Cost::default();
    for batch in segments.chunks(order.workers.max(1)) {
        let mut drawn = Vec::new();
        for segment in batch {
            let mut reel = Reel::of_cut(&cuts[segment.cut], &theme, Typesetter::new(&order.fonts)?)?;
            let mut frames = Vec::new();
            for frame in segment.frames.clone() {
                frames.push(reel.frame_yuv(frame)?.data.clone());
            }
            drawn.push((segment, frames));
        }
        let (ends, cost) = measured(|| {
            std::thread::scope(|scope| {
                let theme = &theme;
                let encoders: Vec<_> = drawn
                    .iter()
                    .enumerate()
                    .map(|(n, (segment, frames))| {
                        let to = order.folder.join(format!("alone-{n}.mp4"));
                        scope.spawn(move || alone(order, theme, segment, frames, &to))
                    })
                    .collect();
                encoders.into_iter().map(|encoder| encoder.join().unwrap_or(false)).collect::<Vec<_>>()
            })
        });
        if ends.contains(&false) {
            return Err("an encoder failed".into());
        }
        total.wall += cost.wall;
        total.own += cost.own;
        total.children += cost.children;
        total.peak_megabytes = total.peak_megabytes.max(cost.peak_megabytes);
    }
    Ok(total)
}

fn alone(order: &FilmOrder, theme: &Theme, segment: &Segment, frames: &[Vec<u8>], to: &Path) -> bool {
    let job = Encoding { width: theme.width, height: theme.height, frames: segment.length(), to: to.to_owned() };
    let done = encode(&order.tools, &job, &Unwatched, |outlet| {
        for frame in frames {
            outlet.give(frame, &Rows::whole(job.height));
        }
        Ok(())
    });
    done.is_ok() && std::fs::remove_file(to).is_ok()
}

/// Keeps parts as files of a folder.
pub struct Folder(pub PathBuf);

impl Shelf for Folder {
    fn fetch(&self, key: &Digest, to: &Path) -> bool {
        std::fs::copy(self.0.join(&key.0), to).is_ok()
    }

    fn keep(&self, key: &Digest, from: &Path) {
        if let Err(error) = std::fs::copy(from, self.0.join(&key.0)) {
            eprintln!("not kept: {error}");
        }
    }

    fn forget(&self, key: &Digest) {
        if let Err(error) = std::fs::remove_file(self.0.join(&key.0)) {
            eprintln!("not forgotten: {error}");
        }
    }
}

/// What the third scene's first sentence ends in, when it is changed; of about the same length.
const ENDINGS: [&str; 5] =
    [" Mark it well.", " Note it down.", " Keep it in mind.", " Look at it twice.", " Think of it."];

/// What the film costs once more from kept parts: with nothing changed, and with other words in its third scene, again and
/// again.
pub fn again(
    mut order: FilmOrder,
    shelf: &Folder,
    speak: impl Fn(&Sentence) -> Spoken,
    progress: &(dyn Progress + Sync),
) -> Result<(Cost, Vec<Cost>), Box<dyn Error>> {
    let (made, nothing) = measured(|| make(&order, shelf, progress));
    made?;
    let mut changed = Vec::new();
    for words in ENDINGS {
        let sentence =
            order.script.scenes.get_mut(2).and_then(|scene| scene.narration.first_mut()).ok_or("no sentence")?;
        sentence.text.0.retain(|span| !ENDINGS.contains(&span.text.as_str()));
        sentence.text.0.push(Span { text: words.into(), cite: None });
        order.speech[2][0] = speak(sentence);
        let (made, cost) = measured(|| make(&order, shelf, progress));
        made?;
        changed.push(cost);
    }
    Ok((nothing, changed))
}

/// What a film cost, as JSON.
pub fn report(
    frames: u32,
    workers: usize,
    cost: &Cost,
    limit: Option<&(Cost, Cost)>,
    again: Option<&(Cost, Vec<Cost>)>,
) -> String {
    let seconds = f64::from(frames) / f64::from(FPS);
    let one = |cost: &Cost| {
        serde_json::json!({
            "wall_seconds": cost.wall,
            "own_cpu_seconds": cost.own,
            "children_cpu_seconds": cost.children,
            "peak_rss_megabytes": cost.peak_megabytes,
            "frames_a_second": f64::from(frames) / cost.wall,
            "cpu_seconds_a_second": (cost.own + cost.children) / seconds,
        })
    };
    let mut report = serde_json::json!({ "frames": frames, "seconds": seconds, "workers": workers, "film": one(cost) });
    if let Some((limit, pictures)) = limit {
        report["encoder_alone"] = one(limit);
        report["pictures_alone"] = one(pictures);
        for (name, of) in [("film", cost), ("pictures", pictures)] {
            // Of processor time: what other programs do meanwhile does not count.
            report["reach"][name] = ((limit.own + limit.children) / (of.own + of.children)).into();
            report["reach_wall"][name] = (limit.wall / of.wall).into();
        }
    }
    if let Some((nothing, scenes)) = again {
        report["nothing_changed"] = one(nothing);
        report["one_scene_changed"] = scenes.iter().map(one).collect();
    }
    report.to_string()
}
