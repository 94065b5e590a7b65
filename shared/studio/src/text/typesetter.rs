//! Shaping, wrapping, fitting and rasterising, with every result kept for the next time.

mod glyphs;
mod key;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use cosmic_text::{
    Align as LineAlign, Attrs, Buffer, Ellipsize, EllipsizeHeightLimit, Family, FeatureTag, FontFeatures, FontSystem,
    Hinting, LayoutGlyph, Metrics, Shaping, SwashCache, Wrap,
};

use self::key::{Fitting, Key};
use super::scripts::ScriptFonts;
use super::{Align, Block, FontFiles, Mask, Piece, SetText, TextStyle, Tone, Weight};
use crate::error::StudioError;
use crate::geometry::Area;

/// Sets text in the given fonts. Not shared between threads.
pub struct Typesetter {
    fonts: FontSystem,
    glyphs: SwashCache,
    family: String,
    display_family: String,
    blocks: HashMap<Key, SetText>,
    /// Captions are fitted anew for each frame that shows them: finding the size costs far more than setting once.
    fitted: HashMap<Fitting, SetText>,
    scripts: ScriptFonts,
    missing: BTreeSet<char>,
}

impl Typesetter {
    /// Loads the fonts.
    pub fn new(files: &FontFiles) -> Result<Self, StudioError> {
        let (db, family) = files.load()?;
        let display = format!("{family} Display");
        let has_display = db.faces().any(|face| face.families.iter().any(|(name, _)| *name == display));
        let display_family = if has_display { display } else { family.clone() };
        // The locale only orders fallbacks between scripts; a fixed one keeps frames the same on every machine.
        let fonts = FontSystem::new_with_locale_and_db("en-US".into(), db);
        Ok(Self {
            fonts,
            glyphs: SwashCache::new(),
            family,
            display_family,
            blocks: HashMap::new(),
            fitted: HashMap::new(),
            scripts: ScriptFonts::new(files.scripts.clone()),
            missing: BTreeSet::new(),
        })
    }

    /// Family of the running text.
    pub fn family(&self) -> &str {
        &self.family
    }

