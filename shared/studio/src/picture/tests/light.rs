//! What lights while it is said.

use proofreel_model::channel::Look;
use proofreel_model::film::Format;
use proofreel_model::ids::FactId;
use proofreel_model::script::Sentence;
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;

use super::visuals;
use crate::beats::Beats;
use crate::inscription::{Inscription, Role};
use crate::picture::{Shot, compose};
use crate::samples::{cited, sentence, span_of, typesetter};
use crate::text::Typesetter;
use crate::theme::Theme;

fn narration() -> [Sentence; 2] {
    [
        sentence("Here is ", &[("f001", "127.3 percent")], " of it, and that is all that there is to say of it."),
        sentence("And there ", &[("f002", "12")], " of that, which came a good while after it."),
    ]
}

/// What is written over a visual at these times.
fn written(
    visual: &Visual,
    (beats, on_screen): (&Beats, &[RichText]),
    format: Format,
    times: &[f32],
    type_: &mut Typesetter,
) -> Vec<Vec<Inscription>> {
    let theme = Theme::new(&Look::default(), format, false, "").expect("theme");
    let source = RichText::plain("A source");
    let shot = Shot { visual, source_line: &source, on_screen, beats, theme: &theme, photo: None };
    let mut picture = compose(&shot, type_).expect("composed");
    times.iter().map(|t| picture.texts(*t, type_)).collect()
}

#[test]
fn every_picture_of_a_line_brackets_what_is_said_while_it_is_said() {
    let narration = narration();
    let beats = Beats::of(&span_of("s01", &narration, 0.5), &narration);
    let mut times = vec![0.2];
    times.extend(["f001", "f002"].map(|fact| beats.moments(&FactId::from(fact))[0].1));
    let mut type_ = typesetter();
    let mut kinds = Vec::new();
    for visual in visuals().iter().filter(|visual| !visual.ranges().is_empty()) {
        kinds.push(visual.kind());
        let label = visual.ranges()[0].label.text();
        let shown =
            |texts: &Vec<Inscription>| texts.iter().filter(|text| text.text == label && text.opacity > 110).count();
        for format in [Format::Landscape, Format::Portrait] {
            let seen = written(visual, (&beats, &[]), format, &times, &mut type_);
            assert_eq!(seen.iter().map(shown).collect::<Vec<_>>(), [0, 1, 1], "{} {format:?}", visual.kind());
            let silent = Beats::silent(beats.seconds);
            let seen = written(visual, (&silent, &[]), format, &times, &mut type_);
            assert_eq!(seen.iter().map(shown).sum::<usize>(), 0, "{} {format:?}", visual.kind());
        }
    }
    assert_eq!(kinds, ["area", "columns", "quote", "timeline"]);
}

#[test]
fn a_figure_below_the_heading_lights_while_it_is_said() {
    let narration = narration();
    let beats = Beats::of(&span_of("s01", &narration, 0.5), &narration);
    let line = [cited("Something that no picture tells: ", &[("f002", "99.7 percent")], "")];
    let said = beats.moments(&FactId::from("f002"))[0].1;
    for visual in visuals().iter().filter(|visual| visual.is_chart()) {
        let seen = written(visual, (&beats, &line), Format::Landscape, &[said - 2.0, said], &mut typesetter());
        let accents: Vec<_> =
            seen.iter().flatten().filter(|text| text.role == Role::Deck).map(|text| text.accent).collect();
        assert_eq!(accents.len(), 2, "{}", visual.kind());
        assert_ne!(accents[0], accents[1], "{}", visual.kind());
    }
}

#[test]
fn a_line_of_the_payoff_is_lit_while_it_is_said_and_rests_while_something_else_is() {
    let narration = narration();
    let beats = Beats::of(&span_of("s01", &narration, 0.5), &narration);
    let points = vec![cited("Up by ", &[("f001", "127.3 percent")], ""), cited("Far from ", &[("f003", "9")], "")];
    let names: Vec<String> = points.iter().map(RichText::text).collect();
    let card = Visual::Payoff { heading: RichText::plain("What to keep"), points };
    let [told, other] = ["f001", "f002"].map(|fact| beats.moments(&FactId::from(fact))[0].1);
    let times = [told, other, beats.seconds - 0.05];
    for format in [Format::Landscape, Format::Portrait] {
        let seen = written(&card, (&beats, &[]), format, &times, &mut typesetter());
        let ink = |at: usize, name: &String| seen[at].iter().find(|text| text.text == *name).map(|text| text.ink);
        let rest = ink(2, &names[0]).expect("there at the end");
        assert_ne!(ink(0, &names[0]), Some(rest), "{format:?}: lit");
        assert_eq!(ink(1, &names[0]), Some(rest), "{format:?}: something without a line is said");
        assert_eq!([ink(1, &names[1]), ink(2, &names[1])], [Some(rest); 2], "{format:?}: nobody says it");
    }
}
