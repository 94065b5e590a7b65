//! The look of a channel file: colours are colours, numbers lie in the bounds of the law.

use super::Fault;
use crate::channel::Look;
use crate::film::Format;
use crate::policy::themes;

/// Checks a look; the first fault with its key.
pub(super) fn check(look: &Look) -> Result<(), Fault> {
    theme(look)?;
    colours(look)?;
    numbers(look)?;
    margins(look)
}

fn theme(look: &Look) -> Result<(), Fault> {
    let known = &themes().themes;
    if known.contains_key(&look.theme) {
        return Ok(());
    }
    let near = known.keys().map(|name| (strsim::jaro_winkler(name, &look.theme), name));
    let hint = match near.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((likeness, name)) if likeness > 0.75 => format!("did you mean `{name}`?"),
        _ => format!("themes are {}", known.keys().cloned().collect::<Vec<_>>().join(", ")),
    };
    Err(("look.theme".into(), format!("there is no theme `{}`", look.theme), hint))
}

fn colours(look: &Look) -> Result<(), Fault> {
    let palette = &look.palette;
    let single = [
        ("look.background", &look.background),
        ("look.ink", &look.ink),
        ("look.muted", &look.muted),
        ("look.accent", &look.accent),
        ("look.contrast", &look.contrast),
        ("look.palette.background", &palette.background),
        ("look.palette.surface", &palette.surface),
        ("look.palette.ink", &palette.ink),
        ("look.palette.muted", &palette.muted),
        ("look.palette.grid", &palette.grid),
        ("look.palette.accent", &palette.accent),
        ("look.palette.contrast", &palette.contrast),
        ("look.palette.positive", &palette.positive),
        ("look.palette.negative", &palette.negative),
    ];
    let series = palette.series.as_deref().unwrap_or_default();
    if series.len() > MOST_SERIES {
        let problem = format!("`series` holds {} colours", series.len());
        return Err(("look.palette.series".into(), problem, format!("give up to {MOST_SERIES}")));
    }
    let single = single.into_iter().filter_map(|(key, colour)| Some((key, colour.as_ref()?)));
    for (key, colour) in single.chain(series.iter().map(|colour| ("look.palette.series", colour))) {
        let hex = colour.strip_prefix('#').unwrap_or("");
        if hex.len() != 6 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err((key.into(), format!("`{key}` is `{colour}`"), "write a colour as #rrggbb".into()));
        }
    }
    Ok(())
}

/// Further lines of a chart that a palette has room for.
const MOST_SERIES: usize = 6;

fn numbers(look: &Look) -> Result<(), Fault> {
    let bounds = &themes().bounds;
    let (sizes, space, motion) = (&look.sizes, &look.space, &look.motion);
    for (key, value, (least, most)) in [
        ("look.type.scale", sizes.scale, bounds.type_scale),
        ("look.type.title", sizes.title, bounds.type_role),
        ("look.type.figure", sizes.figure, bounds.type_role),
        ("look.type.heading", sizes.heading, bounds.type_role),
        ("look.type.deck", sizes.deck, bounds.type_role),
        ("look.type.label", sizes.label, bounds.type_role),
        ("look.type.tick", sizes.tick, bounds.type_role),
        ("look.type.small", sizes.small, bounds.type_role),
        ("look.type.caption", sizes.caption, bounds.type_role),
        ("look.space.unit", space.unit, bounds.unit),
        ("look.space.radius", space.radius, bounds.radius),
        ("look.space.stroke", space.stroke, bounds.stroke),
        ("look.motion.pace", motion.pace, bounds.pace),
        ("look.motion.enter", motion.enter, bounds.seconds),
        ("look.motion.leave", motion.leave, bounds.seconds),
        ("look.motion.emphasis", motion.emphasis, bounds.seconds),
        ("look.motion.stagger", motion.stagger, bounds.seconds),
    ] {
        if let Some(value) = value
            && !(least..=most).contains(&value)
        {
            return Err((key.into(), format!("`{key}` is {value}"), format!("use {least} to {most}")));
        }
    }
    Ok(())
}

fn margins(look: &Look) -> Result<(), Fault> {
    let (least, most) = themes().bounds.margin_share;
    for (format, table) in [(Format::Landscape, "landscape"), (Format::Portrait, "portrait")] {
        let keys = look.safe.of(format);
        let (width, height) = format.size();
        for (key, value, whole) in [
            ("left", keys.left, width),
            ("top", keys.top, height),
            ("right", keys.right, width),
            ("bottom", keys.bottom, height),
        ] {
            let (low, high) = ((least * f64::from(whole)).ceil() as u32, (most * f64::from(whole)).floor() as u32);
            if let Some(value) = value
                && !(low..=high).contains(&value)
            {
                let key = format!("look.safe.{table}.{key}");
                return Err((key.clone(), format!("`{key}` is {value}"), format!("use {low} to {high} pixels")));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    const GOOD: &str =
        "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n";

    fn refused(rest: &str) -> (usize, String) {
        let error = parse("x.toml", &format!("{GOOD}{rest}")).unwrap_err();
        (error.line, format!("{} / {}", error.problem, error.hint))
    }

    #[test]
    fn every_part_can_be_set() {
        let text = "[look]\ntheme = \"paper\"\naccent = \"#112233\"\n[look.palette]\nseries = [\"#445566\"]\n[look.type]\nscale = 1.1\nheading = 0.9\n[look.space]\nunit = 10.0\nradius = 0.0\n[look.motion]\npace = 1.5\ncurve = \"crisp\"\n[look.safe.portrait]\nbottom = 400\n";
        let look = parse("x.toml", &format!("{GOOD}{text}")).unwrap().look;
        assert_eq!((look.theme.as_str(), look.sizes.scale, look.safe.portrait.bottom), ("paper", Some(1.1), Some(400)));
        assert_eq!(look.own_palette().accent.as_deref(), Some("#112233"));
    }

    #[test]
    fn a_look_goes_through_json_and_back() {
        let text = "[look]\ntheme = \"ink\"\n[look.motion]\npace = 1.5\n";
        let look = parse("x.toml", &format!("{GOOD}{text}")).unwrap().look;
        let json = serde_json::to_string(&look).unwrap();
        assert_eq!(json, "{\"theme\":\"ink\",\"motion\":{\"pace\":1.5}}");
        assert_eq!(serde_json::from_str::<super::Look>(&json).unwrap(), look);
    }

    #[test]
    fn faults_name_their_line_and_what_to_do() {
        for (rest, line, said) in [
            ("[look]\ntheme = \"nigt\"\n", 7, "did you mean `night`?"),
            ("[look]\ntheme = \"neon\"\n", 7, "themes are "),
            ("[look]\naccent = \"#112233\"\n[look.palette]\naccent = \"red\"\n", 9, "#rrggbb"),
            ("[look.type]\nscale = 3.0\n", 7, "use 0.8 to 1.3"),
            ("[look.motion]\npace = 0.0\n", 7, "use 0.5 to 2"),
            ("[look.motion]\ncurve = \"bouncy\"\n", 7, "bouncy"),
            ("[look.safe.landscape]\nleft = 1900\n", 7, "pixels"),
            ("[look]\nsafe.portrait.top = 0\n", 7, "pixels"),
            ("[look.palete]\n", 6, "did you mean `palette`?"),
            ("[look.palette]\nseries = [\"#111111\", \"blue\"]\n", 7, "#rrggbb"),
        ] {
            let (found, text) = refused(rest);
            assert_eq!(found, line, "{rest} {text}");
            assert!(text.contains(said), "{rest}: {text}");
        }
    }
}