    /// Loads the fonts of scripts that these texts are the first to use.
    fn fetch_scripts(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            let wanted = self.scripts.wanted(&piece.text);
            if !wanted.is_empty() {
                self.scripts.load(&wanted, self.fonts.db_mut());
            }
        }
    }

    /// Drops what was kept, for example between scenes.
    pub fn forget(&mut self) {
        self.blocks.clear();
        self.fitted.clear();
        self.glyphs = SwashCache::new();
    }

    /// Sets text, wrapped at `width` pixels when given. Lines of a wrapped block are made about equally long.
    pub fn set(&mut self, pieces: &[Piece], style: &TextStyle, width: Option<f32>) -> SetText {
        self.compose(pieces, style, width, None)
    }

    /// Sets text as large as fits into `width × height` pixels and `max_lines` lines, from the style's size down to
    /// `least` times it. Where a citation is too wide for a line its words are parted; a word is broken only at the least
    /// size, and what still does not fit is cut off with an ellipsis.
    pub fn fit(
        &mut self,
        pieces: &[Piece],
        style: &TextStyle,
        width: f32,
        height: f32,
        max_lines: u32,
        least: f32,
    ) -> SetText {
        let fitting = Fitting::of(pieces, style, (width, height), max_lines, least);
        if let Some(block) = self.fitted.get(&fitting) {
            return block.clone();
        }
        let block = self.find_fit(pieces, style, (width, height), max_lines, least);
        self.fitted.insert(fitting, block.clone());
        block
    }

    fn find_fit(
        &mut self,
        pieces: &[Piece],
        style: &TextStyle,
        (width, height): (f32, f32),
        max_lines: u32,
        least: f32,
    ) -> SetText {
        if let Some(block) = self.fit_whole(pieces, style, (width, height), max_lines, least) {
            return block;
        }
        // What should stay together is wider than the line: a break between its words is better than one inside a word.
        let loose = pieces.iter().any(|piece| piece.text.contains('\u{a0}')).then(|| loosened(pieces));
        if let Some(block) =
            loose.as_ref().and_then(|loose| self.fit_whole(loose, style, (width, height), max_lines, least))
        {
            return block;
        }
        let pieces = loose.as_deref().unwrap_or(pieces);
        let smallest = style.sized(style.size * least);
        let broken = self.compose(pieces, &smallest, Some(width), None);
        if broken.lines <= max_lines && broken.height <= height + 0.5 {
            return broken;
        }
        let lines = ((height / line_height(smallest.size, style)).floor() as u32).clamp(1, max_lines);
        self.compose(pieces, &smallest, Some(width), Some(lines))
    }

    /// The same when it fits with no word broken and nothing cut off; else none.
    pub fn fit_whole(
        &mut self,
        pieces: &[Piece],
        style: &TextStyle,
        (width, height): (f32, f32),
        max_lines: u32,
        least: f32,
    ) -> Option<SetText> {
        const STEPS: u32 = 12;
        self.fetch_scripts(pieces);
        let width = width.max(1.0);
        let widest = self.widest_word(pieces, style) / style.size;
        // Shaped once: letters keep their proportions in every size.
        let mut buffer = self.shape(pieces, style, Some(width), None);
        let fits = |size: &f32| {
            buffer.set_metrics(metrics(*size, style));
            buffer.shape_until_scroll(&mut self.fonts, false);
            let lines = buffer.layout_runs().count() as u32;
            let wide = buffer.layout_runs().map(|run| run.line_w).fold(0.0, f32::max);
            lines <= max_lines
                && lines as f32 * line_height(*size, style) <= height + 0.5
                && wide <= width + 0.5
                && widest * size <= width
        };
        let mut sizes = (0..=STEPS).map(|step| style.size * (1.0 - (1.0 - least) * step as f32 / STEPS as f32));
        let size = sizes.find(fits)?;
        Some(self.compose(pieces, &style.sized(size), Some(width), None))
    }

    /// Width of the widest part of a text that no line may break, pixels in the style's size.
    fn widest_word(&mut self, pieces: &[Piece], style: &TextStyle) -> f32 {
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let ends: Vec<usize> = unicode_linebreak::linebreaks(&text).map(|(at, _)| at).collect();
        let buffer = self.shape(pieces, style, None, None);
        let mut widths = vec![0.0f32; ends.len() + 1];
        let mut line_start = 0;
        for (line, run) in buffer.lines.iter().zip(buffer.layout_runs()) {
            // A no-break space is part of what may not be broken.
            let seen = run.glyphs.iter().filter(|glyph| !run.text[glyph.start..glyph.end].chars().all(breaks));
            for glyph in seen {
                widths[ends.partition_point(|end| *end <= line_start + glyph.start)] += glyph.w;
            }
            line_start += line.text().len() + line.ending().as_str().len();
        }
        widths.into_iter().fold(0.0, f32::max)
    }

    fn compose(&mut self, pieces: &[Piece], style: &TextStyle, width: Option<f32>, max_lines: Option<u32>) -> SetText {
        let key = Key::of(pieces, style, width, max_lines);
        if let Some(block) = self.blocks.get(&key) {
            return block.clone();
        }
        self.fetch_scripts(pieces);
        let block = SetText(Arc::new(self.rasterise(pieces, style, width.map(|w| w.max(1.0)), max_lines)));
        self.blocks.insert(key, block.clone());
        block
    }

    fn shape(&mut self, pieces: &[Piece], style: &TextStyle, width: Option<f32>, max_lines: Option<u32>) -> Buffer {
        let mut buffer = Buffer::new_empty(metrics(style.size, style));
        buffer.set_hinting(Hinting::Disabled);
        buffer.set_wrap(if width.is_some() { Wrap::WordOrGlyph } else { Wrap::None });
        buffer.set_size(width, None);
        if let Some(lines) = max_lines {
            buffer.set_ellipsize(Ellipsize::End(EllipsizeHeightLimit::Lines(lines as usize)));
        }
        let mut features = FontFeatures::new();
        if style.tabular {
            features.enable(FeatureTag::new(b"tnum"));
        }
        let family = if style.display { self.display_family.clone() } else { self.family.clone() };
        let weight = cosmic_text::Weight(match style.weight {
            Weight::Regular => 400,
            Weight::Medium => 500,
            Weight::SemiBold => 600,
            Weight::Bold => 700,
            Weight::ExtraBold => 800,
        });
        let attrs = Attrs::new()
            .family(Family::Name(&family))
            .weight(weight)
            .letter_spacing(style.tracking)
            .font_features(features);
        let align = match style.align {
            Align::Left => LineAlign::Left,
            Align::Centre => LineAlign::Center,
            Align::Right => LineAlign::Right,
        };
        let course = Course::of(pieces);
        let mark = (course == Course::Mixed).then_some(("\u{200e}", attrs.clone()));
        let spans = mark
            .into_iter()
            .chain(pieces.iter().map(|piece| (piece.text.as_str(), attrs.clone().metadata(piece.tone as usize))));
        // Without a width there is nothing to align in. Lines that run leftwards begin on the right of their block.
        let align = match align {
            _ if width.is_none() => LineAlign::Left,
            LineAlign::Left if course == Course::Leftwards => LineAlign::Right,
            align => align,
        };
        buffer.set_rich_text(spans, &attrs, Shaping::Advanced, Some(align));
        buffer.shape_until_scroll(&mut self.fonts, false);
        buffer
    }

    /// Narrows a wrapped block as far as its number of lines and its widest word allow, so that no line holds a lone word.
    fn balance(&mut self, buffer: &mut Buffer, width: f32, word: f32) {
        let lines = buffer.layout_runs().count();
        if lines < 2 {
            return;
        }
        let widest = |buffer: &Buffer| buffer.layout_runs().map(|run| run.line_w).fold(0.0, f32::max);
        let (mut low, mut high) = ((widest(buffer) / 2.0).max(word), width);
        let tallest_word = 0.5;
        while high - low > tallest_word * 8.0 {
            let middle = f32::midpoint(low, high);
            buffer.set_size(Some(middle), None);
            buffer.shape_until_scroll(&mut self.fonts, false);
            if buffer.layout_runs().count() <= lines && widest(buffer) <= middle { high = middle } else { low = middle }
        }
        buffer.set_size(Some(high), None);
        buffer.shape_until_scroll(&mut self.fonts, false);
    }

    fn rasterise(&mut self, pieces: &[Piece], style: &TextStyle, width: Option<f32>, max_lines: Option<u32>) -> Block {
        let mut buffer = self.shape(pieces, style, width, max_lines);
        let mut broken = false;
        if let (Some(width), None) = (width, max_lines) {
            let word = self.widest_word(pieces, style);
            broken = word > width + 0.5;
            self.balance(&mut buffer, width, word);
        }
        let mut lines: Vec<(f32, Vec<LayoutGlyph>)> = Vec::new();
        let mut words: BTreeMap<(usize, usize), Area> = BTreeMap::new();
        let (mut left, mut right) = (f32::MAX, 0.0f32);
        let mut missing: BTreeSet<char> = BTreeSet::new();
        for run in buffer.layout_runs() {
            // The advance of a trailing space is not part of what is seen.
            let seen = run.glyphs.iter().filter(|glyph| !run.text[glyph.start..glyph.end].trim().is_empty());
            for glyph in seen {
                left = left.min(glyph.x);
                right = right.max(glyph.x + glyph.w);
                let word = word_at(run.text, glyph.start);
                let own = Area::new(glyph.x, run.line_top, glyph.w, run.line_height);
                words.entry((run.line_i, word)).and_modify(|area| *area = area.around(own)).or_insert(own);
            }
            missing.extend(glyphs::undrawn(run.text, run.glyphs));
            lines.push((run.line_y, run.glyphs.to_vec()));
        }
        self.missing.append(&mut missing);
        let left = if left == f32::MAX { 0.0 } else { left };
        let (box_width, box_height) = ((right - left).max(0.0), line_height(style.size, style) * lines.len() as f32);
        let pad = (style.size * 0.3).ceil() as u32 + 2;
        let (columns, rows) = (box_width.ceil() as u32 + 2 * pad, box_height.ceil() as u32 + 2 * pad);
        let mut masks: [Option<Mask>; 2] = [None, None];
        for (baseline, glyphs) in &lines {
            let origin = (pad as f32 - left, pad as f32 + baseline.round());
            for glyph in glyphs {
                let tone = usize::from(glyph.metadata == Tone::Accent as usize);
                let mask = masks[tone].get_or_insert_with(|| Mask {
                    width: columns,
                    height: rows,
                    data: vec![0; (columns * rows) as usize],
                });
                self.stamp(glyph, origin, mask);
            }
        }
        Block {
            text: pieces.iter().map(|piece| piece.text.as_str()).collect(),
            role: style.role,
            width: box_width,
            height: box_height,
            lines: lines.len() as u32,
            size: style.size,
            baseline: lines.first().map_or(0.0, |(baseline, _)| *baseline),
            cut: max_lines.is_some(),
            broken,
            pad,
            words: words.into_values().map(|area| Area { x: area.x - left, ..area }).collect(),
            masks,
        }
    }

    /// Adds one glyph's coverage to a mask.
    fn stamp(&mut self, glyph: &LayoutGlyph, origin: (f32, f32), mask: &mut Mask) {
        let physical = glyph.physical(origin, 1.0);
        let Some(image) = self.glyphs.get_image(&mut self.fonts, physical.cache_key) else { return };
        let (left, top) = (physical.x + image.placement.left, physical.y - image.placement.top);
        let (width, height) = (image.placement.width as i32, image.placement.height as i32);
        // Colour glyphs (emoji) come as RGBA; their alpha is their shape.
        let stride = if image.data.len() as i32 >= width * height * 4 { 4 } else { 1 };
        for row in 0..height {
            let y = top + row;
            if y < 0 || y >= mask.height as i32 {
                continue;
            }
            for column in 0..width {
                let x = left + column;
                if x < 0 || x >= mask.width as i32 {
                    continue;
                }
                let coverage = image.data[((row * width + column) * stride + stride - 1) as usize];
                let cell = &mut mask.data[(y * mask.width as i32 + x) as usize];
                *cell = cell.saturating_add(coverage);
            }
        }
    }
}

