"""Measures the embedded voice against the package it comes from (hibari-tts 0.2.1), on the same sentences.

    voice.py SOUND VOICE_FOLDER [--report FILE] [--picture FILE] [--record FILE]

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
    """hibari-tts with its durations read too."""
    def __init__(self):
        self.tts = Hibari()
        with open(self.tts.model_path, "rb") as file:
            model = file.read()
        # A second `graph` (field 7) with one `output` (12) with a `name` (1): protobuf merges it into the first.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
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
    if arguments.record:
        return record(package, arguments.record)
    pieces = [ps for text in SENTENCES for ps in package.tts.phonemize(text)]
    lines = [{"id": f"p{n}", "phonemes": ps, "seed": n} for n, ps in enumerate(pieces)]
    answers, _ = sound(arguments.sound, arguments.data, folder, lines)

    steps = same = frames = 0
    cents, pitches, exact, ours_to, floor, phase = [], [], [], [], [], []
    ours_all, package_all = [], []
    for n, (ps, answer) in enumerate(zip(pieces, answers)):
        (lh, th, ln, lr, phi, f0), durations = package.run(ps)
        read = lambda kind: np.fromfile(os.path.join(folder, f"p{n}.{kind}"), np.float32)
        theirs = list(durations)
        steps += len(theirs)
        same += sum(a == b for a, b in zip(theirs, answer["steps"]))
        if theirs != answer["steps"]:
            print(f"p{n}: durations differ at {[i for i, (a, b) in enumerate(zip(theirs, answer['steps'])) if a != b]}")
            continue
        dump, count = read("f32"), len(f0)
        spectra, pitch = dump[:5 * BINS * count].reshape(5, BINS, count), dump[5 * BINS * count:]
        # Same network outputs, no noise: the signal processing alone.
        reference = dsp.synth(*spectra, pitch, Silence())
        error = reference - read("plain")
        exact.append(10 * np.log10((reference ** 2).sum() / (error ** 2).sum()))
        voiced = (f0 > 40) & (pitch > 40)
        frames += count
        cents.append(1200 * np.log2(pitch[voiced] / f0[voiced]))
        pitches.append((f0[voiced], pitch[voiced]))
        a = dsp.synth(lh, th, ln, lr, phi, f0, np.random.default_rng(1))
        b = dsp.synth(lh, th, ln, lr, phi, f0, np.random.default_rng(2))
        mine = read("full")
        ours_to.append(distance(a, mine))
        floor.append(distance(a, b))
        ours_all.append(mine)
        package_all.append(a)
        if n == 0 and arguments.picture:
            gap = np.ones((8, len(mel(a))))
            stack = np.vstack([mel(a).T[::-1] / 80 + 0.6, gap[:, :len(mel(a))], mel(mine).T[::-1] / 80 + 0.6])
            png(arguments.picture, np.kron(stack, np.ones((3, 2))))
    cents = np.concatenate(cents)
    theirs_f0, ours_f0 = (np.concatenate([p[k] for p in pitches]) for k in (0, 1))
    loud = loudness(np.concatenate(package_all), folder), loudness(np.concatenate(ours_all), folder)
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

    rows = [
        ("phoneme lengths equal", f"{same} of {steps}", "all"),
        ("signal processing alone, same network outputs, no noise: signal to error",
         f"{np.mean(exact):.0f} dB, least {np.min(exact):.0f}", "float32 rounding"),
        ("mean pitch, package / ours", f"{theirs_f0.mean():.2f} / {ours_f0.mean():.2f} Hz", "-"),
        ("pitch contour, root-mean-square difference", f"{np.sqrt((cents ** 2).mean()):.1f} cents", "5 is not heard"),
        ("log-mel distance, package to ours", f"{np.mean(ours_to):.2f} dB", f"{np.mean(floor):.2f} dB: package to itself with another seed"),
        ("loudness, package / ours", f"{loud[0][0]:.1f} / {loud[1][0]:.1f} LUFS", "-"),
        ("true peak, package / ours", f"{loud[0][1]:.1f} / {loud[1][1]:.1f} dBTP", "-"),
        ("seconds of speech per CPU second, phonemes to sound, package / ours", f"{python:.0f} / {rust:.0f}", "-"),
        ("start, data checked and loaded, CPU seconds", f"{start:.2f}", "-"),
        ("word onsets against the rise of the sound behind silences: mean distance",
         f"{np.abs(off).mean():.0f} ms over {len(off)}, largest {np.abs(off).max()}, bias {off.mean():+.0f}", "120 ms"),
        ("word onsets by pauses alone (`align`) against the network's lengths: mean distance",
         f"{aligned_all.mean():.0f} ms over {len(aligned_all)} words, 95 of 100 within {np.percentile(aligned_all, 95):.0f}", "120 ms"),
    ]
    text = ["# The embedded voice against its package", "",
            f"By `tests/bench/voice.py {arguments.sound}` (`make bench-voice` takes a release build): {len(SENTENCES)} sentences, {len(pieces)} pieces, {seconds:.0f} s of speech.", "",
            "| measured | figure | to compare with |", "|---|---|---|"]
    text += [f"| {name} | {figure} | {beside} |" for name, figure, beside in rows]
    text = "\n".join(text) + "\n"
    print(text)
    if arguments.report:
        with open(arguments.report, "w", encoding="utf-8") as out:
            out.write(text)


if __name__ == "__main__":
    main()
