"""A stage for one section: an embedded database of its own, accounts with a history, and a paper exchange that has them.

Everything lies in a temporary folder and is gone afterwards; ports are picked by the system.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.five_years import HOUR, fill, fill_combined
from finance.moments import hour_of
from monitor.accounts.store.credentials import record_credentials
from monitor.settings import read_settings
from sql import embedded
from sql.connect import connect
from sql.migrate import migrate
from sql.rows import Db
from sql.vault import Credentials, Secret, open_vault

EXCHANGES = ("BINANCE", "BITGET", "GATE", "MEXC")  # as their settings begin
HERE = Path(__file__).resolve().parent.parent
WEEK = 168
RISE = Decimal("1.001")
HOURS_AHEAD = 6  # no section takes longer
MOST_OUTPUT = 2_000
YEAR = timedelta(days=365)
FLOWS = ("deposit 3000 USDT", "deposit 0.05 BTC credited after 40m", "withdraw 900 USDT fee 1 completed after 12m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running paper exchange: its address as each exchange that it speaks as, and the control interface's."""

    exchanges: Mapping[str, str]
    control: str
    secret: str  # of the control interface


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a section is measured."""

    data_dir: Path
    db: Db  # the owner's
    served: Served

    @property
    def exchange(self) -> str:
        """The address of the first exchange."""
        return self.served.exchanges["binance"]

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which a program of ours works on this stage."""
        addresses = {f"{name.upper()}_BASE_URL": address for name, address in self.served.exchanges.items()}
        settings = {"DATA_DIR": str(self.data_dir), "LOG_LEVEL": "WARNING", **addresses}
        return {name: value for name, value in os.environ.items() if not name.startswith(EXCHANGES)} | settings

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """A program of ours in the background, unheard; `more` are settings of it."""
        return start_program(arguments, self.environment | more, subprocess.DEVNULL)

    def run(self, *arguments: str) -> str:
        """Run a program of ours and return what it printed. Raises RuntimeError with that if it fails."""
        return run_program(arguments, self.environment)

    def ask(self, path: str, arguments: dict[str, Any] | None = None, method: str | None = None) -> Any:
        """Ask the paper exchange's control interface."""
        body = None if arguments is None else json.dumps(arguments).encode()
        secret = {"Authorization": f"Bearer {self.served.secret}"}
        request = urllib.request.Request(self.served.control + path, data=body, method=method, headers=secret)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def delay(self, seconds: float) -> None:
        """Let every call of the exchange take at least so long."""
        self.ask("/latency", {"seconds": seconds})

    def forget_hour(self) -> None:
        """Take back the newest hour and the weight it used, so that the next run has it to record again."""
        self.ask("/weights", method="DELETE")
        for statement in FORGET_HOUR:
            self.db.execute(statement)


FORGET_HOUR = (
    "delete from benchmark_history where hour = (select max(hour) from nav_history)",
    "create temporary table forgotten as select id from snapshots where hour = (select max(hour) from nav_history)",
    "delete from nav_history where hour = (select max(hour) from nav_history)",
    "delete from holding_sets where snapshot_id in (select id from forgotten)",
    "delete from snapshots where id in (select id from forgotten)",
    "drop table forgotten",
    # The newest hour that is left is a high again: an hour that follows on it need not look for all of them.
    "insert into unit_price_highs select account_id, max(hour) from nav_history where unit_price is not null"
    " group by account_id on conflict do nothing",
)


