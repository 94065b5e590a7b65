"""Proofreel's voice worker: JSON lines in, sound and word timings out. Run by the Rust module `voice`.

In, a line each:   {"configure": {"speed": 1.1, "pronounce": {"WTI": "W T I"}}}   (optional, first)
                   {"id": "s1", "text": "Gold rose 4%.", "seed": 7}
Out, for each request, in order: one JSON line, exactly 2 * samples bytes of little-endian 16-bit sound, and the end mark
b"\nend\n", by which a wrong count is noticed at once:
                   {"id", "sample_rate", "samples", "words": [[token, start_ms, end_ms], …]}
                   {"id", "error"}   (neither bytes nor mark follow)
First of all comes one line {"ready": 1, "sample_rate", "voice"}, or {"error"} when the voice cannot be loaded.
"""
import hashlib
import json
import os
import sys

# A library that prints must not corrupt the protocol: keep the real stdout, and point fd 1 at stderr.
OUT = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)

STEP = 600                       # samples in one 25 ms step of the duration predictor
EARLY = 840                      # the sound runs 35 ms ahead of those steps (median of 98 onsets behind pauses)
HOP = 120                        # 5 ms, the grain of silence detection
MAX_PHONEMES = 400               # the model was not trained on longer pieces
SILENCE_DB, WORD_DB = -62.0, -48.0
HEAD, TAIL = 480, 960            # samples kept before and after the audible part of a piece
SENTENCE_GAP, CLAUSE_GAP = 8640, 2880
END = b"\nend\n"
DURATIONS = b"/Clip_output_0"
PUNCTUATION = frozenset(" ;:,.!?—…\"“”()")
MIN_WORD_MS = 20


def field(number, payload):
    """One length-delimited protobuf field."""
    size, head = len(payload), bytearray([number << 3 | 2])
    while size > 127:
        head.append(size & 127 | 128)
        size >>= 7
    head.append(size)
    return bytes(head) + payload


def with_durations(model):
    """The model with its phoneme durations as one more output.

    Protobuf merges a repeated embedded message: a second `graph` (field 7) that holds one `output` (12) with a
    `name` (1) is appended, so the file needs neither parsing nor the onnx package.
    """
    return model + field(7, field(12, field(1, DURATIONS)))


