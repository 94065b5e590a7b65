"""What a command costs: CPU seconds of it and everything it starts, wall seconds, peak memory."""

import ctypes
import os
import statistics
import subprocess
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.25


class CommandFailed(Exception):
    """A command ended badly; the text says which one and its last lines."""


@dataclass
class Cost:
    """Seconds and bytes of one command, or of several added up."""

    cpu: float
    wall: float
    peak: int
    load: float
    programs: dict[str, float] = field(default_factory=dict)

    def __add__(self, other: "Cost") -> "Cost":
        programs = defaultdict(float, self.programs)
        for name, seconds in other.programs.items():
            programs[name] += seconds
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.peak, other.peak), max(self.load, other.load), dict(programs))


def median(costs: list[Cost]) -> Cost:
    """The middle of repeated runs, each figure for itself."""
    middle = statistics.median
    names = {name for cost in costs for name in cost.programs}
    return Cost(
        middle(c.cpu for c in costs), middle(c.wall for c in costs), int(middle(c.peak for c in costs)), max(c.load for c in costs),
        {name: middle(c.programs.get(name, 0.0) for c in costs) for name in names})


def adopt_orphans() -> None:
    """Makes this process the parent of whatever its children leave behind, so that their CPU time is counted too."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot become the reaper of orphaned processes")


def run(command: list, log: Path, *, env: dict[str, str] | None = None, cwd: Path | None = None, timeout: float = 3600) -> Cost:
    """Runs a command to its end and says what it cost. Its output goes to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    with log.open("wb") as sink:
        began = time.monotonic()
        child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                                 env={**os.environ, **(env or {})}, cwd=cwd, start_new_session=True)
        watch = _Watch()
        watch.start()
        late = threading.Timer(timeout, lambda: os.killpg(child.pid, 9))
        late.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
            wall = time.monotonic() - began
            cpu = usage.ru_utime + usage.ru_stime + _reap_orphans()
        finally:
            late.cancel()
            watch.stop()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        tail = log.read_text(errors="replace").strip().splitlines()[-12:]
        raise CommandFailed(f"{Path(str(command[0])).name} ended with {child.returncode}; the whole of {log}:\n  " + "\n  ".join(tail))
    return Cost(cpu, wall, watch.peak, load, watch.programs())


def _reap_orphans() -> float:
    """CPU seconds of processes that outlived their parent. They get ten seconds to end by themselves."""
    cpu, deadline = 0.0, time.monotonic() + 10
    while True:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return cpu
        if pid:
            cpu += usage.ru_utime + usage.ru_stime
        elif time.monotonic() > deadline:
            for orphan in _descendants():
                os.kill(orphan, 9)
        else:
            time.sleep(0.05)


def _descendants() -> dict[int, tuple[str, float]]:
    """Name and CPU seconds so far of every process below this one."""
    parents, facts = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
            parents[int(entry.name)] = int(rest[1])
            facts[int(entry.name)] = (name, (int(rest[11]) + int(rest[12])) / TICKS)
    found, wave = set(), {os.getpid()}
    while wave:
        wave = {pid for pid, parent in parents.items() if parent in wave}
        found |= wave
    return {pid: facts[pid] for pid in found}


class _Watch(threading.Thread):
    """Samples the processes below this one: memory in use together, and CPU by program."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._seen: dict[int, tuple[str, float]] = {}
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            below = _descendants()
            self._seen.update(below)
            self.peak = max(self.peak, sum(_memory(pid) for pid in below))

    def stop(self) -> None:
        self._over.set()
        self.join()

    def programs(self) -> dict[str, float]:
        """CPU seconds by program name. Sampled, so the last quarter of a second of each process is missing."""
        total: dict[str, float] = defaultdict(float)
        for name, seconds in self._seen.values():
            total[name] += seconds
        return dict(total)


def _memory(pid: int) -> int:
    """Proportional share of a process's memory, bytes: shared pages are counted once over all its users."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
