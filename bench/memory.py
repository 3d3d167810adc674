"""Memory: the largest a process gets (VmHWM), and what all of them take together (PSS, where shared pages count once)."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.budgets import Line
from bench.cycle import LATENCY_SECONDS, RUN
from bench.pages import await_answer, free_port, load_page
from bench.stage import Stage, open_stage
from dashboard.pages import PAGES

LOOK_SECONDS = 0.01
AS_INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}  # a first start keeps what it compiled, and the next one finds it
BUDGETS = {"worker": 75.0, "scheduler": 20.0, "dashboard": 110.0, "everything": 200.0}  # MiB


def watch_peak(child: subprocess.Popen[str]) -> float:
    """The largest resident size of a program until it ends, in MiB."""
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, read_memory(child.pid, "status", "VmHWM"))
        time.sleep(LOOK_SECONDS)
    return peak


def measure_memory() -> Iterator[Line]:
    """The worker alone, then everything as `run_forever.py` runs it."""
    with open_stage() as stage:
        stage.delay(LATENCY_SECONDS)
        stage.run(*RUN)
        stage.forget_hour()
        worker = watch_peak(stage.start(*RUN))
        yield Line(what="worker, largest", value=worker, unit="MiB", budget=BUDGETS["worker"])
        port = free_port()
        stage.start("-m", "dashboard.lean", **AS_INSTALLED).wait()
        scheduler = stage.start("run_forever.py", DASHBOARD_PORT=str(port), **AS_INSTALLED)
        try:
            await_answer(port)
            yield from _measure_together(stage, scheduler, port)
        finally:
            scheduler.terminate()
            scheduler.wait(60)


def _measure_together(stage: Stage, scheduler: subprocess.Popen[str], port: int) -> Iterator[Line]:
    dashboard = next(pid for pid in list_family(scheduler.pid) if "dashboard" in _read_command(pid))
    idle = read_memory(dashboard, "status", "VmRSS")
    yield Line(what="dashboard, before its first page", value=idle, unit="MiB", budget=BUDGETS["dashboard"])
    load_page(port)
    drawn = read_memory(dashboard, "status", "VmRSS")
    yield Line(what="dashboard, idle after a page with its charts", value=drawn, unit="MiB")
    for page in PAGES:
        load_page(port, page.path)
    drawn = read_memory(dashboard, "status", "VmRSS")
    what = f"dashboard, idle after all {len(PAGES)} pages with their charts"
    yield Line(what=what, value=drawn, unit="MiB", budget=BUDGETS["dashboard"])
    small = read_memory(scheduler.pid, "status", "VmHWM")
    yield Line(what="run_forever.py, largest", value=small, unit="MiB", budget=BUDGETS["scheduler"])
    postmaster = int((stage.data_dir / "postgres/cluster/postmaster.pid").read_text().split()[0])
    bench = {stage.db.info.backend_pid}  # the session of this program, which no user has
    database = sum(read_memory(pid, "smaps_rollup", "Pss") for pid in {*list_family(postmaster)} - bench)
    yield Line(what="Postgres (sum of PSS)", value=database, unit="MiB")
    stage.forget_hour()
    worker, peak = stage.start(*RUN), 0.0
    while worker.poll() is None:
        family = {*list_family(scheduler.pid), *list_family(postmaster), worker.pid} - bench
        peak = max(peak, sum(read_memory(pid, "smaps_rollup", "Pss") for pid in family))
    yield Line(what="everything during a run (sum of PSS)", value=peak, unit="MiB", budget=BUDGETS["everything"])


def list_family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # it ended meanwhile
        children.setdefault(parent, []).append(int(status.parent.name))
    family = [pid]
    for member in family:
        family += children.get(member, [])
    return family


def read_memory(pid: int, file: str, name: str) -> float:
    """A figure of /proc/PID/FILE in MiB; 0 when the process has just ended."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def _read_command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
