"""How long each file of a folder takes to be checked, and how much memory: a bad one must be refused within bounds."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_SECONDS = 5.0  # of the processor, for one file; a page that checks it must answer within gunicorn's 30 s
MOST_MEMORY = 200.0  # MB that one file may add
LISTED = 10  # the slowest files, which are printed
SOMEBODY = 10_000_000  # the UKPRN whose file it is, where a format does not say
CUT = 60  # characters of what a file was told


@dataclass(frozen=True, slots=True)
class Checked:
    """One file: its size in bytes, seconds of the processor, MB at the most, and what came of it."""

    name: str
    size: int
    seconds: float
    memory: float | None  # None where the system does not tell
    outcome: str

    @property
    def out_of_bounds(self) -> bool:
        """True where the file took longer, or more memory, than any may."""
        return self.seconds > MOST_SECONDS or (self.memory or 0.0) > MOST_MEMORY


class OutOfBounds(Exception):
    """Some file took too long or too much memory; its words name each."""


def measure(folder: Path) -> Iterator[str]:
    """Lines of the report, the slowest files first. Raises OutOfBounds after the last line where one was."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    checked = sorted((check(path) for path in files), key=lambda one: (-one.seconds, one.name))
    if not checked:
        yield "there is no file in the folder"
        return
    taken = sum(one.outcome.startswith("taken") for one in checked)
    seconds = sum(one.seconds for one in checked)
    yield (
        f"{len(checked)} files checked in {seconds:.1f} s of the processor: {taken} taken, "
        f"{len(checked) - taken} refused; the slowest:"
    )
    for one in checked[:LISTED]:
        memory = "" if one.memory is None else f" {one.memory:6.0f} MB"
        yield f"{one.seconds:7.2f} s{memory} {one.size / 1e6:7.2f} MB long  {one.name}: {one.outcome}"
    known = [one.memory for one in checked if one.memory is not None]
    if known:
        yield f"most memory for one file: {max(known):.0f} MB"
    over = [one.name for one in checked if one.out_of_bounds]
    if over:
        raise OutOfBounds(
            f"{len(over)} took more than {MOST_SECONDS:.0f} s or {MOST_MEMORY:.0f} MB: {', '.join(over)}"
        )


def check(path: Path) -> Checked:
    """Checks one file as a load does; the catalogue is left alone."""
    from skillsmatch.offers.checking import Refused, WrongUse, check_file
    from skillsmatch.offers.loading import file_context

    before, start = _begin_peak(), time.process_time()
    try:
        try:
            found = check_file(path, file_context(None))
        except WrongUse:
            found = check_file(path, file_context(SOMEBODY))
        outcome = f"taken, {len(found)} rows"
        found.close()
    except Refused as refused:
        error = refused.errors[0]
        words = error.message if len(error.message) <= CUT else error.message[: CUT - 3] + "..."
        outcome = f"row {error.row}, {error.column}: {words}"
    seconds, peak = time.process_time() - start, _peak()
    memory = None if before is None or peak is None else max(peak - before, 0.0)
    return Checked(path.name, path.stat().st_size, seconds, memory, outcome)


def _begin_peak() -> float | None:
    """Begins to count the most memory anew; gives what is held now, in MB. None on a system that cannot."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return None
    return _peak()


def _peak() -> float | None:
    """The most memory held since it was last begun anew, in MB."""
    try:
        lines = Path(f"/proc/{os.getpid()}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) / 1024 if found else None