/// The same pieces with spaces that may break.
fn loosened(pieces: &[Piece]) -> Vec<Piece> {
    pieces.iter().map(|piece| Piece { text: piece.text.replace('\u{a0}', " "), tone: piece.tone }).collect()
}

/// Which way a text runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// From the left, as its first letter does.
    Rightwards,
    /// From the right throughout.
    Leftwards,
    /// A sentence from the left that begins with a name from the right: without a mark it would be read as one from the
    /// right, its end before its beginning.
    Mixed,
}

impl Course {
    fn of(pieces: &[Piece]) -> Self {
        let letters = || pieces.iter().flat_map(|piece| piece.text.chars()).filter(|letter| letter.is_alphabetic());
        let leftwards =
            |letter: char| matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}');
        match letters().next() {
            Some(first) if leftwards(first) => {
                if letters().all(leftwards) {
                    Self::Leftwards
                } else {
                    Self::Mixed
                }
            }
            _ => Self::Rightwards,
        }
    }
}

/// Distance of the lines of a style in a size, whole pixels.
fn line_height(size: f32, style: &TextStyle) -> f32 {
    (size.max(1.0) * style.leading).round()
}

fn metrics(size: f32, style: &TextStyle) -> Metrics {
    Metrics::new(size.max(1.0), line_height(size, style))
}

