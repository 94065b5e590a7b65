"""Installs peers, each into a folder of its own under target/bench-peers, pinned by hash.

To renew a lock: `pip install --dry-run --ignore-installed --report - NAME==VERSION ...` in an empty virtual environment names
every wheel and its sha256; for Remotion `npm install --package-lock-only --omit-lockfile-registry-resolved` in a copy of `remotion/`.
"""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Unavailable(Exception):
    """A peer cannot be measured here; the text says why and what would help."""


def python(lock_name: str, home: Path) -> Path:
    """The interpreter of an environment that holds exactly what the lock names."""
    lock, folder = HERE / "locks" / f"{lock_name}.txt", home / lock_name
    stamp, interpreter = folder / "lock.txt", folder / "bin/python"
    if _same(lock, stamp):
        return interpreter
    print(f"installing {lock_name} into {folder}", flush=True)
    _run([sys.executable, "-m", "venv", "--clear", folder], lock_name)
    _run([interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary", ":all:",
          "-r", lock], lock_name)
    shutil.copyfile(lock, stamp)
    return interpreter


def remotion(home: Path) -> tuple[Path, Path]:
    """The folder with Remotion's modules and our composition, and the Chromium that draws it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        raise Unavailable("no Chromium on the path (Debian: `apt-get install chromium`)")
    if not shutil.which("npm"):
        raise Unavailable("no npm on the path (Node.js 20 or newer)")
    folder, source = home / "remotion", HERE / "remotion"
    stamp, lock = folder / "installed-lock.json", source / "package-lock.json"
    folder.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        shutil.copyfile(file, folder / file.name)
    if not _same(lock, stamp):
        print(f"installing remotion into {folder}", flush=True)
        # Not `npm ci`: a registry that lacks the packages of other systems makes it refuse. Versions and hashes are the lock's here too.
        _run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"], "remotion", folder)
        shutil.copyfile(lock, stamp)
    return folder, Path(browser)


def _same(lock: Path, stamp: Path) -> bool:
    return stamp.exists() and stamp.read_bytes() == lock.read_bytes()


def _run(command: list, name: str, cwd: Path | None = None) -> None:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        told = [line for line in (done.stderr + done.stdout).splitlines() if "error" in line.lower()]
        raise Unavailable(f"{name} cannot be installed (offline, or nothing for this system?): {' '.join(told[:2]) or done.returncode}")
