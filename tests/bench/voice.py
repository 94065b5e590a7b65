"""Measures the embedded voice against the package it comes from (hibari-tts 0.2.1), on the same sentences.

    voice.py SOUND VOICE_FOLDER [--report FILE] [--picture FILE] [--record FILE]

What rounding alone does is measured on the package itself: under ONNX Runtime with its graph optimisations, as it is delivered,
against ONNX Runtime without them. Both compute the same network, in another order of sums and roundings.

SOUND is the example `sound` of the crate proofreel-voice. Needs .venv (scripts/voice/bench-env.sh); ffmpeg for loudness.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import wave
import zlib
import struct

import numpy as np
import onnxruntime
from hibari import Hibari, dsp

RATE, HOP, BINS = 24_000, 300, 601
# From this pitch on a frame is voiced, Hz; frames beside one that is not are an edge; a piece whose middle frame is off by more has moved, cents.
VOICED, EDGE, MOVED = 40, 3, 0.1
# What is asked for, milliseconds and cents: 0.3 Hz of a vowel held at 120 Hz are just heard, and 2 Hz where it falls (Klatt,
# J. Acoust. Soc. Am. 1973); in sentences it takes ten to fifty times as much as in held vowels (Harris and Umeda, ibid. 1987).
IN_TIME, UNHEARD, HEARD_MOVING = 120, 5, 29
SENTENCES = """
Gold rose to $4,228 an ounce on August 18, the highest close on record.
Behind that number stands a slower story: ten years of falling real yields.
Inflation peaked at 9.1% in June 2022, and then it fell for twelve months in a row.
The 10-year Treasury yield closed at 4.47%, up 25 basis points since January.
In 1980, one ounce of gold bought about 70 shares; today it buys 2.
World output grew from $10.3 trillion to $27.4 trillion in thirty years.
But averages hide the turn, and the turn is what moved prices.
Unemployment doubled between 2007 and 2010 — it took seven years to come back.
Japan, Germany and the United Kingdom all slowed, though not at the same time.
What would have to happen for that record to fall again?
Of the five largest economies, only one has grown faster since 2015.
Coal is down by half; solar has risen from almost nothing to 12% of supply.
The S&P 500 lost 34% in five weeks, and made all of it good by August.
Every figure here comes from a public table, and each one can be checked.
Exports fell to 0.85 of their level before the crisis, said the bank.
That is not a forecast. It is a description of what has already happened.
""".strip().split("\n")


class Silence:
    """Stands for a generator: no noise at all."""
    def standard_normal(self, shape, dtype):
        return np.zeros(shape, dtype)


class Package:
    """hibari-tts with its durations read too; `optimised` as it is delivered, or with the graph as it is written."""
    def __init__(self, optimised=True):
        self.tts = Hibari()
        with open(self.tts.model_path, "rb") as file:
            model = file.read()
        # A second `graph` (field 7) with one `output` (12) with a `name` (1): protobuf merges it into the first.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        if not optimised:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self.session = onnxruntime.InferenceSession(
            model + field(7, field(12, field(1, b"/Clip_output_0"))), options, providers=["CPUExecutionProvider"])

    def run(self, phonemes):
        ids = np.asarray([self.tts.ids(phonemes)], np.int64)
        out = self.session.run(None, {"ids": ids, "speed": np.ones(1, np.float32)})
        return [o[0] for o in out[:6]], out[6].reshape(-1).astype(int)


def field(number, payload):
    head, size = bytearray([number << 3 | 2]), len(payload)
    while size > 127:
        head.append(size & 127 | 128)
        size >>= 7
    return bytes(head) + bytes([size]) + payload


def mel(audio):
    """80 mel bands, dB."""
    window, hop = 1024, 256
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(audio, window // 2), window)[::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(window))) ** 2
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), 82) / 2595) - 1)
    hertz = np.arange(window // 2 + 1) * RATE / window
    rise = (hertz[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hertz[None]) / (edges[2:] - edges[1:-1])[:, None]
    return 10 * np.log10(power @ np.maximum(0, np.minimum(rise, fall)).T + 1e-8)


def distance(a, b):
    """Mean over the loud frames of the root-mean-square difference of the mel bands, dB."""
    a, b = mel(a), mel(b)
    loud = a.max(axis=1) > a.max() - 50
    return float(np.sqrt(((a - b) ** 2).mean(axis=1))[loud].mean())


class Contours:
    """Differences of pitch contours from the package's, frame by frame."""
    def __init__(self):
        self.cents, self.edges, self.moved, self.pairs = [], [], [], []

    def add(self, theirs, other):
        voiced = (theirs > VOICED) & (other > VOICED)
        cents = 1200 * np.log2(other[voiced] / theirs[voiced])
        # Where voice sets in or stops the contour runs between its pitch and none within a few frames.
        still = np.pad(voiced, EDGE, constant_values=False)
        inside = np.lib.stride_tricks.sliding_window_view(still, 2 * EDGE + 1).all(axis=1)
        self.cents.append(cents)
        self.edges.append(~inside[voiced])
        self.moved.append(bool(np.median(np.abs(cents)) > MOVED))
        self.pairs.append((theirs[voiced], other[voiced]))

    def done(self):
        moved = np.concatenate([cents for cents, has in zip(self.cents, self.moved) if has] or [np.zeros(1)])
        self.where_moved = float(np.sqrt((moved ** 2).mean()))
        cents, edges = np.concatenate(self.cents), np.concatenate(self.edges)
        self.far = float((np.abs(cents) > HEARD_MOVING).mean())
        square = cents ** 2
        self.rms, self.median = float(np.sqrt(square.mean())), float(np.median(np.abs(cents)))
        self.most = float(np.percentile(np.abs(cents), 95))
        self.within = float(np.sqrt(square[~edges].mean()))
        self.at_edges, self.share_of_edges = float(square[edges].sum() / square.sum()), float(edges.mean())
        self.theirs, self.other = (float(np.concatenate([p[k] for p in self.pairs]).mean()) for k in (0, 1))
        return self