/// True for white space at which a line may break.
fn breaks(c: char) -> bool {
    c.is_whitespace() && c != '\u{a0}'
}

/// How many words of a text begin before the one at this byte.
fn word_at(text: &str, byte: usize) -> usize {
    let before = &text[..byte];
    before.split(breaks).filter(|word| !word.is_empty()).count()
        - usize::from(!before.ends_with(breaks) && !before.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::{Weight, ink};
    use super::*;
    use crate::samples::typesetter;

    #[test]
    fn wrapped_text_stays_inside_its_width_and_is_balanced() {
        let mut type_ = typesetter();
        let style = TextStyle::display(56.0, Weight::Bold);
        let block =
            type_.set(&ink("The price of gold has never been further from its own long average"), &style, Some(900.0));
        assert!(block.lines >= 2 && block.width <= 900.0, "{} lines, {} wide", block.lines, block.width);
        let one_line =
            type_.set(&ink("The price of gold has never been further from its own long average"), &style, None);
        // Balanced: no line is much longer than an equal share.
        assert!(block.width < one_line.width / block.lines as f32 * 1.35, "{} of {}", block.width, one_line.width);
    }

    #[test]
    fn fitting_shrinks_first_and_cuts_last() {
        let mut type_ = typesetter();
        let style = TextStyle::display(200.0, Weight::Bold);
        let figure = type_.fit(&ink("$27.4 trillion"), &style, 600.0, 300.0, 1, 0.3);
        assert!(figure.lines == 1 && figure.width <= 600.0 && figure.size < 200.0 && !figure.cut);
        let flat = type_.fit(&ink("$27.4 trillion"), &style, 600.0, 40.0, 1, 0.1);
        let again = type_.fit(&ink("$27.4 trillion"), &style, 600.0, 300.0, 1, 0.3);
        assert!(flat.size < figure.size && again == figure, "what was fitted into other room is not taken for this");
        let long = "word ".repeat(200);
        let cut = type_.fit(&ink(long), &style, 400.0, 200.0, 2, 0.5);
        assert!(cut.cut && cut.lines <= 2 && cut.height <= 300.0, "{} lines", cut.lines);
    }

    #[test]
    fn a_citation_is_not_broken_between_number_and_unit() {
        use proofreel_model::ids::FactId;
        use proofreel_model::text::{Cite, Part, RichText, Span, Style};
        let cite = Cite::Fact { fact: FactId::from("f001"), part: Part::Value, style: Style::Spoken };
        let text = RichText(vec![
            Span { text: "now at ".into(), cite: None },
            Span { text: "$27.4 trillion".into(), cite: Some(cite) },
        ]);
        let pieces = super::super::pieces(&text);
        assert_eq!(pieces[1].text, "$27.4\u{a0}trillion");
        assert_eq!(pieces[1].tone, Tone::Accent);
        let block = typesetter().set(&pieces, &TextStyle::new(40.0, Weight::Medium), None);
        assert!(block.masks.iter().all(Option::is_some), "both tones have a mask");
    }

    #[test]
    fn no_word_is_broken_where_its_citation_is_as_wide_as_the_line_or_wider() {
        let (mut type_, style) = (typesetter(), TextStyle::display(62.0, Weight::Bold));
        let text = ink("Unemployment rate: 5.9\u{a0}percentage\u{a0}points below the peak");
        for width in (460..900).step_by(12) {
            let block = type_.fit(&text, &style, width as f32, 900.0, 9, 0.9);
            // A word in two parts has a box over two lines.
            let tallest = block.words.iter().map(|word| word.h).fold(0.0, f32::max);
            assert!(!block.broken && tallest < 1.2 * style.size * style.leading, "{width}: {tallest}");
        }
    }

    #[test]
    fn tabular_figures_have_one_width() {
        let mut type_ = typesetter();
        let style = TextStyle::new(40.0, Weight::Medium).tabular();
        let widths: Vec<f32> =
            ["1111", "8888", "0470"].into_iter().map(|text| type_.set(&ink(text), &style, None).width).collect();
        assert!(widths.iter().all(|w| (w - widths[0]).abs() < 3.0), "{widths:?}");
    }

    #[test]
    fn names_in_many_scripts_have_real_glyphs() {
        let mut type_ = typesetter();
        for name in [
            "Česká republika, Łódź, Việt Nam",
            "Ελλάδα",
            "Україна",
            "Հայաստան",
            "საქართველო",
            "المملكة العربية السعودية",
            "ישראל",
            "भारत गणराज्य",
            "বাংলাদেশ",
            "இந்தியா",
            "ประเทศไทย",
            "中华人民共和国",
            "日本国",
            "대한민국",
        ] {
            let block = type_.set(&ink(name), &TextStyle::new(40.0, Weight::SemiBold), None);
            type_.check_glyphs().unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(block.masks[0].as_ref().expect("ink").data.iter().filter(|c| **c > 128).count() > 300, "{name}");
        }
    }

    #[test]
    fn other_scripts_have_glyphs_or_fall_back() {
        let block = typesetter().set(&ink("Γεια Привет"), &TextStyle::new(40.0, Weight::Regular), None);
        let inked = block.masks[0].as_ref().expect("ink").data.iter().filter(|c| **c > 128).count();
        assert!(inked > 500, "{inked}");
    }
}
