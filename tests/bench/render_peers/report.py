"""Targets, and the table that is printed and kept in tests/bench/render.md."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from measure import Cost

# The targets.
OF_ENCODER, TIMES_PYTHON, CPU_CAPTIONED = 0.8, 10.0, 0.75


@dataclass
class Row:
    """One measured way."""

    title: str
    cost: Cost
    seconds: float
    encoder: str
    differs: str
    size: int = 0
    python: bool = False

    @property
    def cpu(self) -> float:
        """CPU seconds for each second of video."""
        return self.cost.cpu / self.seconds

    @property
    def fps(self) -> float:
        """Frames for each second of waiting."""
        return self.seconds * 30 / self.cost.wall


@dataclass
class Pictures:
    """Seconds in which all pictures of a film were drawn, converted and encoded."""

    alone: float  # its voice and sound were there already
    beside: float  # its sound was mixed, mastered and encoded at the same time


@dataclass
class Target:
    """Something to reach, and whether it was."""

    text: str
    reached: bool


def targets(ours: Row, alone: Row, ratios: list[float], pictures: list[Pictures], rows: list[Row]) -> list[Target]:
    """What the issue asks for, judged on this run."""
    ratio = sorted(ratios)[len(ratios) // 2]

    def fps(times: Iterable[float]) -> float:
        return ours.seconds * 30 / median(times)
    rounds = ", ".join(f"{each:.2f}" for each in ratios)
    found = [
        Target(f"at least {OF_ENCODER} of the encoder's own speed when pictures are all there is to do for both: {ratio:.2f} (rounds: {rounds}), "
               f"{fps(each.alone for each in pictures):.0f} against {alone.fps:.0f} frames/s; with the sound made at the same time "
               f"{fps(each.beside for each in pictures):.0f} frames/s, the whole stage with voice and checks {ours.fps:.0f}, of whose CPU seconds "
               f"the encoder alone would take {alone.cpu / ours.cpu:.0%}", ratio >= OF_ENCODER),
        Target(f"at most {CPU_CAPTIONED} CPU seconds per second of 1080p30 with captions, charts and motion: {ours.cpu:.3f}", ours.cpu <= CPU_CAPTIONED)]
    for row in rows:
        if row.python:
            most = row.cpu / alone.cpu
            bound = "" if most >= TIMES_PYTHON else f"; drawing for nothing at this encoder's cost would give {most:.1f} times"
            found.append(Target(f"{row.title}: at least {TIMES_PYTHON:.0f} times our CPU seconds: {row.cpu / ours.cpu:.1f} times{bound}",
                                row.cpu >= TIMES_PYTHON * ours.cpu))
    return found


def table(ours: Row, rows: list[Row]) -> list[str]:
    """The figures as a Markdown table."""
    lines = ["| way | video, s | CPU-s per s | times ours | wall s per s | frames/s | peak MB | Mbit/s | encoder |", "|---|--:|--:|--:|--:|--:|--:|--:|---|"]
    for row in rows:
        rate = f"{row.size * 8 / row.seconds / 1e6:.2f}" if row.size else "–"
        lines.append(f"| {row.title} | {row.seconds:.0f} | {row.cpu:.3f} | {row.cpu / ours.cpu:.1f} | {row.cost.wall / row.seconds:.2f} | {row.fps:.0f} | "
                     f"{row.cost.peak / 1e6:.0f} | {rate} | {row.encoder} |")
    return lines


def whole(ours: Row, rows: list[Row], found: list[Target], absent: dict[str, str], settings: dict[str, str], loads: tuple[float, float]) -> str:
    """The report as Markdown."""
    programs = ", ".join(f"{name} {seconds:.1f}" for name, seconds in sorted(ours.cost.programs.items(), key=lambda pair: -pair[1]) if seconds >= 0.1)
    parts = [
        "# Rendering against peers", "",
        "Written by `make bench-render` (`tests/bench/render_peers`); one run, one machine, one after the other; ours and the encoder alone before, between and after the peers.", "",
        f"{os.cpu_count()} cores; load average (one minute) {loads[0]:.1f} at the start, {loads[1]:.1f} at the end, at most "
        f"{max(row.cost.load for row in rows):.1f} before a measurement. A busy machine makes every way slower; compare CPU seconds "
        "(user and system, all child processes) first.", "",
        f"Encoder options of ours: `{' '.join(' '.join(pair) for pair in settings.items())}`. Ours is the whole render stage of a cold run: voice, sound, "
        "captions, drawing, encoding, thumbnails and checks. The encoder alone gets the very frames of that film, kept without loss, "
        "from memory, without sound; where one encoder has one thread, one for each core. Against it stands the time in which our program drew, "
        "converted and encoded all pictures of a film whose voice and sound it had already, by its own word.", "", *table(ours, rows), "",
        f"Ours by program, CPU seconds (sampled): {programs}.", "", "## Targets", "",
        *[f"- {'reached' if target.reached else '**missed**'}: {target.text}" for target in found], "", "## What is the same and what is not", "",
        "All show 1920×1080 at 30 frames a second with the system's ffmpeg unless said. The digest is the first five seconds of each line scene of our "
        "film, the same moments, captions and sound for all; `video, s` says who had the digest and who the whole film.", "",
        *[f"- {row.title}: {row.differs}" for row in rows]]
    if absent:
        parts += ["", "## Not measured", "", *[f"- {name}: {why}" for name, why in absent.items()]]
    return "\n".join(parts) + "\n"
