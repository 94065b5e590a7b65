"""How written finance English is said: one spoken form for every whitespace token of a text.

The voice's own reader copes with plain numbers, years, dates and abbreviations. This module rewrites only
what it misreads: ranges, minus signs, unit suffixes,
money with a scale word in the next token, acronyms glued to words. A token never moves: its spoken form
may be several words, so the timing of those words is the token's timing.

Standard library only, so that it is tested without the voice.
"""
import difflib
import re

# Rust's whitespace: Python's \s also splits at U+001C..U+001F, which would give other tokens than the caller's.
TOKEN = re.compile(r"(?:\S|[\x1c-\x1f])+")
EDGES = re.compile(r"^([\"“‘'(\[{«]*)(.*?)([.,;:!?…\"”’')\]}»]*)$", re.S)
NUM = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
SIGN = r"[-−–+±]?"
CUR = r"US\$|C\$|A\$|HK\$|[$€£¥]"
UNIT = r"%|bps|bp|pp|x|×|trn|tn|bn|mn|k|K|m|M|b|B|T"
AMOUNT = re.compile(rf"^({SIGN})({CUR})?({SIGN})({NUM})({UNIT})?(?P<rest>[-/][A-Za-z].*)?$")
RANGE = re.compile(rf"^({SIGN})({CUR})?({NUM})({UNIT})?[-–—]({SIGN})({CUR})?({NUM})({UNIT})?$")
RATIO = re.compile(r"^(\d+):(\d+)$")
SLASHED = re.compile(r"^(\d+)/(\d+)$")
SHORT_YEAR = re.compile(r"^['’‘](\d)(\d)(s?)$")
LETTERS = re.compile(r"^[A-Z](?: [A-Z])+$")
DOTTED = re.compile(r"^(?:[A-Z]\.)+[A-Z]$")
SCALE = re.compile(r"^(hundred|thousand|million|billion|trillion)(?=$|\W)")
BRACKETS = str.maketrans("[]{}", "()()")
SIGNS = {"": "", "-": "minus ", "−": "minus ", "–": "minus ", "+": "plus ", "±": "plus or minus "}
MONEY = {"$": ("dollar", "cent"), "US$": ("dollar", "cent"), "C$": ("Canadian dollar", "cent"),
         "A$": ("Australian dollar", "cent"), "HK$": ("Hong Kong dollar", "cent"), "€": ("euro", "cent"),
         "£": ("pound", "pence"), "¥": ("yen", None)}
UNITS = {"%": "percent", "bps": "basis points", "bp": "basis points", "pp": "percentage points", "x": "times",
         "×": "times", "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million",
         "b": "billion", "B": "billion", "bn": "billion", "T": "trillion", "tn": "trillion", "trn": "trillion"}
SCALES = frozenset(("hundred", "thousand", "million", "billion", "trillion"))
# Words the reader gets wrong: respelled, or given as phonemes between slashes.
WORDS = {"bps": "basis points", "bp": "basis point", "pp": "percentage points", "YoY": "year over year",
         "y/y": "year over year", "QoQ": "quarter over quarter", "q/q": "quarter over quarter",
         "MoM": "month over month", "m/m": "month over month", "MMBtu": "million British thermal units",
         "kWh": "kilowatt hours", "MWh": "megawatt hours", "bbl": "barrel", "b/d": "barrels per day",
         "bpd": "barrels per day", "vs": "versus", "VIX": "vicks", "SOFR": "so-fur", "COMEX": "/kˈOmˌɛks/",
         "NYMEX": "/nˈImˌɛks/", "ISM": "I S M", "ADP": "A D P", "EBITDA": "/ˈibɪtdˌɑ/",
         "Bernanke": "/bəɹnˈæŋki/", "renminbi": "/ɹˌɛnmɪnbˈi/", "401(k": "four oh one K",
         "e.g": "for example", "i.e": "that is", "U.S": "US", "U.K": "UK", "E.U": "EU", "-": "—", "–": "—",
         "−": "—", "--": "—"}
TITLES = frozenset("mr mrs ms dr prof gen gov sen rep st vs approx e.g i.e cf".split())
BEFORE_NUMBERS = frozenset("no nos jan feb mar apr jun jul aug sep sept oct nov dec est".split())
COMPANIES = frozenset("inc corp co ltd".split())
# After a dotted acronym ("the U.S. The …") only a word that opens sentences ends one.
OPENERS = frozenset("The A An In On At By For From But And Yet So It Its This That These Those There They We He "
                    "She You What Why How When While Since As If Only Now Then Here Still Meanwhile".split())


