"""`python -m bench.hour`: how many functions, in how many files, one run of the demo's account enters.

Functions of `monitor/` and `finance/` that have a name; what is only imported is not counted. The hour is always the
same one, so the figures change with the code alone. Needs half a minute. Ends with 1 if there are more than there were: these
figures may only fall. With `-v` every file is shown with its lines and what is entered in it.
"""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from inspect import CO_NEWLOCALS
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from bench.stage import FORGET_HOUR, HERE, run_program, serve_story
from finance.moments import hour_of
from sql import embedded
from sql.connect import connect

ROOMS = ("monitor", "finance")
MOST_FUNCTIONS, MOST_FILES = 888, 167
NOW = datetime(2026, 11, 18, 9, 2, tzinfo=UTC)  # what is entered depends on the hour
LIFE = timedelta(days=365)
HISTORY = timedelta(days=3)
CLOCK = HERE / "tests/soak/clock"  # lets the clock of a program stand at the time that a file says
KEY = "demo-key-of-the-paper-exchange\ndemo-secret-of-the-paper-exchange\n"
Place = tuple[str, str]  # file, and function in it


def main() -> int:
    """Print the figures, with the files and functions behind them where `-v` is given; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.chmod(folder, 0o755)  # the embedded server's user must get through
        entered = [place for place in _record_hour(Path(folder)) if place[0].startswith(ROOMS)]
    files = Counter(file for file, _ in entered)
    rooms = Counter("/".join(file.split("/")[:2]) for file, _ in entered)
    print(f"one hour: {len(entered)} functions (of {MOST_FUNCTIONS}) in {len(files)} files (of {MOST_FILES})")
    for room, count in sorted(rooms.items(), key=lambda one: (-one[1], one[0])):
        print(f"  {room:<28}{count:>4} functions in {sum(file.startswith(room) for file in files):>3} files")
    if "-v" in sys.argv:
        for file in sorted(files):
            lines = len((HERE / file).read_text(encoding="utf-8").splitlines())
            names = " ".join(sorted(name for place, name in entered if place == file))
            print(f"{file}: {files[file]} functions in {lines} lines: {names}")
    return int(len(entered) > MOST_FUNCTIONS or len(files) > MOST_FILES)


def _record_hour(folder: Path) -> Iterator[Place]:
    """What the run of an hour enters that follows on three days of history."""
    data_dir, found, clock = folder / "data", folder / "entered", folder / "clock"
    clock.write_text(NOW.isoformat(), encoding="ascii")
    story, stands = HERE / "paper" / "demo.story", ("--stand", f"{NOW:%Y-%m-%dT%H:%M:%S}")
    with embedded.attached(data_dir), serve_story(story, hour_of(NOW) - LIFE, *stands) as served:
        settings = {"DATA_DIR": str(data_dir), "BINANCE_BASE_URL": served.exchanges["binance"], "LOG_LEVEL": "WARNING"}
        settings |= {"CLOCK_FILE": str(clock), "PYTHONPATH": str(CLOCK)}
        environment = {name: value for name, value in os.environ.items() if "BINANCE" not in name} | settings
        run_program(("-m", "monitor", "account", "add", "demo"), environment, typed=KEY)
        run_program(("-m", "monitor", "run"), environment)
        since = f"{NOW - HISTORY:%Y-%m-%d}"
        run_program(("-m", "monitor", "backfill", "--from", since), environment)
        with connect(embedded.url(data_dir, "owner"), name="bench") as db:
            for statement in FORGET_HOUR:
                db.execute(statement)
        run_program(("-m", "bench.hour", "--write", str(found)), environment)
    return (tuple(line.split("\t")) for line in found.read_text(encoding="utf-8").splitlines())  # type: ignore[misc]


@contextmanager
def _watch() -> Iterator[set[CodeType]]:
    """The code that is entered."""
    entered: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_flags & CO_NEWLOCALS:  # the body of a class is no function
            entered.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield entered
    finally:
        sys.setprofile(None)


def _write_entered(found: Path) -> int:
    """Run the monitor in this process and write what it entered, a line a function."""
    from monitor.__main__ import main as run_monitor

    sys.argv = ["monitor", "run"]
    with _watch() as entered:
        code = run_monitor()
    places = {
        (str(Path(one.co_filename).relative_to(HERE)), one.co_qualname)
        for one in entered
        if Path(one.co_filename).is_relative_to(HERE) and not one.co_name.startswith("<")
    }
    found.write_text("".join(f"{file}\t{name}\n" for file, name in places), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(_write_entered(Path(sys.argv[2])) if "--write" in sys.argv else main())
