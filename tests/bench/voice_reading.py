"""How well the Rust reader of the embedded voice agrees with the voice's own package.

    .venv/bin/python tests/bench/voice_reading.py TEXTS... [--reader PROGRAM] [--words N] [--report FILE] [--record FILE]

TEXTS are files with a text a line (only run over, never stored). PROGRAM is `cargo build -p proofreel-voice --example read`.
Every text is cut into tokens and made into spoken words by Rust; then the package and Rust both turn the same spoken
words into phonemes. --words adds words of the dictionaries and made-up names. --record writes the package's phonemes
of TEXTS, which a Rust test must reproduce.
"""
import argparse
import difflib
import gzip
import json
import os
import random
import subprocess
import sys

from hibari.g2p import G2P
from hibari.g2p.normalize import normalize
import hibari.tts

ASSETS = hibari.tts.ASSETS
SILENT = frozenset(" ;:,.!?—…\"“”()")


def package(g2p, vocabulary, words):
    """Phonemes of a sentence as the package gives them, in the voice's vocabulary, one space between words."""
    after = normalize(" ".join(words)).split()
    chunks = [""]
    for token in g2p.phonemize_tokens(g2p.tokenize(" ".join(after))):
        chunks[-1] += token.phonemes or ""
        if token.whitespace:
            chunks.append("")
    said = ("".join(c for c in chunk if c in vocabulary) for chunk in chunks)
    return " ".join(chunk for chunk in said if chunk)


def made_up(rng, count):
    """Names that no dictionary has."""
    heads = "br cr d dr f fl g gl h j k kl l m n p pr qu r s sk st t tr v w z zh sch ch th".split()
    middles = "a e i o u ai ea ee oo ou au y".split()
    tails = "b ck d ff g l ll m n ng nt p r rd s ss st t th x z".split()
    out = []
    for _ in range(count):
        word = "".join(rng.choice(heads) + rng.choice(middles) for _ in range(rng.randint(1, 3))) + rng.choice(tails)
        out.append(rng.choice((word, word.capitalize(), word.capitalize() + "'s", word + "ed")))
    return out


def words_of(rng, count):
    """Words of the dictionaries, some with endings or in capitals, and made-up ones."""
    known = []
    for name in ("gold", "silver"):
        with gzip.open(os.path.join(ASSETS, f"lexicon_us_{name}.json.gz"), "rt", encoding="utf-8") as f:
            known += sorted(json.load(f))
    known = [word for word in known if not any(c.isspace() for c in word)]
    picked = rng.sample(known, count // 2)
    picked += [rng.choice((word + "s", word + "ing", word + "ed", word.upper(), word.capitalize() + "'s"))
               for word in rng.sample(known, count // 4)]
    return picked + made_up(rng, count - len(picked))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("texts", nargs="*")
    parser.add_argument("--reader", default="target/debug/examples/read")
    parser.add_argument("--words", type=int, default=0)
    parser.add_argument("--record")
    parser.add_argument("--report")
    options = parser.parse_args()
    texts = []
    for name in options.texts:
        with open(name, encoding="utf-8") as f:
            texts += [" ".join(line.split()) for line in f if line.strip()]
    texts = list(dict.fromkeys(texts))
    groups = {"texts": texts, "words": words_of(random.Random(1), options.words)}
    g2p = G2P()
    with open(os.path.join(ASSETS, "vocab.json"), encoding="utf-8") as f:
        vocabulary = frozenset(json.load(f))
    lines, record, misses = [], [], []
    for name, group in groups.items():
        if not group:
            continue
        run = subprocess.run([options.reader], input="\n".join(group) + "\n", capture_output=True, text=True, check=True,
                             env={**os.environ, "PROOFREEL_VOICE_DIR": ASSETS})
        print(run.stderr.strip(), file=sys.stderr)
        sentences = same = phonemes = matched = 0
        # JSON lines: only a line feed ends one.
        for text, line in zip(group, run.stdout.split("\n")):
            answer, ours, words = json.loads(line), iter(json.loads(line)["phonemes"]), []
            theirs = []
            for said, end in zip(answer["spoken"], answer["ends"]):
                words += said.split()
                if end and words:
                    expected = package(g2p, vocabulary, words)
                    if any(c not in SILENT for c in expected):
                        got = next(ours, "")
                        theirs.append(expected)
                        sentences += 1
                        phonemes += len(expected)
                        if got == expected:
                            same += 1
                            matched += len(expected)
                        else:
                            blocks = difflib.SequenceMatcher(None, got, expected, autojunk=False).get_matching_blocks()
                            matched += sum(block.size for block in blocks)
                            misses.append((name, " ".join(words), expected, got))
                    words = []
            record.append([text, answer["spoken"], theirs])
        lines.append(f"| {name} | {len(group):,} | {sentences:,} | {same:,} | {same / sentences:.2%} | {matched / phonemes:.4%} |")
    table = "\n".join(["| what | lines | sentences | identical | share | phonemes alike |", "|---|--:|--:|--:|--:|--:|", *lines])
    print(table)
    for name, words, expected, got in misses[:60]:
        print(f"\n{name}: {words}\n  package {expected}\n  Rust    {got}")
    if options.report:
        with open(options.report, "w", encoding="utf-8") as f:
            f.write(table + "\n")
    if options.record:
        with open(options.record, "w", encoding="utf-8") as f:
            f.write("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in record) + "\n]\n")


if __name__ == "__main__":
    main()