def tokens_of(text):
    """The whitespace-separated tokens of `text`, as Rust's `split_whitespace` gives them."""
    return TOKEN.findall(text)


def plain(number):
    """A count, not a year: the reader says a bare `1347` as `thirteen forty-seven`."""
    return f"{number[0]},{number[1:]}" if re.fullmatch(r"\d{4}", number) else number


def money(number, currency, scale=""):
    """`3.40` dollars -> `3 dollars and 40 cents`; with a scale or an odd fraction: `3.4 billion dollars`."""
    unit, part = MONEY[currency]
    many = unit if unit == "yen" else unit + "s"
    whole, _, fraction = number.partition(".")
    if scale:
        return f"{plain(number)} {scale} {many}"
    if part and len(fraction) == 2:
        cents = "" if int(fraction) == 0 else f"{int(fraction)} {part}" + ("s" if part == "cent" and int(fraction) != 1 else "")
        if not whole.strip("0,") and cents:
            return cents
        dollars = f"{plain(whole)} {unit if whole == '1' else many}"
        return f"{dollars} and {cents}" if cents else dollars
    return f"{plain(number)} {unit if number == '1' else many}"


def rest_of(rest):
    """What is glued behind an amount: `-an-ounce` -> ` an ounce`, `/barrel` -> ` per barrel`."""
    if not rest:
        return ""
    return (" per " if rest[0] == "/" else " ") + rest[1:].replace("-", " ")


def amount(match, scale_follows):
    """The spoken form of one number with its sign, currency and unit; currency too, unless the next token has it."""
    before, currency, inner, number, unit = match.groups()[:5]
    sign, word, rest = SIGNS[before or inner], UNITS.get(unit or "", ""), match["rest"]
    if currency and scale_follows:
        return sign + number + rest_of(rest)
    if currency:
        glued = re.match(r"^-(hundred|thousand|million|billion|trillion)(?![a-z])", rest or "")
        if glued:                                    # "$1.9-trillion plan": an adjective, so singular
            return f"{sign}{number} {glued[1]} {MONEY[currency][0]}{rest_of(rest[glued.end():])}"
        return sign + money(number, currency, word if word in SCALES else "") + rest_of(rest)
    if word:
        if number == "1" and word.endswith("points"):
            word = word[:-1]
        return f"{sign}{plain(number)} {word}{rest_of(rest)}"
    if re.fullmatch(r"\d{4}", number) and not 1500 <= int(number) <= 2100:
        number = plain(number)
    return sign + number + (rest_of(rest) if rest and rest[0] == "/" else rest or "")


def span(match, scale_follows):
    """`7.5–8.0%` -> `7.5 to 8.0 percent`; the second number's unit or currency serves both."""
    sign1, cur1, low, unit1, sign2, cur2, high, unit2 = match.groups()
    currency, word = cur1 or cur2, UNITS.get(unit2 or unit1 or "", "")
    if not currency and not word and re.fullmatch(r"[12]\d{3}", low) and re.fullmatch(r"\d\d", high):
        high = low[:2] + high                        # 2008-09
    tail = f" {word}" if word else ""
    if currency and not scale_follows:
        tail += f" {MONEY[currency][0]}" + ("" if MONEY[currency][0] == "yen" else "s")
    same = f" {UNITS[unit1]}" if unit1 and unit2 and unit1 != unit2 else ""
    return f"{SIGNS[sign1]}{low}{same} to {SIGNS[sign2]}{high}{tail}"


def say_core(core, scale_follows):
    """The spoken form of a token without the punctuation around it."""
    match = RANGE.match(core)
    if match:
        return span(match, scale_follows)
    match = AMOUNT.match(core)
    if match:
        return amount(match, scale_follows)
    match = RATIO.match(core)
    if match and len(match[2]) != 2:
        return f"{match[1]} to {match[2]}"
    match = SLASHED.match(core)
    if match:
        a, b = int(match[1]), int(match[2])
        return core if a < b <= 10 or (a <= 12 and b <= 31) else f"{match[1]} {match[2]}"
    parts = core.split("-")
    if len(parts) > 1 and any(len(p) > 1 and p.isalpha() and p.isupper() for p in parts) and any(p.islower() for p in parts):
        return " ".join(parts)                       # "US-based" is read as one unknown word
    return core