def verdict(is_held, otherwise):
    return "held" if is_held else f"**missed**: {otherwise}"


def loudness(audio, folder):
    """(integrated LUFS, true peak dBTP) by ffmpeg's ebur128."""
    path = os.path.join(folder, "loud.wav")
    with wave.open(path, "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())
    done = subprocess.run(["ffmpeg", "-hide_banner", "-nostats", "-i", path, "-af", "ebur128=peak=true", "-f", "null", "-"],
                          capture_output=True, text=True, check=True).stderr
    summary = done[done.rindex("Summary:"):]
    return [float(summary.split(name)[1].split()[0]) for name in ("I:", "Peak:")]


def sound(program, data, folder, lines):
    """Answers of the Rust side to lines, and the CPU seconds it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program, data, folder], input="".join(json.dumps(line) + "\n" for line in lines),
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the Rust side failed: {done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [json.loads(line) for line in done.stdout.splitlines()], cpu


def onsets(audio, words):
    """Differences, ms, between a word's start as told and the rise of the sound, for words behind a silence of 80 ms.

    The sound alone decides where a silence ends: the first 2 ms louder than 40 dB below the loudest second.
    """
    grain = RATE // 500
    level = 20 * np.log10(np.sqrt((audio[: len(audio) // grain * grain].reshape(-1, grain) ** 2).mean(axis=1)) + 1e-9)
    loud = level > np.percentile(level, 95) - 40
    rises = [i for i in range(len(loud)) if loud[i] and not loud[max(0, i - 40):i].any()]
    out = []
    for rise in rises:
        # Which word begins here: the nearest one in time, if it is nearer than half its neighbours' distance.
        starts = np.array([w[1] for w in words])
        nearest = int(np.abs(starts - rise * 2).argmin())
        out.append(int(starts[nearest] - rise * 2))
    return out


def png(path, rows):
    """Writes a grey picture (rows from 0 to 1) without a library."""
    data = (np.clip(rows, 0, 1) * 255).astype(np.uint8)
    raw = b"".join(b"\0" + row.tobytes() for row in data)
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", data.shape[1], data.shape[0], 8, 0, 0, 0, 0))
                  + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def record(package, path):
    """What the package makes of three pieces, for the Rust test shared/voice/tests/recorded.rs."""
    out = []
    for text in (SENTENCES[0], SENTENCES[9], SENTENCES[12]):
        for phonemes in package.tts.phonemize(text):
            spectra, steps = package.run(phonemes)
            audio = dsp.synth(*spectra, np.random.default_rng(1))
            blocks = audio[: len(audio) // 600 * 600].reshape(-1, 600)
            level = 20 * np.log10(np.sqrt((blocks ** 2).mean(axis=1)) + 1e-9)
            pitch = spectra[5]
            out.append({"phonemes": phonemes, "steps": steps.tolist(), "pitch": round(float(pitch[pitch > 40].mean()), 2),
                        "level_db": [round(float(x), 1) for x in level]})
    with open(path, "w", encoding="utf-8") as file:
        json.dump(out, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sound")
    parser.add_argument("data")
    parser.add_argument("--report")
    parser.add_argument("--picture")
    parser.add_argument("--record")
    arguments = parser.parse_args()
    package, folder = Package(), tempfile.mkdtemp()
    unoptimised = Package(optimised=False)
    if arguments.record:
        return record(package, arguments.record)
    pieces = [ps for text in SENTENCES for ps in package.tts.phonemize(text)]
    lines = [{"id": f"p{n}", "phonemes": ps, "seed": n} for n, ps in enumerate(pieces)]
    answers, _ = sound(arguments.sound, arguments.data, folder, lines)

    steps = same = itself_same = 0
    ours, itself = Contours(), Contours()
    exact, ours_to, floor, itself_to = [], [], [], []
    ours_all, package_all, itself_all = [], [], []
    for n, (ps, answer) in enumerate(zip(pieces, answers)):
        (lh, th, ln, lr, phi, f0), durations = package.run(ps)
        read = lambda kind: np.fromfile(os.path.join(folder, f"p{n}.{kind}"), np.float32)
        theirs = list(durations)
        steps += len(theirs)
        same += sum(a == b for a, b in zip(theirs, answer["steps"]))
        plain, plain_durations = unoptimised.run(ps)
        itself_same += sum(a == b for a, b in zip(theirs, plain_durations))
        if theirs != answer["steps"]:
            print(f"p{n}: durations differ at {[i for i, (a, b) in enumerate(zip(theirs, answer['steps'])) if a != b]}")
            continue
        dump, count = read("f32"), len(f0)
        spectra, pitch = dump[:5 * BINS * count].reshape(5, BINS, count), dump[5 * BINS * count:]
        # Same network outputs, no noise: the signal processing alone.
        reference = dsp.synth(*spectra, pitch, Silence())
        error = reference - read("plain")
        exact.append(10 * np.log10((reference ** 2).sum() / (error ** 2).sum()))
        ours.add(f0, pitch)
        a = dsp.synth(lh, th, ln, lr, phi, f0, np.random.default_rng(1))
        b = dsp.synth(lh, th, ln, lr, phi, f0, np.random.default_rng(2))
        mine = read("full")
        ours_to.append(distance(a, mine))
        floor.append(distance(a, b))
        ours_all.append(mine)
        package_all.append(a)
        if theirs == list(plain_durations):
            itself.add(f0, plain[5])
            itself_all.append(dsp.synth(*plain, np.random.default_rng(1)))
            itself_to.append(distance(a, itself_all[-1]))
        if n == 0 and arguments.picture:
            gap = np.ones((8, len(mel(a))))
            stack = np.vstack([mel(a).T[::-1] / 80 + 0.6, gap[:, :len(mel(a))], mel(mine).T[::-1] / 80 + 0.6])
            png(arguments.picture, np.kron(stack, np.ones((3, 2))))
    ours.done(), itself.done()
    loud = [loudness(np.concatenate(sounds), folder) for sounds in (package_all, ours_all, itself_all)]
    seconds = sum(map(len, ours_all)) / RATE

    # Speed: the same phonemes ten times over, less the time to start.
    dry = [{**line, "dry": True} for line in lines]
    _, start = sound(arguments.sound, arguments.data, folder, [])
    _, whole = sound(arguments.sound, arguments.data, folder, dry * 10)
    rust = seconds * 10 / (whole - start)
    usage = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    begun = usage()
    for _ in range(5):
        for ps in pieces:
            package.tts.from_phonemes(ps, seed=1)
    python = seconds * 5 / (usage() - begun)

    # The whole path, text to words: onsets behind silences.
    texts = [{"id": f"t{n}", "text": text, "seed": n} for n, text in enumerate(SENTENCES)]
    spoken, _ = sound(arguments.sound, arguments.data, folder, texts)
    off, aligned_all = [], []
    for n, answer in enumerate(spoken):
        audio = np.fromfile(os.path.join(folder, f"t{n}.pcm"), "<i2").astype(np.float32) / 32768
        off += onsets(audio, answer["words"])
        for (_, start_ms, _), (_, guess, _) in zip(answer["words"], answer["aligned"]):
            aligned_all.append(guess - start_ms)
    off, aligned_all = np.array(off), np.abs(np.array(aligned_all))

    mean, worst = np.abs(off).mean(), np.abs(off).max()
    times = lambda figure, own: f"{figure / own:.1f} times what rounding does"
    rows = [
        ("phoneme lengths equal", f"{same} of {steps}", f"{itself_same} of {steps}", "all",
         verdict(same == steps, f"{steps - same} of {steps}")),
        ("signal processing alone, same network outputs, no noise: signal to error",
         f"{np.mean(exact):.0f} dB, least {np.min(exact):.0f}", "-", "float32 rounding, 80 dB", verdict(np.min(exact) > 80, "below")),
        ("mean pitch, package / other", f"{ours.theirs:.2f} / {ours.other:.2f} Hz", f"{itself.theirs:.2f} / {itself.other:.2f} Hz",
         f"{UNHEARD} cents", verdict(abs(1200 * np.log2(ours.other / ours.theirs)) < UNHEARD, "above")),
        ("pitch contour, median difference of a frame", f"{ours.median:.1f} cents", f"{itself.median:.1f} cents",
         f"{UNHEARD} cents", verdict(ours.median < UNHEARD, "above")),
        ("pitch contour, root-mean-square difference", f"{ours.rms:.1f} cents", f"{itself.rms:.1f} cents",
         f"{UNHEARD} cents", verdict(ours.rms < UNHEARD, times(ours.rms, itself.rms))),
        (f"the same without {EDGE} frames at each edge of voicing", f"{ours.within:.1f} cents", f"{itself.within:.1f} cents",
         f"{UNHEARD} cents", verdict(ours.within < UNHEARD, times(ours.within, itself.within))),
        ("the same in the pieces that differ at all", f"{ours.where_moved:.1f} cents", f"{itself.where_moved:.1f} cents",
         f"{UNHEARD} cents", verdict(ours.where_moved < UNHEARD, times(ours.where_moved, itself.where_moved))),
        (f"frames off by more than {HEARD_MOVING} cents", f"{100 * ours.far:.1f} %", f"{100 * itself.far:.1f} %", "-", "-"),
        ("log-mel distance, same noise or another's", f"{np.mean(ours_to):.2f} dB", f"{np.mean(itself_to):.2f} dB",
         f"{np.mean(floor):.2f} dB, the package with another seed",
         verdict(np.mean(ours_to) <= np.mean(floor), times(np.mean(ours_to), np.mean(itself_to)))),
        ("loudness, package / other", f"{loud[0][0]:.1f} / {loud[1][0]:.1f} LUFS", f"{loud[0][0]:.1f} / {loud[2][0]:.1f} LUFS",
         "0.1 LU", verdict(abs(loud[0][0] - loud[1][0]) < 0.15, "more")),
        ("true peak, package / other", f"{loud[0][1]:.1f} / {loud[1][1]:.1f} dBTP", f"{loud[0][1]:.1f} / {loud[2][1]:.1f} dBTP",
         "-", "-"),
        ("seconds of speech per CPU second, phonemes to sound, package / ours", f"{python:.0f} / {rust:.0f}", "-", "-", "-"),
        ("start, data checked and loaded, CPU seconds", f"{start:.2f}", "-", "-", "-"),
        ("word onsets against the rise of the sound behind silences: mean distance",
         f"{mean:.0f} ms over {len(off)}, largest {worst}, bias {off.mean():+.0f}", "-", f"{IN_TIME} ms", verdict(mean < IN_TIME, "later")),
        ("word onsets by pauses alone (`align`) against the network's lengths: mean distance",
         f"{aligned_all.mean():.0f} ms over {len(aligned_all)} words, 95 of 100 within {np.percentile(aligned_all, 95):.0f}", "-",
         f"{IN_TIME} ms", verdict(aligned_all.mean() < IN_TIME, "later")),
    ]
    text = ["# The embedded voice against its package", "",
            f"By `tests/bench/voice.py {arguments.sound}` (`make bench-voice` takes a release build): {len(SENTENCES)} sentences, {len(pieces)} pieces, {seconds:.0f} s of speech.",
            "The third column is the package against itself: under ONNX Runtime as delivered, and without graph optimisation.", "",
            "| measured | ours to the package | the package to itself | asked for | verdict |", "|---|---|---|---|---|"]
    text += [f"| {' | '.join(row)} |" for row in rows]
    text += ["", "## What the difference in pitch is", "",
             f"The network computes with 8-bit values. Where a sum is rounded to the other side once, all that comes after it in a piece differs a little. The package alone does so too: without graph "
             f"optimisation {sum(itself.moved)} of its {len(itself.cents)} pieces move (by more than {MOVED} cents in the middle frame), ours in {sum(ours.moved)} of {len(ours.cents)}. In such a piece ours is off by {ours.where_moved:.1f} cents and the package by {itself.where_moved:.1f}.",
             f"Half of our frames are within {ours.median:.1f} cents of the package's and 95 in 100 within {ours.most:.1f} ({itself.median:.1f} and {itself.most:.1f} for the package itself). "
             f"{100 * ours.at_edges:.0f} % of the squared difference lies in the {100 * ours.share_of_edges:.0f} % of frames "
             f"at most {EDGE} frames ({EDGE * HOP * 1000 / RATE:.1f} ms) from where voice sets in or stops ({100 * itself.at_edges:.0f} % for the package itself): there the contour falls from its pitch to none "
             f"within a few frames, and a small step in time is a large one in cents.",
             f"Away from the edges the contour is {ours.within:.1f} cents off, {itself.within:.1f} for the package itself. "
             f"That is the same kind of difference, {ours.rms / itself.rms:.1f} times as large over all, because ours rounds otherwise in more pieces; "
             f"the signal processing has no part in it: {np.min(exact):.0f} dB or more in every piece.",
             f"{UNHEARD} cents are what is just heard in a vowel that is held, and {HEARD_MOVING} where its pitch falls (Klatt 1973: 0.3 and 2 Hz at 120 Hz); in sentences it takes ten to fifty times as much as in held vowels "
             f"(Harris and Umeda 1987). So the strict measure is missed, and {100 * (1 - ours.far):.1f} % of the frames are within what a moving voice hides. The two were not compared by ear."]
    text = "\n".join(text) + "\n"
    print(text)
    if arguments.report:
        with open(arguments.report, "w", encoding="utf-8") as out:
            out.write(text)


if __name__ == "__main__":
    main()
