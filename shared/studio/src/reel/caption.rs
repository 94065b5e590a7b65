//! Captions in the picture: words on a plate, the spoken one lit if the channel wants it so.

use crate::FPS;
use crate::cut::Cut;
use crate::geometry::Area;
use crate::inscription::Role;
use crate::ops::Op;
use crate::text::{Align, SetText, TextStyle, Typesetter, Weight, ink};
use crate::theme::Theme;

/// Opacity of the plate: the picture shows through a little, the words read as on an opaque one.
const PLATE: u8 = 235;

/// How far the plate of a spoken word reaches beyond it, ems: less than half of a space, so that the gap to the words beside it
/// is still seen.
const BLEED: f32 = 0.1;

/// Adds the caption of a cut's frame, on a plate in its band.
pub(super) fn add(theme: &Theme, cut: &Cut, frame: u32, type_: &mut Typesetter, out: &mut Vec<Op>) {
    let Some(band) = theme.caption_band else { return };
    let ms = frame * 1000 / FPS;
    let after = cut.captions.partition_point(|cue| cue.start_ms <= ms);
    let Some((number, cue)) =
        after.checked_sub(1).and_then(|n| Some((n, cut.captions.get(n)?))).filter(|(_, cue)| ms < cue.end_ms)
    else {
        return;
    };
    let (side, above) = (theme.spacing.of(3.0), theme.spacing.unit);
    let style = TextStyle::new(theme.scale.caption, Weight::SemiBold).aligned(Align::Centre).role(Role::Caption);
    let mut fit = |style: &TextStyle| -> Vec<SetText> {
        cue.lines
            .iter()
            .map(|line| type_.fit(&ink(line.as_str()), style, band.w - 2.0 * side, style.size * 1.4, 1, 0.5))
            .collect()
    };
    // Both lines in the size of the one that needs the smaller.
    let smallest = fit(&style).iter().map(|line| line.size).fold(style.size, f32::min);
    let style = style.sized(smallest);
    let lines = fit(&style);
    let (width, height) =
        (lines.iter().map(|l| l.width).fold(0.0, f32::max), lines.iter().map(|l| l.height).sum::<f32>());
    let plate = Area::new(
        band.centre_x() - width / 2.0 - side,
        band.bottom() - height - 2.0 * above,
        width + 2.0 * side,
        height + 2.0 * above,
    );
    let palette = &theme.palette;
    out.push(Op::Round { area: plate, radius: theme.radius, colour: palette.surface, opacity: PLATE });
    let lit = cut.spoken.get(number).filter(|_| theme.karaoke).and_then(|words| {
        let now = words.partition_point(|word| word.start_ms <= ms).checked_sub(1)?;
        place(&cue.lines, now)
    });
    let (mut y, mut over) = (plate.y + above, Vec::new());
    for (n, line) in lines.into_iter().enumerate() {
        let x = (band.centre_x() - line.width / 2.0).round();
        if let Some((_, before, word)) = lit.as_ref().filter(|(at, ..)| *at == n) {
            let style = TextStyle { align: Align::Left, ..style };
            let lead = if before.is_empty() { 0.0 } else { offset(before, word, &style, type_) };
            let block = type_.set(&ink(word.as_str()), &style, None);
            let bleed = style.size * BLEED;
            let area = Area::new(x + lead - bleed, y.round(), block.width + 2.0 * bleed, line.height);
            over.push(Op::Round { area, radius: theme.radius * 0.6, colour: palette.accent, opacity: 255 });
            let colour = palette.text_on(palette.accent);
            let x = (x + lead).round() as i32;
            over.push(Op::Text { block, x, y: y.round(), ink: colour, accent: colour, opacity: 255 });
        }
        let step = line.height;
        let x = x as i32;
        out.push(Op::Text { block: line, x, y: y.round(), ink: palette.ink, accent: palette.ink, opacity: 255 });
        y += step;
    }
    // Above both lines and last: from word to word only these two change, and so little is painted anew.
    out.extend(over);
}

/// Line of the cue's word with this number, the words of the line before it, and the word itself.
fn place(lines: &[String], number: usize) -> Option<(usize, String, String)> {
    let mut left = number;
    for (n, line) in lines.iter().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if left < words.len() {
            return Some((n, words[..left].join(" "), words[left].to_owned()));
        }
        left -= words.len();
    }
    None
}

/// Where a word begins after others of its line, pixels: the width of all without its own.
fn offset(before: &str, word: &str, style: &TextStyle, type_: &mut Typesetter) -> f32 {
    let all = type_.set(&ink(format!("{before} {word}")), style, None).width;
    all - type_.set(&ink(word), style, None).width
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::typesetter;

    #[test]
    fn the_plate_of_a_word_leaves_more_than_half_of_the_space_beside_it() {
        let (mut type_, style) = (typesetter(), TextStyle::new(400.0, Weight::SemiBold));
        let mut wide = |text: &str| type_.set(&ink(text), &style, None).width;
        let space = wide("n n") - 2.0 * wide("n");
        assert!(style.size * BLEED < space / 2.0, "{} of {space}", style.size * BLEED);
    }

    #[test]
    fn a_word_is_found_in_its_line() {
        let lines = ["one two".to_owned(), "three four".to_owned()];
        assert_eq!(place(&lines, 0), Some((0, String::new(), "one".into())));
        assert_eq!(place(&lines, 3), Some((1, "three".into(), "four".into())));
        assert_eq!(place(&lines, 4), None);
    }
}
