"""`make demo`: a paper exchange, two months of hourly history, and the page, all on this machine.

The account has lived on the exchange for a year. The monitor reads it once and rebuilds the last two months from the
exchange's records. Everything lies in data/demo; a second demo goes on where the first one stopped, the time between
rebuilt. Ctrl-C ends all of it.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parent.parent
DATA = HERE / "data" / "demo"
STORY_DAYS = 365
HISTORY_DAYS = 60
PATIENCE = "60"  # seconds for a call, on a machine that does everything at once
NOT_OURS = ("MASTER_KEY", "NOTIFY_URLS", "DATABASE_URL", "OWNER_DATABASE_URL", "DASHBOARD_DATABASE_URL")
ACCOUNTS = {  # label, exchange and what opens it, as the story has them
    "demo": ("binance", "demo-key-of-the-paper-exchange\ndemo-secret-of-the-paper-exchange\n"),
    "bitget": ("bitget", "demo-key-at-bitget\ndemo-secret-at-bitget\ndemo-words\n"),
    "gate": ("gate", "demo-key-at-gate\ndemo-secret-at-gate\n"),
    "mexc": ("mexc", "demo-key-at-mexc\ndemo-secret-at-mexc\n"),
}


def main() -> int:
    """Prepare, serve until interrupted, and return the exit code."""
    DATA.mkdir(parents=True, exist_ok=True)
    lock = (DATA / "demo.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("A demo runs already; Ctrl-C ends it where it was started.", file=sys.stderr)
        return 75
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    began = read_beginning()
    children: list[subprocess.Popen[str]] = []
    try:
        return prepare_and_serve(began, children)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)  # the end is on its way
        for child in reversed(children):
            end(child)
        run("-m", "sql", "stop", quiet=True)
        print("Everything is stopped. `make demo` goes on from here.")


def stop(*_: object) -> NoReturn:
    """End as asked, and say so at once: database and programs take a moment."""
    print("Stopping.", flush=True)
    sys.exit(0)


def read_beginning() -> datetime:
    """When the story begins: 365 days before the first demo."""
    file = DATA / "began"
    if not file.exists():
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        unfinished = file.with_suffix(".new")
        unfinished.write_text((hour - timedelta(days=STORY_DAYS)).isoformat(), encoding="ascii")
        unfinished.rename(file)
    return datetime.fromisoformat(file.read_text(encoding="ascii").strip())


def prepare_and_serve(began: datetime, children: list[subprocess.Popen[str]]) -> int:
    """Database, paper exchange, accounts, history, page."""
    leave_real_accounts_alone()
    print("database: starting the embedded Postgres", flush=True)
    if run("-m", "sql", "start", quiet=True) or run("-m", "sql", "migrate", quiet=True):
        return 4
    os.environ |= {f"{name.upper()}_BASE_URL": address for name, address in start_paper(began, children).items()}
    known = {line.split()[0] for line in read("-m", "monitor", "account", "list").splitlines() if line[:1].strip()}
    for label, (exchange, key) in ACCOUNTS.items():
        adding = ("-m", "monitor", "account", "add", label, "--exchange", exchange)
        if label not in known and run(*adding, quiet=True, typed=key) and run(*adding, quiet=True, typed=key):
            return 4  # twice: the first questions find a paper exchange that is still telling a year
    print("history: reading the accounts, then rebuilding what was before", flush=True)
    first = began + timedelta(days=STORY_DAYS - HISTORY_DAYS)
    for command in (("run",), ("backfill", "--from", first.isoformat())):
        if run("-m", "monitor", *command, quiet=command == ("run",)) not in (0, 1):
            return 4
    port = free_port(int(os.environ.get("DASHBOARD_PORT") or 8000))
    os.environ["DASHBOARD_PORT"] = str(port)
    children.append(start("run_forever.py"))
    return serve(port, children[-1])


def leave_real_accounts_alone() -> None:
    """Let our programs see no key, database or target of the owner's `.env` and environment, but the demo's data."""
    exchanges = [exchange.upper() for exchange, _ in ACCOUNTS.values()]
    keys = [f"{name}_API_{part}" for name in exchanges for part in ("KEY", "SECRET", "PASSPHRASE")]
    for name in (*NOT_OURS, *keys):
        os.environ |= {name: "", f"{name}_FILE": ""}
    os.environ.setdefault("CALL_TIMEOUT_SECONDS", PATIENCE)
    os.environ |= {"DATA_DIR": str(DATA), "BACKFILL": "off", **{f"{name}_BASE_URL": "" for name in exchanges}}


def start_paper(began: datetime, children: list[subprocess.Popen[str]]) -> dict[str, str]:
    """Start the paper exchange, whose story began then; returns the address of each exchange that it speaks as."""
    child = start(
        *("-m", "paper", "--port", "0", "--control-port", "0", "--story", "paper/demo.story"),
        *(f"--{exchange}-port=0" for exchange, _ in ACCOUNTS.values() if exchange != "binance"),
        *("--start", began.isoformat()),
        read=True,
    )
    children.append(child)
    assert child.stdout
    words = child.stdout.readline().split()
    if len(words) < 7:
        raise SystemExit("The paper exchange did not start.")
    others = {name.rstrip(":"): address for name, address in pairwise(words[7:])}
    return {"binance": words[2], **{name: others[name] for name, _ in ACCOUNTS.values() if name in others}}


def free_port(wanted: int) -> int:
    """`wanted`, or the next port that nobody uses."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise SystemExit(f"No free port from {wanted} on.")


def serve(port: int, scheduler: subprocess.Popen[str]) -> int:
    """Say when the page is there, have the orders of before read, and wait."""
    address = f"http://127.0.0.1:{port}"
    while scheduler.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                break
        except urllib.error.HTTPError:
            break  # it answers; that no hour is fresh is for the page to say
        except OSError:
            time.sleep(0.2)
    if scheduler.poll() is not None:
        print(f"The monitor ended at once; {DATA / 'demo.log'} says why.", file=sys.stderr)
        return 4
    print(f"ready: {address}  (Ctrl-C stops everything)", flush=True)
    for command in (("trades", "sync", "--all"), ("run",)):
        run("-m", "monitor", *command, quiet=True)
    print("orders: those of before are read; trades say how they ended and how far they went", flush=True)
    return scheduler.wait()


def start(*arguments: str, read: bool = False) -> subprocess.Popen[str]:
    """One of our programs in the background; its log goes to data/demo/demo.log."""
    log = (DATA / "demo.log").open("a", encoding="utf-8")
    output = subprocess.PIPE if read else log
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=HERE, text=True, stdout=output, stderr=log, start_new_session=True
    )


def run(*arguments: str, quiet: bool = False, typed: str = "") -> int:
    """Run one of our programs to its end, or to ours; returns its exit code."""
    return _finish(arguments, subprocess.DEVNULL if quiet else None, typed)[0]


def read(*arguments: str) -> str:
    """What one of our programs prints."""
    return _finish(arguments, subprocess.PIPE, "")[1]


def _finish(arguments: Sequence[str], output: int | None, typed: str) -> tuple[int, str]:
    """Exit code and words of a program in a session of its own, which no Ctrl-C reaches but through us."""
    child = subprocess.Popen([sys.executable, *arguments], cwd=HERE, text=True, stdin=subprocess.PIPE, stdout=output,
                             start_new_session=True)  # fmt: skip
    try:
        words = child.communicate(typed)[0]
    finally:
        end(child)
    return child.returncode, words or ""


def end(child: subprocess.Popen[str]) -> None:
    """Stop a program and what it has started, gently first."""
    if child.poll() is not None:
        return
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(25)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main())
