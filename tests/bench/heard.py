"""What can be measured of a film's speech where nobody listens: pace, pauses, levels, joints, ends.

    .venv/bin/python tests/bench/heard.py FOLDER... [--report FILE]

FOLDERs are finished episodes (video.mp4, film.json, script.json). Needs numpy and ffmpeg; shares no code with the checks
of the program.
"""
import argparse
import json
import pathlib
import subprocess

import numpy as np

RATE = 48_000
BAND = (300.0, 3_400.0)  # hertz, in which a voice is told from music
BEGINS_BELOW_DB = 6.0    # of the usual level of speech: the music comes back to 15 dB below it
REACH_MS = 400
PAUSE_MS = 250


def sound(folder):
    ffmpeg = ["ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-i", str(folder / "video.mp4")]
    done = subprocess.run([*ffmpeg, "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"], capture_output=True, check=True)
    return np.frombuffer(done.stdout, dtype=np.float32).astype(np.float64)


def band(samples):
    """The band of speech, by the spectrum of the whole film."""
    spectrum, hertz = np.fft.rfft(samples), np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum[(hertz < BAND[0]) | (hertz > BAND[1])] = 0
    return np.fft.irfft(spectrum, len(samples))


def level(samples):
    return 10 * np.log10(np.mean(np.square(samples)) + 1e-12) if len(samples) else -120.0


def sentences(script, words):
    """Scene and timed words of each sentence of the script."""
    out, at = [], 0
    for scene in script["scenes"]:
        for sentence in scene["narration"]:
            count = len("".join(span["text"] for span in sentence["text"]).split())
            out.append((scene["scene_id"], words[at:at + count]))
            at += count
    assert at == len(words), f"{at} words in the script, {len(words)} in the film"
    return out


def onsets(samples, words):
    """How far from its time each start of speech behind a pause is heard, milliseconds."""
    steps = len(samples) // (RATE // 100)
    levels = 10 * np.log10(np.mean(np.square(band(samples)[:steps * (RATE // 100)].reshape(steps, -1)), axis=1) + 1e-12)
    said = np.concatenate([levels[word["start_ms"] // 10:word["end_ms"] // 10] for word in words])
    loud = levels >= np.median(said) - BEGINS_BELOW_DB
    out = []
    for n, word in enumerate(words):
        before = words[n - 1]["end_ms"] if n else 0
        if n and word["start_ms"] - before < PAUSE_MS:
            continue
        first = max(word["start_ms"] - REACH_MS, before + 60 if n else 0) // 10
        heard = (k for k in range(first, (word["start_ms"] + REACH_MS) // 10) if loud[k] and loud[k:k + 6].sum() >= 4)
        onset = next(heard, None)
        if onset is not None:
            out.append(onset * 10 - word["start_ms"])
    return np.array(out)


def joints(samples, said):
    """The largest step between two samples near the ends of sentences, in units of the level around it."""
    worst = 0.0
    for _, words in said:
        for ms in (words[0]["start_ms"], words[-1]["end_ms"]):
            part = samples[max(0, (ms - 100) * 48):(ms + 100) * 48]
            around = np.sqrt(np.convolve(np.square(part), np.ones(480) / 480, "same"))
            worst = max(worst, float(np.max(np.abs(np.diff(part)) / (around[:-1] + 0.003))))
    return worst


def measure(folder):
    film, script = (json.loads((folder / name).read_text()) for name in ("film.json", "script.json"))
    samples, words = sound(folder), film["words"]
    said = sentences(script, words)
    pace = []
    for scene in film["timeline"]:
        own = [word for word in words if scene["start_ms"] <= word["start_ms"] < scene["end_ms"]]
        if own:
            pace.append(60_000 * len(own) / (own[-1]["end_ms"] - own[0]["start_ms"]))
    gaps = [(a[0] == b[0], b[1][0]["start_ms"] - a[1][-1]["end_ms"]) for a, b in zip(said, said[1:])]
    inside, turns = [ms for same, ms in gaps if same], [ms for same, ms in gaps if not same]
    levels = np.array([level(samples[w[0]["start_ms"] * 48:w[-1]["end_ms"] * 48]) for _, w in said])
    starts = onsets(samples, words)
    span = lambda values, digits=0: f"{min(values):.{digits}f}–{max(values):.{digits}f}"
    return {
        "voice": film["voice"],
        "words a minute, by scene": span(pace),
        "pauses inside scenes, ms": span(inside),
        "pauses at turns, ms": span(turns),
        "level of sentences, dB": span(levels, 1),
        "largest step from one to the next, dB": f"{np.max(np.abs(np.diff(levels))):.1f}",
        "largest jump at a joint, × the level around it": f"{joints(samples, said):.1f}",
        "first and last 200 ms, dBFS": f"{level(samples[:9_600]):.0f}, {level(samples[-9_600:]):.0f}",
        "words heard from their times, ms": f"{np.mean(np.abs(starts)):.0f} over {len(starts)}, bias {np.mean(starts):+.0f}",
    }


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folders", nargs="+", type=pathlib.Path)
    args.add_argument("--report", type=pathlib.Path)
    args = args.parse_args()
    films = [measure(folder) for folder in args.folders]
    lines = ["# Speech in finished films, measured where nobody listens", "", "By `tests/bench/heard.py FOLDER…`.", ""]
    names = [f"{folder.parent.name}" for folder in args.folders]
    lines += [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(films)}"]
    lines += [f"| {key} | {' | '.join(film[key] for film in films)} |" for key in films[0]]
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if args.report:
        args.report.write_text(text)


if __name__ == "__main__":
    main()
