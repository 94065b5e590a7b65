"""Our own renderer, and the encoder alone with the very frames that it drew."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import measure
from measure import Cost

HERE = Path(__file__).resolve().parent
AS_OF = "2026-11-22"
CHUNK_FRAMES, BATCH = 750, 4  # no segment of ours is longer, 2.3 GB of raw frames at most; so many pieces in memory at a time
# Options of the encoder that take a value and that say how the picture is encoded.
PICTURE = {"-c:v", "-preset", "-crf", "-qp", "-tune", "-profile:v", "-level", "-level:v", "-pix_fmt", "-threads", "-threads:v", "-g",
           "-keyint_min", "-bf", "-refs", "-sc_threshold", "-x264-params", "-x264opts", "-flags:v", "-color_range", "-colorspace",
           "-color_primaries", "-color_trc", "-force_key_frames", "-b:v", "-maxrate", "-bufsize", "-rc-lookahead", "-aq-mode"}


@dataclass
class Film:
    """One film of ours and what its render stage cost."""

    folder: Path
    cost: Cost
    frames: int
    # Seconds in which its pictures were drawn, converted and encoded.
    pictures: float

    @property
    def video(self) -> Path:
        return self.folder / "video.mp4"


def produce(binary: Path, channel: Path, work: Path, *, captions: bool, env: dict[str, str] | None = None, heard: bool = False) -> Film:
    """Makes an episode from nothing. Everything up to the gate is done first; the cost is that of the render stage:
    voice, sound, captions, drawing, encoding, thumbnails and checks. With `heard` the film was made once already and only
    its voice and sound were kept, so that nothing but pictures is made."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    places = ["--json", "--state", work / "state", "--out", work / "out"]
    order = ["--quiet", *places, "--channel", channel, "--as-of", AS_OF, *(["--burn-captions"] if captions else [])]
    first = subprocess.run([str(part) for part in [binary, "produce", *order, "--until", "qa"]], capture_output=True, text=True)
    if first.returncode:
        raise measure.CommandFailed(first.stdout + first.stderr)
    render = [binary, "produce", *places, "--resume", json.loads(first.stdout)["run"]]
    log = work / "render.log"
    if heard:
        shutil.copytree(work / "state", work / "before")
        measure.run(render, log, env=env)
        parts = work / "parts"
        (work / "state/parts").rename(parts)
        shutil.rmtree(work / "state")
        (work / "before").rename(work / "state")
        shutil.rmtree(work / "state/parts", ignore_errors=True)
        parts.rename(work / "state/parts")
        for part in (work / "state/parts").iterdir():
            if not _is_heard(part):
                part.unlink()
    cost = measure.run(render, log, env=env)
    folder = next((work / "out").glob("*/*/video.mp4")).parent
    film = json.loads((folder / "film.json").read_text())
    frames = round(film["duration_ms"] * 30 / 1000)
    return Film(folder, cost, frames, _pictures(log, frames))


def _is_heard(part: Path) -> bool:
    """True for kept voice, mastered sound and what was heard in it; behind a digest and a line end comes what was kept."""
    with part.open("rb") as file:
        head = file.read(96).partition(b"\n")[2]
    return head.startswith((b'{"lines"', b'{"heard"')) or head[4:12] == b"ftypM4A "


def _pictures(log: Path, frames: int) -> float:
    """What our program says of its own pictures: `  render     4827/4827  in 9.70 s  497.6/s`."""
    told = re.search(rf"^  render +{frames}/{frames}  in ([0-9.]+) s", log.read_text(errors="replace"), re.MULTILINE)
    if not told:
        raise measure.CommandFailed(f"{log} does not say in how many seconds {frames} frames were made")
    return float(told[1])


def capture(binary: Path, channel: Path, work: Path) -> tuple[Film, Path]:
    """Makes the same film once more, keeping without loss every frame that went to the encoder."""
    kept = work / "frames"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    env = {"PROOFREEL_FFMPEG": str(HERE / "tee_ffmpeg.py"), "REAL_FFMPEG": str(Path(shutil.which("ffmpeg") or "ffmpeg").resolve()),
           "CAPTURE_DIR": str(kept)}
    film = produce(binary, channel, work / "film", captions=True, env=env)
    if not list(kept.glob("*.mkv")):
        raise measure.CommandFailed("our renderer fed no raw frames to ffmpeg: there is nothing to feed the encoder alone")
    return film, kept


def settings(kept: Path) -> dict[str, str]:
    """The picture's encoder options as our renderer passed them."""
    arguments = _call(kept)["arguments"]
    output = arguments[max(at for at, part in enumerate(arguments) if part == "-i") + 2:]
    return {option: value for option, value in zip(output, output[1:]) if option in PICTURE}


def _call(kept: Path) -> dict:
    """How our renderer called its first encoder; all are called alike."""
    return json.loads(min(kept.glob("*.json")).read_text())


def encoder_alone(kept: Path, work: Path) -> tuple[Cost, int]:
    """Encodes every captured frame again from memory, a batch of pieces at a time, with our options and nothing to draw.

    Where one encoder of ours has one thread, as many run side by side as there are cores: the limit is what the machine can
    encode. Decoding the captured frames into memory is not counted."""
    memory = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else work
    options = settings(kept)
    side_by_side = os.cpu_count() or 1 if options.get("-threads") == "1" else 1
    total, frames = Cost(0, 0, 0, 0), 0
    pieces = [(film, size, first, min(CHUNK_FRAMES, count - first))
              for film in sorted(kept.glob("*.mkv")) for size, count in [_size(film)] for first in range(0, count, CHUNK_FRAMES)]
    pieces.sort(key=lambda piece: -piece[3])
    with tempfile.TemporaryDirectory(prefix="render-peers-", dir=memory) as folder:
        for start in range(0, len(pieces), BATCH):
            raws = []
            for number, (film, size, first, count) in enumerate(pieces[start:start + BATCH]):
                raws.append(Path(folder) / f"{number}.yuv")
                subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-ss", f"{max(first - 0.5, 0) / 30:.4f}", "-i", str(film), "-frames:v",
                                str(count), "-f", "rawvideo", "-pix_fmt", "yuv420p", str(raws[-1])], check=True)
                frames += raws[-1].stat().st_size // _frame_bytes(size)
            encode = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", "30", "-i", "{}",
                      *[part for pair in options.items() for part in pair], "-f", "mp4", "{}.mp4"]
            (work / "pieces.txt").write_text("\n".join(map(str, raws)) + "\n")
            total += measure.run(["xargs", "-a", work / "pieces.txt", "-P", side_by_side, "-I", "{}", *encode], work / "alone.log", env=_call(kept)["environment"])
    return total, frames


def _frame_bytes(size: str) -> int:
    width, height = map(int, size.split("x"))
    return width * height * 3 // 2


def _size(film: Path) -> tuple[str, int]:
    """Width x height and number of frames."""
    told = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-show_entries", "stream=width,height,nb_read_packets",
                           "-of", "json", str(film)], check=True, capture_output=True, text=True)
    stream = json.loads(told.stdout)["streams"][0]
    return f"{stream['width']}x{stream['height']}", int(stream["nb_read_packets"])
