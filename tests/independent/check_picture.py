#!/usr/bin/env python3
"""The credit of a stock picture in a finished episode, read without the program that made it.

    python3 tests/independent/check_picture.py EPISODE             # ledger, picture and description agree
    python3 tests/independent/check_picture.py EPISODE CHANGE      # changes the credit in place; prints the command that must refuse it
"""

import hashlib
import json
import sys
from pathlib import Path

FREE = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
}


def read(folder, name):
    return json.loads((folder / name).read_text())


def write(folder, name, document):
    (folder / name).write_text(json.dumps(document))


def credits(metadata, row):
    return [line for line in metadata["description"].splitlines() if row["page"] in line]


def check(folder):
    order, scenes, metadata = (read(folder, f"{name}.json") for name in ("order", "scenes", "metadata"))
    [row] = order["pictures"]
    [shown] = {scene["visual"]["picture"]["picture"] for scene in scenes["scenes"] if scene["visual"].get("picture")}
    kept = [path for path in folder.glob("picture-*.png") if hashlib.sha256(path.read_bytes()).hexdigest() == shown]
    [line] = credits(metadata, row)
    wanted = {
        "the ledger names what is shown": row["blob"]["digest"] == shown,
        "the picture lies in the folder": len(kept) == 1,
        "the licence is free, at its address": FREE.get(row["licence"]) == row["licence_url"],
        "title, author, page, licence and change are credited": all(
            part in line for part in (row["title"], row["author"], row["page"], row["licence_url"], "cropped and darkened")
        ),
        "the same ledger lies beside the film": row["author"] in (folder / "pictures.json").read_text(),
        "the page for people credits it": row["author"] in (folder / "review.html").read_text(),
        "the description fits": len(metadata["description"].encode()) <= 5_000,
    }
    bad = [what for what, good in wanted.items() if not good]
    print("picture:", f"{row['title']} by {row['author']}, {row['licence']};", "bad: " + ", ".join(bad) if bad else "credited")
    return not bad


def change(folder, what):
    order, metadata = read(folder, "order.json"), read(folder, "metadata.json")
    [row] = order["pictures"]
    [line] = credits(metadata, row)
    lines = metadata["description"].splitlines()
    at = lines.index(line)
    if what == "author":
        lines[at] = line.replace(row["author"], "Somebody Else")
    elif what == "licence":
        lines[at] = line.replace("licenses/by/4.0", "publicdomain/zero/1.0")
    elif what == "dropped":
        del lines[at]
    if what == "ledger":
        row["licence"], row["licence_url"] = "CC-BY-NC-4.0", "https://creativecommons.org/licenses/by-nc/4.0/"
        write(folder, "order.json", order)
    else:
        metadata["description"] = "\n".join(lines)
        write(folder, "metadata.json", metadata)
    # What is missing no number can show: that is the gate's to see.
    return "qa" if what in ("dropped", "ledger") else "verify"


if __name__ == "__main__":
    episode = Path(sys.argv[1])
    if len(sys.argv) > 2:
        print(change(episode, sys.argv[2]))
    else:
        sys.exit(not check(episode))
