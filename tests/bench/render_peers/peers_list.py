"""Who is measured: how each peer is run, and what of it is the same as ours and what is not."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import install

HERE = Path(__file__).resolve().parent
# A command, its environment beside ours, and the folder it runs in.
Command = tuple[list, dict[str, str], Path | None]


@dataclass(frozen=True)
class Peer:
    """One other way to make the storyboard into a film."""

    name: str
    title: str
    make: Callable[[Path, Path, Path], Command]  # story.json, film to write, home of installed peers
    encoder: str
    differs: str
    whole: bool = False  # shows the whole film; else the digest
    python: bool = False  # draws in Python, and must cost ten times as much as ours


def _script(script: str, lock: str) -> Callable[[Path, Path, Path], Command]:
    def make(story: Path, out: Path, home: Path) -> Command:
        # One and the same ffmpeg for all; MoneyPrinterTurbo keeps its settings and fonts in MPT_HOME.
        env = {"IMAGEIO_FFMPEG_EXE": shutil.which("ffmpeg") or "ffmpeg", "MPT_HOME": str(home / "mpt-home"), "MPLCONFIGDIR": str(home / "mpl")}
        return [install.python(lock, home), HERE / "peers" / script, story, out], env, None
    return make


def _libass(story: Path, out: Path, home: Path) -> Command:
    told = json.loads(story.read_text())
    clips = story.parent / "clips.txt"
    clips.write_text("".join(f"file '{Path(clip).name}'\n" for clip in told["clips"]))
    style = "FontName=Inter,FontSize=14,Outline=1,Shadow=0,MarginV=22"
    return ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "concat", "-i", clips.name, "-i", told["sound"], "-vf",
            f"subtitles=captions.srt:force_style='{style}'", "-c:v", "libx264", "-preset", told["preset"], *told["rate"], "-pix_fmt", "yuv420p",
            "-c:a", "aac", "-b:a", "192k", "-shortest", out], {}, story.parent


def _remotion(story: Path, out: Path, home: Path) -> Command:
    folder, browser = install.remotion(home)
    return ["node", "render.mjs", story, out, browser], {"npm_config_offline": "true"}, folder


SAME = "x264, preset and quantiser as ours"
PEERS = [
    Peer("libass", "one ffmpeg process, captions burnt by libass", _libass, SAME, whole=True,
         differs="Draws nothing but the captions: the pictures are clips of our film, decoded and encoded again. Sound is encoded."),
    Peer("mpt-project", "MoneyPrinterTurbo `video_project`", _script("mpt_project.py", "mpt"), "x264 veryfast, crf 23, one thread", whole=True,
         differs="Its own renderer, on clips of our film. It has no captions, no transitions and no motion; sound is encoded. "
                 "It hands finished pictures to an encoder, as the process above does, so no factor is asked of it but the bound on CPU seconds."),
    Peer("mpt", "MoneyPrinterTurbo (`mpt` 1.3.9), its default", _script("mpt_default.py", "mpt"), "x264 medium, crf 23, three times", python=True,
         differs="Its own `combine_videos` and `generate_video` on five-second clips of our film, with its subtitle overlay and defaults; no music. "
                 "It draws no charts."),
    Peer("moviepy", "MoviePy 2.2.1, stills and captions", _script("stills_moviepy.py", "moviepy"), SAME, python=True,
         differs="One still of ours for each scene, captions as text clips, and the sound. Nothing moves."),
    Peer("bar-chart-race", "bar_chart_race 0.1.0", _script("race.py", "charts"), SAME, python=True,
         differs="Another picture: the panel of our ranking scene, ten members, half a second a year, default interpolation. No captions, no sound."),
    Peer("matplotlib", "matplotlib 3.10.7, FuncAnimation", _script("line_matplotlib.py", "charts"), SAME, python=True,
         differs="The same points drawn progressively, title, axes, labels, source and captions. No sound, no easing, no halo, no fades."),
    Peer("remotion", "Remotion 4.0.529, Debian's Chromium", _remotion, "its own x264, preset as ours, our quantiser as crf",
         differs="One SVG path of the same points drawn progressively, title, axes, source, captions and sound; no labelled points. "
                 "Its bundling step is counted."),
]


