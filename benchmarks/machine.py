"""What the machine has, what else it does meanwhile, and what our processes take of it (Linux)."""

import os
import platform
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

# Debian's packages by the program that is needed of them.
PROGRAMS: Final = {"nginx": "nginx-light", "wrk": "wrk"}
# Not in every user's PATH, and yet where Debian puts nginx.
_ALSO = "/usr/local/sbin:/usr/sbin:/sbin"
_TICK = os.sysconf("SC_CLK_TCK")


def program(name: str) -> str:
    """Return the path of this program, or its bare name when it is not there."""
    return shutil.which(name) or shutil.which(name, path=_ALSO) or name


def what_is_missing() -> str:
    """Return a sentence that says what has to be installed; empty when nothing has."""
    lacking = [name for name in PROGRAMS if program(name) == name]
    if not lacking:
        return ""
    packages = " ".join(PROGRAMS[name] for name in lacking)
    return (
        f"The benchmarks need {' and '.join(lacking)}, which this machine lacks. "
        f"Debian and Ubuntu: apt-get install --no-install-recommends {packages}"
    )


def description(folder: Path) -> dict[str, str | int]:
    """Return what figures from this machine depend on; ``folder`` is where databases are written."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "django": version("django"),
        "uvicorn": version("uvicorn"),
        "nginx": _first_line(program("nginx"), "-v").rpartition("/")[2],
        "wrk": _first_line(program("wrk"), "-v").partition(" [")[0].removeprefix("wrk "),
        "file system": _first_line("stat", "-f", "-c", "%T", str(folder)),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).partition("\n")[0].strip()


def tree(root: int) -> Iterator[int]:
    """Return the number of this process and those of all its descendants."""
    yield root
    for children in Path(f"/proc/{root}/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text().split():
                yield from tree(int(child))


@dataclass(frozen=True)
class Memory:
    """Of a process tree, in bytes: ``rss`` counts what is shared for each process, ``pss`` once."""

    rss: int
    pss: int


def memory(root: int) -> Memory:
    """Return what this process and its descendants hold."""
    sums = {"Rss": 0, "Pss": 0}
    for pid in tree(root):
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
                name, _, value = line.partition(":")
                if name in sums:
                    sums[name] += int(value.split()[0]) * 1024
    return Memory(sums["Rss"], sums["Pss"])


class Watch:
    """Measures how much of the processors others take while something runs.

    The load average cannot tell: the benchmark's own load is in it. Ours are this process and all its
    descendants, those that have ended included; what the kernel does for the network is nobody's.
    """

    def __init__(self) -> None:
        self.load = os.getloadavg()[0]
        self._started, self._ours, self._all = time.monotonic(), _ours(), _everybodys()

    def others(self) -> float:
        """Return the share of all processors, 0 to 1, that others took since this was made."""
        seconds = (time.monotonic() - self._started) * (os.cpu_count() or 1)
        theirs = (_everybodys() - self._all) - (_ours() - self._ours)
        return max(0.0, min(1.0, theirs / seconds))


def _everybodys() -> float:
    """Return the processor seconds of all processes: user, nice, system and stolen (proc(5))."""
    fields = Path("/proc/stat").read_text(encoding="utf-8").partition("\n")[0].split()[1:]
    return sum(int(fields[at]) for at in (0, 1, 2, 7)) / _TICK


def _ours() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    living = sum(_processor_seconds(pid) for pid in tree(os.getpid()))
    return living + ended.ru_utime + ended.ru_stime


def _processor_seconds(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK
    return 0.0
