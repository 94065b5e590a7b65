"""Memory, processor time and disk of functions while they run, read from /proc and from the folder in which all of them work: the
local AWS starts each as a process of its own."""

import os
import re
import threading
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
# An attempt's folder, below that of its run: stage, visit, part, attempt.
ATTEMPT = re.compile(r"([a-z-]+?)-\d+(?:-p\d+)?-\d+")


def _size(folder):
    """Bytes of a folder's files; what goes away meanwhile does not count."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(os.path.join(place, name)).st_size
            except OSError:
                pass
    return size


def _rooms(scratch):
    """[(function, folder)] of what lies below the functions' scratch folder: an attempt's is its stage's, all else the batch's."""
    found = []
    for folder in _inner(scratch):
        attempts = [(ATTEMPT.fullmatch(os.path.basename(inner)), inner) for inner in _inner(folder)]
        stages = [(match[1], inner) for match, inner in attempts if match]
        found += stages or [("batch", folder)]
    return found


def _inner(folder):
    """Paths in a folder; none when it is gone, or no folder."""
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder)]
    except OSError:
        return []


def _stat(pid):
    """(parent, processor seconds with ended children, resident bytes) of a process; None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[1]), sum(map(int, fields[11:15])) / TICKS, int(fields[21]) * PAGE
    except (OSError, ValueError, IndexError):
        return None


def _function(pid):
    """Which function a process is, by its environment."""
    try:
        for entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            if entry.startswith(b"AWS_LAMBDA_FUNCTION_NAME="):
                return entry.split(b"=", 1)[1].decode().removeprefix("proofreel-")
    except OSError:
        pass
    return None


class Watch:
    """Samples until `stop`; then `peak_mb[function]` and `cpu_seconds[function]`, programs that a function starts included, and
    `disk_mb[function]`, the largest folder of an attempt."""

    def __init__(self, scratch, every=0.25):
        self.peak_mb, self.disk_mb, self._cpu, self._names = {}, {}, {}, {}
        self._scratch = scratch
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, args=(every,), daemon=True)
        self._thread.start()

    def _sample(self, every):
        while not self._done.wait(every):
            for name, folder in _rooms(self._scratch):
                self.disk_mb[name] = max(self.disk_mb.get(name, 0), _size(folder) / 1e6)
            seen = {int(name): _stat(name) for name in os.listdir("/proc") if name.isdigit()}
            seen = {pid: stat for pid, stat in seen.items() if stat}
            for pid in seen:
                if pid not in self._names:
                    self._names[pid] = _function(pid)
            # A function's own process is the one whose parent is no part of it.
            for pid, (parent, _, _) in seen.items():
                name = self._names[pid]
                if name is None or self._names.get(parent) == name:
                    continue
                family, grown = {pid}, True
                while grown:
                    more = {child for child, stat in seen.items() if stat[0] in family} - family
                    family, grown = family | more, bool(more)
                resident = sum(seen[member][2] for member in family) / 1e6
                busy = sum(seen[member][1] for member in family)
                self.peak_mb[name] = max(self.peak_mb.get(name, 0), resident)
                # A child that ended between two looks is in its parent's sum at the next one.
                self._cpu[pid] = (name, max(self._cpu.get(pid, (name, 0))[1], busy))

    def stop(self):
        """Ends the sampling."""
        self._done.set()
        self._thread.join()

    @property
    def cpu_seconds(self):
        """Processor seconds by function."""
        sums = {}
        for name, busy in self._cpu.values():
            sums[name] = sums.get(name, 0) + busy
        return sums
