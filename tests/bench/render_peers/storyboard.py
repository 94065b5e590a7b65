"""The shared storyboard: what every peer shows, taken from one exported episode of ours.

A digest is five seconds of each line scene in turn, until it is long enough; the whole is every scene. Both are written as
`story.json` beside the clips, stills, sound and captions that peers work from, and cover the same moments for all peers.
"""

import csv
import json
import re
import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

FPS, CUT_SECONDS = 30, 5.0
STAMP = re.compile(r"(\d+):(\d+):(\d+),(\d+)")


@dataclass
class Cut:
    """A piece of our film: its scene, where it begins there and here, and how long it is, in seconds."""

    scene: dict
    begin: float
    at: float
    seconds: float


def digest(folder: Path, seconds: float) -> list[Cut]:
    """Five seconds of each line scene, again from the first when they are too few."""
    spans = _spans(folder)
    lines = [scene for scene in _scenes(folder) if scene["visual"]["kind"] == "line" and spans[scene["scene_id"]][1] >= CUT_SECONDS]
    if not lines:
        raise ValueError(f"{folder} has no line scene: peers that draw lines have nothing to draw; choose another channel or topic")
    cuts, at = [], 0.0
    for scene in cycle(lines):
        if at >= seconds:
            return cuts
        length = min(CUT_SECONDS, seconds - at)
        cuts.append(Cut(scene, spans[scene["scene_id"]][0], at, length))
        at += length
    return cuts


def whole(folder: Path) -> list[Cut]:
    """Every scene from its beginning to its end."""
    spans = _spans(folder)
    return [Cut(scene, spans[scene["scene_id"]][0], *spans[scene["scene_id"]]) for scene in _scenes(folder)]


def rate(settings: dict[str, str]) -> list[str]:
    """The option that decides how much of the picture the encoder keeps, and its value."""
    option = next(option for option in ("-qp", "-crf") if option in settings)
    return [option, settings[option]]


def write(cuts: list[Cut], folder: Path, to: Path, settings: dict[str, str], panel: Path) -> Path:
    """Prepares everything peers need and writes `story.json`; none of it is counted. `folder` holds the film without captions."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    film = folder / "video.mp4"
    clips, stills = [], []
    for number, cut in enumerate(cuts):
        clip, still = to / f"clip-{number:02}.mp4", to / f"still-{number:02}.png"
        exact = ["-ss", f"{cut.begin:.4f}", "-i", film, "-t", f"{cut.seconds:.4f}"]
        _ffmpeg(*exact, "-an", "-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-pix_fmt", "yuv420p", "-r", FPS, clip)
        _ffmpeg("-sseof", "-0.2", "-i", clip, "-frames:v", 1, still)
        clips.append(str(clip))
        stills.append(str(still))
    _sound(cuts, film, to)
    cues = _cues(folder / "captions.srt", cuts)
    srt = "\n".join(f"{n}\n{_stamp(cue['start'])} --> {_stamp(cue['end'])}\n{cue['text']}\n" for n, cue in enumerate(cues, 1))
    (to / "captions.srt").write_text(srt)
    seconds = cuts[-1].at + cuts[-1].seconds
    story = {
        "seconds": seconds, "fps": FPS, "width": 1920, "height": 1080, "preset": settings["-preset"], "rate": rate(settings),
        "clips": clips, "stills": stills, "lengths": [cut.seconds for cut in cuts], "sound": str(to / "sound.wav"),
        "srt": str(to / "captions.srt"), "cues": cues, "lines": [line for cut in cuts if (line := _line(cut))], "panel": str(panel)}
    (to / "story.json").write_text(json.dumps(story, indent=1))
    return to / "story.json"


def ranking(csv_file: Path, years: int, members: int) -> dict:
    """The largest members of a panel over its last years, as our ranking scene shows them: the years, and values by member."""
    rows: dict[str, dict[int, float]] = defaultdict(dict)
    with csv_file.open(newline="") as source:
        for row in csv.DictReader(source):
            if row["gdp"]:
                rows[row["country"]][int(row["year"])] = float(row["gdp"])
    last = max(max(values) for values in rows.values())
    span = list(range(last - years, last + 1))
    full = {name: [values[year] for year in span] for name, values in rows.items() if all(year in values for year in span)}
    kept = sorted(full, key=lambda name: -full[name][-1])[:members]
    return {"years": span, "members": {name: full[name] for name in kept}}


def plain(parts: list[dict]) -> str:
    """The words of a rich text."""
    return "".join(part["text"] for part in parts)


def _scenes(folder: Path) -> list[dict]:
    return json.loads((folder / "scenes.json").read_text())["scenes"]


def _spans(folder: Path) -> dict[str, tuple[float, float]]:
    """Start and length of each scene, seconds, on whole frames."""
    spans = {}
    for span in json.loads((folder / "film.json").read_text())["timeline"]:
        start, end = (round(span[key] * FPS / 1000) / FPS for key in ("start_ms", "end_ms"))
        spans[span["scene_id"]] = (start, end - start)
    return spans


def _line(cut: Cut) -> dict | None:
    visual = cut.scene["visual"]
    if visual["kind"] != "line":
        return None
    trace = visual["traces"][0]
    return {"heading": plain(visual["heading"]), "label": plain(trace["label"]), "source": plain(cut.scene["source_line"]),
            "points": [[point["date"], point["value"]] for point in trace["points"]], "at": cut.at, "seconds": cut.seconds,
            "marks": [{"date": mark["date"], "text": plain(mark["label"])} for mark in visual["marks"] if mark["trace"] == 0]}


def _cues(srt: Path, cuts: list[Cut]) -> list[dict]:
    """Captions that fall into the cuts, at the cuts' times."""
    cues = []
    for block in srt.read_text().strip().split("\n\n"):
        _, times, *text = block.split("\n")
        start, end = (_seconds(part) for part in times.split(" --> "))
        for cut in cuts:
            from_, to = max(start, cut.begin), min(end, cut.begin + cut.seconds)
            if to - from_ > 0.1:
                shift = cut.at - cut.begin
                cues.append({"start": round(from_ + shift, 3), "end": round(to + shift, 3), "text": "\n".join(text)})
    return sorted(cues, key=lambda cue: cue["start"])


def _sound(cuts: list[Cut], film: Path, to: Path) -> None:
    """The film's sound at the cuts, joined, as WAV."""
    parts = "".join(f"[0:a]atrim={cut.begin:.4f}:{cut.begin + cut.seconds:.4f},asetpts=PTS-STARTPTS[a{n}];" for n, cut in enumerate(cuts))
    joined = "".join(f"[a{n}]" for n in range(len(cuts))) + f"concat=n={len(cuts)}:v=0:a=1[a]"
    _ffmpeg("-i", film, "-filter_complex", parts + joined, "-map", "[a]", "-ar", 48000, "-ac", 2, to / "sound.wav")


def _ffmpeg(*arguments: object) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


def _seconds(stamp: str) -> float:
    hours, minutes, seconds, thousandths = map(int, STAMP.match(stamp).groups())
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _stamp(seconds: float) -> str:
    whole, rest = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{rest:03}"
