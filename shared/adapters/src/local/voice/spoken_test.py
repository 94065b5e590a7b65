# Run behind spoken.py by a Rust test; standard library only.
CASES = {
    "Gold hit $4,228 an ounce.": ["Gold", "hit", "4,228 dollars", "an", "ounce."],
    "4.47% (4.47 percent)": ["4.47 percent", "(4.47", "percent)"],
    "$27.4 trillion, up": ["27.4", "trillion dollars,", "up"],
    "a $5–$6 billion range": ["a", "5 to 6", "billion dollars", "range"],
    "$5 billion dollars": ["5", "billion", "dollars"],
    "a $1.9-trillion plan": ["a", "1.9 trillion dollar", "plan"],
    "US$3bn €3.5M ¥150": ["3 billion dollars", "3.5 million euros", "150 yen"],
    "$3.40 $3.4 $0.85 $1 $1.00 $0.01": ["3 dollars and 40 cents", "3.4 dollars", "85 cents", "1 dollar", "1 dollar", "1 cent"],
    "$1347 1347 1987 2026. 8347": ["1,347 dollars", "1,347", "1987", "2026.", "8,347"],
    "-0.4% −0.4% +0.4% -$5.4 billion": ["minus 0.4 percent", "minus 0.4 percent", "plus 0.4 percent", "minus 5.4", "billion dollars"],
    "5.25–5.50% 10%-20% 2008-09 2020–2021": ["5.25 to 5.50 percent", "10 to 20 percent", "2008 to 2009", "2020 to 2021"],
    "25bps 1pp 2.5x 10:1 8:30 60/40": ["25 basis points", "1 percentage point", "2.5 times", "10 to 1", "8:30", "60 40"],
    "$85/barrel, $4,228-an-ounce": ["85 dollars per barrel,", "4,228 dollars an ounce"],
    "the U.S. Treasury": ["the", "US", "Treasury"],
    "in the U.S. The Fed": ["in", "the", "US.", "The", "Fed"],
    "vs. 2020, e.g. gold": ["versus", "2020,", "for example", "gold"],
    "US-based WTI-linked CPI-U 10-year": ["US based", "W T I linked", "CPI-U", "10-year"],
    "WTI's NAV “WTI,”": ["W T I's", "[NAV](/nˈæv/)", "“W T I,”"],
    "in '08 and the ’90s": ["in", "oh 8", "and", "the", "90s"],
    "[note](/x/) {a}": ["(note)(/x/)", "(a)"],
    "5 - 3 — up": ["5", "—", "3", "—", "up"],
    "$ % $$ -": ["$", "%", "$$", "—"],
}
TABLE = {"WTI": "W T I", "NAV": "/nˈæv/"}
for text, spoken in CASES.items():
    got = spoken_tokens(tokens_of(text), TABLE)
    assert got == spoken, f"{text!r}\n  got    {got}\n  wanted {spoken}"
    assert len(got) == len(text.split())
ENDS = {"It rose. Then it fell.": [1, 4], "Mr. Powell spoke! Why? Rates.": [2, 3, 4], "The U.S. economy grew": [3],
        "in the U.S. The Fed": [2, 4], "up 3.5 percent, or so": [4], "He said “no.” She left.": [2, 4]}
for text, ends in ENDS.items():
    got = [i for i, end in enumerate(sentence_ends(tokens_of(text))) if end]
    assert got == ends, f"{text!r}: {got}"
assert tokens_of("a\x1cb\u00a0c\x85d") == ["a\x1cb", "c", "d"], "not Rust's whitespace"
assert carry_owners(["18", "August", "2026"], [0, 1, 2], ["the", "eighteenth", "of", "August", "2026"]) == [0, 0, 0, 1, 2]
assert carry_owners(["8:30", "a.m."], [0, 1], ["eight", "thirty", "A.M."]) == [0, 0, 1]
print("all read as they should")
