#!/usr/bin/env python3
"""Our renderer against the encoder alone and against peers, in one run on one machine with one storyboard.

Usage: python3 tests/bench/render_peers [--binary FILE] [--only NAME ...] [--seconds N] [--report FILE] [--frames DIR]
Exit code 1 when a target is missed, 2 when it could not be measured. A peer that cannot be installed is told and left out.
"""

import argparse
import os
import sys
from pathlib import Path

import frames
import measure
import ours
import report
import storyboard
from install import Unavailable
from peers_list import PEERS, Peer

ROOT = Path(__file__).resolve().parents[3]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="render_peers", description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default=ROOT / "target/release/proofreel", help="our program (default: the release build)")
    parser.add_argument("--channel", type=Path, default=ROOT / "channels/demo.toml", help="channel whose episode is the storyboard")
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help=f"measure only this peer beside ours; may be repeated; `ours` measures no peer ({', '.join(peer.name for peer in PEERS)})")
    parser.add_argument("--seconds", type=float, default=20, help="length of the digest that slow peers make (default: 20)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of ours and the encoder alone, by turns; the median counts (default: 3)")
    parser.add_argument("--report", type=Path, help="write the table as Markdown")
    parser.add_argument("--frames", type=Path, metavar="DIR", help="write frames of ours and of each peer side by side as PNG")
    told = parser.parse_args()
    unknown = set(told.only) - {peer.name for peer in PEERS} - {"ours"}
    if unknown:
        parser.error(f"no peer is called {', '.join(sorted(unknown))}")
    if not told.binary.is_file():
        parser.error(f"{told.binary} is missing\n  hint: `cargo build --release -p proofreel-cli`, or name another with --binary")
    told.binary = told.binary.resolve()
    return told


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    told = arguments()
    measure.adopt_orphans()
    home, began = ROOT / "target/bench-peers", os.getloadavg()[0]
    work = home / "work"
    say(f"{os.cpu_count()} cores, load average {began:.1f}")

    captured, kept = ours.capture(told.binary, told.channel, work / "capture")
    settings = ours.settings(kept)
    seconds = captured.frames / 30
    bare = ours.produce(told.binary, told.channel, work / "bare", captions=False)
    panel = ROOT / "data/gdp-by-country/data/annual.csv"
    cuts = {"digest": storyboard.digest(bare.folder, told.seconds), "whole": storyboard.whole(bare.folder)}
    chosen = [peer for peer in PEERS if not told.only or peer.name in told.only]
    stories = {name: storyboard.write(cuts[name], bare.folder, work / name, settings, panel)
               for name in sorted({"whole" if peer.whole else "digest" for peer in chosen})}
    absent: dict[str, str] = {}
    rows: list[report.Row] = []
    # Ours is measured before, between and after the peers: a machine that slows down for minutes slows all down.
    rounds = Rounds(told, captured, kept, work)
    rounds.take()
    for number, peer in enumerate(chosen, 1):
        name = "whole" if peer.whole else "digest"
        try:
            rows.append(run(peer, stories[name], cuts[name], home, work))
        except (Unavailable, measure.CommandFailed) as error:
            absent[peer.title] = str(error)
            say(f"{peer.name}: not measured: {error}")
        else:
            say(f"{peer.name}: {rows[-1].cpu:.3f} CPU-s/s, {rows[-1].fps:.0f} frames/s")
            if told.frames:
                frames.side_by_side(rounds.film.video, work / f"{peer.name}.mp4", cuts[name], told.frames / f"{peer.name}.png")
        rounds.take_until(1 + number * (told.rounds - 1) // len(chosen))
    rounds.take_until(told.rounds)

    options = f"x264 {settings['-preset']}, {' '.join(storyboard.rate(settings)).lstrip('-')}"
    row = report.Row("**ours**, captions burnt", measure.median(rounds.costs), seconds, options,
                     "Charts, motion, captions, voice, sound and checks.", rounds.film.video.stat().st_size)
    alone = report.Row("the encoder alone", measure.median(rounds.alone), seconds, options, "Nothing is drawn and nothing is heard.")
    rows[:0] = [row, report.Row("ours, without captions", bare.cost, seconds, options, "As above; captions only as files.", bare.video.stat().st_size), alone]
    found = report.targets(row, alone, rounds.ratios, rounds.pictures, rows)
    text = report.whole(row, rows, found, absent, settings, (began, os.getloadavg()[0]))
    say("\n" + text)
    if told.report:
        told.report.write_text(text)
    return 0 if all(target.reached for target in found) else 1


class Rounds:
    """Ours and the encoder alone, measured by turns."""

    film: ours.Film

    def __init__(self, told: argparse.Namespace, captured: ours.Film, kept: Path, work: Path):
        self._told, self._captured, self._kept, self._work = told, captured, kept, work
        self.costs: list[measure.Cost] = []
        self.alone: list[measure.Cost] = []
        self.ratios: list[float] = []
        self.pictures: list[report.Pictures] = []

    def take(self) -> None:
        """One more round."""
        seconds = self._captured.frames / 30
        self.film = film = ours.produce(self._told.binary, self._told.channel, self._work / "ours", captions=True)
        heard = ours.produce(self._told.binary, self._told.channel, self._work / "heard", captions=True, heard=True)
        alone, count = ours.encoder_alone(self._kept, self._work)
        if count != self._captured.frames:
            raise measure.CommandFailed(f"{count} frames were captured of a film of {self._captured.frames}")
        self.costs.append(film.cost)
        self.alone.append(alone)
        self.ratios.append(alone.wall / heard.pictures)
        self.pictures.append(report.Pictures(heard.pictures, film.pictures))
        say(f"round {len(self.costs)}: ours {film.cost.cpu / seconds:.3f} CPU-s/s, {film.frames / film.cost.wall:.0f} frames/s, "
            f"its pictures alone {heard.frames / heard.pictures:.0f}; encoder alone {alone.cpu / seconds:.3f}, {count / alone.wall:.0f}")

    def take_until(self, count: int) -> None:
        """Rounds until so many were taken."""
        while len(self.costs) < count:
            self.take()


def run(peer: Peer, story: Path, cuts: list[storyboard.Cut], home: Path, work: Path) -> report.Row:
    """Measures one peer. Installing it is not counted."""
    out = work / f"{peer.name}.mp4"
    out.unlink(missing_ok=True)
    command, env, cwd = peer.make(story, out, home)
    cost = measure.run(command, work / f"{peer.name}.log", env=env, cwd=cwd)
    seconds = frames.count(out) / 30
    wanted = cuts[-1].at + cuts[-1].seconds
    if abs(seconds - wanted) > 1:
        raise measure.CommandFailed(f"{peer.title} made {seconds:.1f} seconds of video instead of {wanted:.1f}")
    return report.Row(peer.title, cost, seconds, peer.encoder, peer.differs, out.stat().st_size, peer.python)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except measure.CommandFailed as error:
        print(f"bench-render: {error}", file=sys.stderr)
        sys.exit(2)
