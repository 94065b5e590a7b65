//! Caption files: `SubRip` and `WebVTT`.

use std::fmt::Write as _;

use proofreel_model::film::TimedWord;

use super::Cue;

fn clock(ms: u32, mark: char) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{mark}{:03}", ms % 1000)
}

/// The cues as a `SubRip` file.
pub fn srt(cues: &[Cue]) -> String {
    let mut out = String::new();
    for (n, cue) in cues.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "{}\n{} --> {}\n{}\n\n",
            n + 1,
            clock(cue.start_ms, ','),
            clock(cue.end_ms, ','),
            cue.lines.join("\n")
        );
    }
    out
}

/// The cues as a `WebVTT` file.
pub fn vtt(cues: &[Cue]) -> String {
    let mut out = String::from("WEBVTT\n\n");
    for cue in cues {
        let text = cue.lines.join("\n").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = write!(out, "{} --> {}\n{text}\n\n", clock(cue.start_ms, '.'), clock(cue.end_ms, '.'));
    }
    out
}

/// The cues as a `WebVTT` file in which every word but a cue's first carries the time it is said at, so that a player
/// can light it.
pub fn vtt_words(cues: &[Cue], spoken: &[Vec<TimedWord>]) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut out = String::from("WEBVTT\n\n");
    for (cue, words) in cues.iter().zip(spoken) {
        let _ = writeln!(out, "{} --> {}", clock(cue.start_ms, '.'), clock(cue.end_ms, '.'));
        let mut times = words.iter().map(|word| word.start_ms);
        let mut last = cue.start_ms;
        for line in &cue.lines {
            for (n, word) in line.split_whitespace().enumerate() {
                let gap = if n > 0 { " " } else { "" };
                // A time stamp must lie inside its cue and after the one before it.
                match times.next().filter(|time| *time > last && *time < cue.end_ms) {
                    Some(time) => {
                        last = time;
                        let _ = write!(out, "{gap}<{}>{}", clock(time, '.'), escaped(word));
                    }
                    None => {
                        let _ = write!(out, "{gap}{}", escaped(word));
                    }
                }
            }
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cues() -> Vec<Cue> {
        vec![
            Cue { start_ms: 0, end_ms: 1500, lines: vec!["Gold & silver".into()] },
            Cue { start_ms: 3_661_042, end_ms: 3_663_000, lines: vec!["two".into(), "lines".into()] },
        ]
    }

    #[test]
    fn subrip_numbers_its_cues_and_uses_commas() {
        let expected =
            "1\n00:00:00,000 --> 00:00:01,500\nGold & silver\n\n2\n01:01:01,042 --> 01:01:03,000\ntwo\nlines\n\n";
        assert_eq!(srt(&cues()), expected);
    }

    #[test]
    fn webvtt_has_its_header_and_escapes() {
        let expected = "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nGold &amp; silver\n\n01:01:01.042 --> 01:01:03.000\ntwo\nlines\n\n";
        assert_eq!(vtt(&cues()), expected);
    }
}
