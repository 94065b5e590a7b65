"""Looks at films: how many frames they have, and the same moments of two of them side by side."""

import subprocess
from pathlib import Path

from storyboard import Cut

MOMENTS = (0.5, 2.5, 4.7)  # seconds into a cut


def count(film: Path) -> int:
    """Number of frames; the picture must be 1920 by 1080 at thirty frames a second."""
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v:0", "-show_entries", "stream=width,height,r_frame_rate,nb_read_packets",
         "-of", "default=noprint_wrappers=1", str(film)], check=True, capture_output=True, text=True).stdout
    values = dict(line.split("=", 1) for line in told.split())
    if (values["width"], values["height"], values["r_frame_rate"]) != ("1920", "1080", "30/1"):
        raise ValueError(f"{film} is {values['width']}x{values['height']} at {values['r_frame_rate']}, not 1920x1080 at 30")
    return int(values["nb_read_packets"])


def side_by_side(ours: Path, theirs: Path, cuts: list[Cut], to: Path) -> None:
    """Ours left, theirs right; one row for each moment of the first two cuts."""
    to.parent.mkdir(parents=True, exist_ok=True)
    moments = [(cut.begin + moment, cut.at + moment) for cut in cuts[:2] for moment in MOMENTS if moment < cut.seconds]
    inputs = [part for pair in moments for film, at in zip((ours, theirs), pair) for part in ("-ss", f"{at:.3f}", "-i", str(film))]
    small = "".join(f"[{n}:v]trim=end_frame=1,scale=800:450[v{n}];" for n in range(2 * len(moments)))
    rows = "".join(f"[v{2 * n}][v{2 * n + 1}]hstack[r{n}];" for n in range(len(moments)))
    column = "".join(f"[r{n}]" for n in range(len(moments))) + f"vstack={len(moments)}"
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *inputs, "-filter_complex", small + rows + column, "-frames:v", "1", str(to)], check=True)