def entry(key, value):
    """A table's value as spoken text; `/phonemes/` become the reader's `[word](/phonemes/)`."""
    if len(value) > 2 and value.startswith("/") and value.endswith("/"):
        return f"[{re.sub(r'[^A-Za-z]', '', key) or 'word'}]({value.replace(' ', '')})"
    return value


def possessive(value):
    """The 's of a table's value; phonemes take the sound that their last one calls for."""
    if not (len(value) > 2 and value.endswith("/")):
        return value + "'s"
    return value[:-1] + ("ᵻz" if value[-2] in "szʃʒʧʤ" else "s" if value[-2] in "ptkfθ" else "z") + "/"


def respelled(core, table):
    """`core`, its possessive or its hyphenated parts from a table, else None."""
    if core in table:
        return entry(core, table[core])
    if core[-2:] in ("'s", "’s") and core[:-2] in table:
        return entry(core[:-2], possessive(table[core[:-2]]))
    parts = core.split("-")
    if len(parts) > 1 and any(p in table for p in parts if p):
        return " ".join(entry(p, table[p]) if p in table else p for p in parts)
    return None


def spoken_tokens(tokens, pronounce=None):
    """One spoken string for each token: words, or `/phonemes/` inside `[word](/phonemes/)`."""
    table = {**WORDS, **(pronounce or {})}
    edges = [EDGES.match(re.sub(r"[\x00-\x1f]", "", t)).groups() for t in tokens]
    ends = sentence_ends(tokens)
    out = []
    owed = None                                      # currency that the scale word of this token must say
    for i, (lead, core, trail) in enumerate(edges):
        following = edges[i + 1][1] if i + 1 < len(edges) else ""
        scale_follows = bool(SCALE.match(following)) and not trail
        value = respelled(core, table)
        short = SHORT_YEAR.match(lead[-1:] + core)
        if value is None and short:
            lead = lead[:-1]
            value = ("oh " + short[2] if short[1] == "0" else short[1] + short[2]) + short[3]
        elif value is None:
            value = say_core(core, scale_follows)
        currency = next((c for c in MONEY if c in core), None) if scale_follows else None
        if owed and SCALE.match(core):
            if core in SCALES and not re.match(r"(?:dollar|euro|pound|yen)", following):
                value += f" {MONEY[owed][0]}" + ("" if MONEY[owed][0] == "yen" else "s")
        owed = currency if (RANGE.match(core) or AMOUNT.match(core)) else None
        if trail.startswith(".") and not ends[i] and (DOTTED.match(core) or core in table):
            trail = trail[1:]                        # the dot belongs to the abbreviation
        if value == core:                            # brackets of the text are not the reader's links
            value = core.translate(BRACKETS)
        lead, trail = lead.translate(BRACKETS), trail.translate(BRACKETS)
        out.append(f"{lead}{value}{trail}")
    return out


def sentence_ends(tokens):
    """For each token whether a sentence ends behind it (the voice speaks a sentence at a time)."""
    out = []
    for i, token in enumerate(tokens):
        _, core, trail = EDGES.match(token).groups()
        following = tokens[i + 1].lstrip("\"“‘'([") if i + 1 < len(tokens) else ""
        stop = bool(re.search(r"[.!?…]", trail))
        if stop and following and "!" not in trail and "?" not in trail:
            name = core.lower()
            if following[:1].islower() or name in TITLES or re.fullmatch(r"[A-Z]", core):
                stop = False
            elif name in BEFORE_NUMBERS:             # "No. 3", "Aug. 18"; but "She said no. Then …"
                stop = not following[:1].isdigit()
            elif DOTTED.match(core) or name in COMPANIES:
                stop = EDGES.match(following)[2] in OPENERS
        out.append(stop or i + 1 == len(tokens))
    return out


def carry_owners(before, owners, after):
    """Owners of the words `after`, when a rewriting made them of the words `before`."""
    if before == after:
        return list(owners)
    out = []
    for kind, a0, a1, b0, b1 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for k in range(b1 - b0):
            if kind == "insert":
                out.append(owners[max(a0 - 1, 0)])
            else:
                out.append(owners[a0 + (k if kind == "equal" else min(k * (a1 - a0) // (b1 - b0), a1 - a0 - 1))])
    return out
