"""Memory and processor time of functions while they run, read from /proc: the local AWS starts each as a process of its own."""

import os
import threading
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


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
    """Samples until `stop`; then `peak_mb[function]` and `cpu_seconds[function]`, programs that a function starts included."""

    def __init__(self, every=0.25):
        self.peak_mb, self._cpu, self._names = {}, {}, {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, args=(every,), daemon=True)
        self._thread.start()

    def _sample(self, every):
        while not self._done.wait(every):
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