class Speaker:
    """The model, loaded once."""

    def __init__(self):
        import numpy
        import onnxruntime
        from hibari import dsp
        from hibari.g2p import G2P
        from hibari.g2p.normalize import normalize
        from hibari.voices import DEFAULT, voice_path
        import hibari.tts
        self.np, self.dsp, self.normalize, self.g2p = numpy, dsp, normalize, G2P()
        self.voice, self.rate = DEFAULT, dsp.SR
        with open(os.path.join(hibari.tts.ASSETS, "vocab.json"), encoding="utf-8") as f:
            self.vocab = json.load(f)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1   # one thread: one order of additions
        options.log_severity_level = 3
        with open(voice_path(DEFAULT, download_missing=False), "rb") as f:
            model = with_durations(f.read())
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.configure({})

    # -- text ---------------------------------------------------------------------------------
    def configure(self, settings):
        """Takes the pace and a pronunciation table: a respelling, `/phonemes/`, or spaced letters for an acronym."""
        self.speed, pronounce = float(settings.get("speed") or 1), settings.get("pronounce") or {}
        table = {**WORDS, **{EDGES.match(str(k))[2]: str(v) for k, v in pronounce.items()}}
        self.pronounce = {k: self.lettered(v) if LETTERS.match(v) else v for k, v in table.items()}

    def lettered(self, word):
        """`W T I` -> a link with the stress pattern of an acronym, instead of three stressed words."""
        letters = word.replace(" ", "")
        phonemes = self.g2p.lexicon.get_NNP(letters)[0]
        return f"/{phonemes}/" if phonemes else word

    def phonemes(self, words, owners):
        """Phoneme characters of a sentence, each with the index of the token that it belongs to."""
        text = self.normalize(" ".join(words))
        after = text.split()
        owners = carry_owners(words, owners, after)
        chunks = [""]
        for token in self.g2p.phonemize_tokens(self.g2p.tokenize(" ".join(after))):
            chunks[-1] += token.phonemes or ""
            if token.whitespace:
                chunks.append("")
        if len(chunks) == len(after) + 1 and not chunks[-1]:
            chunks.pop()
        if len(chunks) != len(after):                # never seen; word by word loses only the context
            chunks = [self.g2p(word, False) for word in after]
        out = []
        for chunk, owner in zip(chunks, owners):
            chunk = [c for c in chunk if c in self.vocab]
            if chunk and out:
                out.append((" ", out[-1][1]))
            out += [(c, owner) for c in chunk]
        return out

    @staticmethod
    def cut(chars):
        """Pieces of at most MAX_PHONEMES, at clause ends, else between words."""
        while len(chars) > MAX_PHONEMES:
            spaces = [i for i in range(1, MAX_PHONEMES) if chars[i][0] == " "]
            clauses = [i for i in spaces if chars[i - 1][0] in ",;:—" and i > MAX_PHONEMES // 4]
            at = (clauses or spaces or [MAX_PHONEMES])[-1]
            yield chars[:at]
            chars = chars[at:] if chars[at][0] != " " else chars[at + 1:]
        if chars:
            yield chars

    def pieces(self, tokens):
        """(characters with owners, gap after in samples) for each piece that the model speaks at once."""
        spoken, ends = spoken_tokens(tokens, self.pronounce), sentence_ends(tokens)
        out, words, owners = [], [], []
        for i, said in enumerate(spoken):
            for word in said.split():
                words.append(word)
                owners.append(i)
            if ends[i] and words:
                cuts = list(self.cut(self.phonemes(words, owners)))
                out += [(piece, CLAUSE_GAP) for piece in cuts[:-1]] + [(piece, SENTENCE_GAP) for piece in cuts[-1:]]
                words, owners = [], []
        return [(piece, gap) for piece, gap in out if any(c not in PUNCTUATION for c, _ in piece)]

    # -- sound --------------------------------------------------------------------------------
    def loudness(self, audio):
        """Level of each 5 ms, dB below full scale."""
        np = self.np
        blocks = audio[:len(audio) // HOP * HOP].reshape(-1, HOP)
        return 20 * np.log10(np.sqrt((blocks * blocks).mean(axis=1)) + 1e-9)

    def piece(self, chars, rng):
        """Sound of a piece without the silence around it, and (owner, is letter, start, end) of each character."""
        np = self.np
        ids = [0, *(self.vocab[c] for c, _ in chars), 0]
        out = self.session.run(None, {"ids": np.asarray([ids], np.int64), "speed": np.full(1, self.speed, np.float32)})
        lh, theta, ln, lr, phi, f0 = (o[0] for o in out[:6])
        edges = np.concatenate([[0], np.cumsum(out[6].reshape(-1))]).astype(int) * STEP
        audio = self.dsp.synth(lh, theta, ln, lr, phi, f0, rng)
        loud = np.flatnonzero(self.loudness(audio) > SILENCE_DB)
        first, last = (loud[0], loud[-1] + 1) if len(loud) else (0, len(audio) // HOP)
        begin, end = max(0, first * HOP - HEAD), min(len(audio), last * HOP + TAIL)
        audio = audio[begin:end].copy()
        fade = min(HOP, len(audio))
        audio[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
        audio[len(audio) - fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
        marks = [(owner, c not in PUNCTUATION, *np.clip(edges[k + 1:k + 3] - EARLY - begin, 0, len(audio)).tolist())
                 for k, (c, owner) in enumerate(chars)]
        return audio, marks

    def speak(self, text, seed):
        """(int16 samples, [[token, start ms, end ms]…])."""
        np, tokens = self.np, tokens_of(text)
        pieces = self.pieces(tokens)
        if not pieces:
            raise ValueError(f"there is nothing to pronounce in {text!r}")
        # Noise depends on the seed and the words alone, so a line sounds the same wherever it stands.
        rng = np.random.default_rng([seed, int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")])
        sound, spans, at = [], {}, 0
        for number, (chars, gap) in enumerate(pieces):
            audio, marks = self.piece(chars, rng)
            for owner, letter, start, end in marks:
                if letter:
                    known = spans.setdefault(owner, [start + at, end + at])
                    known[1] = max(known[1], end + at)
            sound.append(audio)
            at += len(audio)
            if number + 1 < len(pieces):
                sound.append(np.zeros(gap, np.float32))
                at += gap
        audio = np.concatenate(sound)
        pcm = np.round(np.clip(audio, -1, 1) * 32767).astype("<i2")
        return pcm, self.timings(tokens, spans, audio)

    def timings(self, tokens, spans, audio):
        """Word times in ms: silence taken off the ends, silent tokens squeezed in, strictly ascending."""
        level = self.loudness(audio)
        ms = self.rate // 1000
        length, out = len(audio) // ms, []
        for i, token in enumerate(tokens):
            if i not in spans:
                out.append([token, None, None])
                continue
            start, end = (x // HOP for x in spans[i])
            while end - start > 8 and end <= len(level) and level[end - 1] < WORD_DB:
                end -= 1
            while end - start > 8 and level[start] < SILENCE_DB:
                start += 1
            out.append([token, start * HOP // ms, end * HOP // ms])
        place_silent(out, length)
        return out


def place_silent(words, length):
    """Gives tokens without sound ("—") a short time in the pause, or off a neighbour, and makes times ascend."""
    at = 0
    for i, word in enumerate(words):
        if word[1] is None:
            word[1], word[2] = at, at + MIN_WORD_MS
        word[1] = max(word[1], at)
        word[2] = max(word[2], word[1] + 1)
        at = word[2]
    top = length
    for word in reversed(words):                     # pushed past the end, or past the next word: move back
        word[2] = min(word[2], top)
        word[1] = min(word[1], word[2] - 1)
        top = word[1]


def send(header, payload=b""):
    OUT.write(json.dumps(header, ensure_ascii=True).encode() + b"\n" + payload)
    OUT.flush()


def main():
    try:
        speaker = Speaker()
    except Exception as error:                       # whatever is wrong, the caller must hear it
        send({"error": f"{type(error).__name__}: {error}"})
        return 3
    send({"ready": 1, "sample_rate": speaker.rate, "voice": speaker.voice})
    for line in sys.stdin.buffer:
        request = {}
        try:
            request = json.loads(line)
            if "configure" in request:
                speaker.configure(request["configure"])
                continue
            pcm, words = speaker.speak(request["text"], int(request["seed"]))
            send({"id": request["id"], "sample_rate": speaker.rate, "samples": len(pcm), "words": words},
                 pcm.tobytes() + END)
        except Exception as error:
            send({"id": request.get("id"), "error": f"{type(error).__name__}: {error}"})
    return 0


if __name__ == "__main__":
    if "spoken_tokens" not in globals():             # run from its folder, not as Rust embeds it behind spoken.py
        from spoken import EDGES, LETTERS, WORDS, carry_owners, sentence_ends, spoken_tokens, tokens_of
    sys.exit(main())