@contextmanager
def open_stage(*, accounts: int = 1, hours: int = WEEK) -> Iterator[Stage]:
    """A stage whose accounts have `hours` of history up to the last full hour, and hold the same at the exchange."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.chmod(folder, 0o755)  # the embedded server's user must get through
        data_dir = Path(folder) / "data"
        with embedded.attached(data_dir), connect(embedded.url(data_dir, "owner"), name="bench") as db:
            migrate(db)
            labels = [f"account {number}" for number in range(1, accounts + 1)]
            until = hour_of(datetime.now(UTC)) - HOUR
            story = "".join(_fill(db, data_dir, label, until, hours) for label in labels)
            fill_combined(db, until=until)
            _write_market(db, Path(folder), until)
            with _paper(Path(folder), story) as served:
                yield Stage(data_dir=data_dir, db=db, served=served)


def _fill(db: Db, data_dir: Path, label: str, until: datetime, hours: int) -> str:
    """Fill one account's history and return its life at the exchange."""
    account = fill(db, label, until=until, hours=hours)
    key, secret = (f"{kind}-of-{label.replace(' ', '-')}-at-the-paper-exchange" for kind in ("key", "secret"))
    vault = open_vault(read_settings({"DATA_DIR": str(data_dir)}))
    record_credentials(db, vault, account, Credentials(key=Secret(key), secret=Secret(secret)), until)
    held = db.execute(
        "select asset, free + locked as quantity from holdings"
        " where snapshot_id = (select max(snapshot_id) from nav_history where account_id = %(id)s)",
        {"id": account},
    )
    name = label.replace(" ", "_")
    lines = [f"+0m account {name} key {key} secret {secret}"]
    lines += [f"+{day}d {flow}" for day, flow in zip((9, 100, 200), FLOWS, strict=True)]
    # What the flows left behind goes, so that exactly the history's holdings remain.
    lines += ["+201d vanish 2099 USDT", "+201d vanish 0.05 BTC"]
    lines += [f"+202d airdrop {row['quantity']} {row['asset']}" for row in held]
    return "\n".join([*lines, ""])


def _write_market(db: Db, folder: Path, until: datetime) -> None:
    """Klines that go on where the history ends, a little above its last prices: a market that stands still is doubted."""
    rows = db.execute(
        "select asset, price from ticker_prices where asset <> 'USDT' and at > %(until)s",
        {"until": until},
    )
    for row in rows:
        lines = ["open_time_ms,open,high,low,close,volume"]
        hours = (until + number * HOUR for number in range(HOURS_AHEAD))
        lines += [f"{int(hour.timestamp())}000" + f",{row['price'] * RISE:f}" * 4 + ",1" for hour in hours]
        (folder / f"{row['asset']}USDT-1h.csv").write_text("\n".join(lines), encoding="ascii")


@contextmanager
def _paper(folder: Path, story: str) -> Iterator[Served]:
    file = folder / "bench.story"
    file.write_text(story, encoding="utf-8")
    with serve_story(file, datetime.now(UTC) - YEAR, "--market", f"replay:{folder}") as served:
        yield served


@contextmanager
def serve_story(file: Path, began: datetime, *more: str) -> Iterator[Served]:
    """A paper exchange whose story began then."""
    ports = ["--port=0", "--control-port=0", *(f"--{name.lower()}-port=0" for name in EXCHANGES[1:])]
    life = (*ports, "--story", str(file), "--start", f"{began:%Y-%m-%dT%H:%M:%S}", *more)
    child = start_program(("-m", "paper", *life), dict(os.environ), subprocess.PIPE)
    assert child.stdout
    try:
        words = child.stdout.readline().split()
        if len(words) < 7:
            raise RuntimeError(f"The paper exchange did not start: {' '.join(words)} {child.stdout.read()}")
        others = {name.rstrip(":"): address for name, address in pairwise(words[7:])}
        exchanges = {"binance": words[2], **{name: others[name] for name in others if name.upper() in EXCHANGES}}
        yield Served(exchanges=exchanges, control=words[4], secret=words[6])
    finally:
        child.terminate()
        child.wait(20)


def run_program(arguments: Sequence[str], environment: dict[str, str], typed: str = "") -> str:
    """Run a program of ours and return what it printed. Raises RuntimeError with that if it fails."""
    child = start_program(arguments, environment, subprocess.PIPE)
    printed, _ = child.communicate(typed)
    if child.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {child.returncode}: {printed[-MOST_OUTPUT:]}")
    return printed


def start_program(arguments: Sequence[str], environment: dict[str, str], output: int) -> subprocess.Popen[str]:
    """A program of ours in the background; `output` is where both its outputs go (PIPE must be read)."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=HERE,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
