"""The paper exchange as a platform: writing in groups beside a commit for each order, orders over HTTP with and without a
journal, a start with many orders that wait, memory and disk.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.budgets import Line
from bench.memory import read_memory
from bench.orders import PAIR, Command, draw_commands, make_order
from paper.clock import VenueClock
from paper.engine.accounts import open_account
from paper.engine.changes import Changes
from paper.engine.venue import Venue
from paper.ledger.balances import OUTSIDE
from paper.market.simulated import SimulatedMarket
from paper.platform.opening import Platform, open_platform
from paper.storage.group import Group
from paper.storage.journal import MOST_COMMANDS, GroupJournal
from paper.storage.reign import BY_KEYS, begin_reign
from paper.storage.state import restore
from paper.trading.orders import Rejected
from sql import embedded
from sql.connect import connect
from sql.rows import Db, load_value

ORDERS, OWNERS, CONNECTIONS, CLIENTS, ASKED = 5_000, 50, 8, 64, 6_000
ALL_ORDERS, OPEN_ORDERS = 1_000_000, 100_000
WRITER_RATE, WRITER_SHARE, HTTP_RATE, HTTP_SHARE = 6_000, 3, 1_500, 0.5
START_SECONDS, IDLE_MEBIBYTES, DISK_BYTES, P99_MS = 3.0, 100.0, 2_000, 150.0
MARKET = SimulatedMarket(7)
FACTS = "entries, moves, orders, fills, order_lists, balances"
SIZE = f"""
    select sum(pg_total_relation_size(one::regclass)) from unnest(string_to_array('{FACTS}', ', ')) one"""
CLOSED = """
    insert into orders (
      id, account, symbol, type, is_buy, lasts, self_trade, wallet, client_id, list_id, strategy_id, strategy_type, price,
      "trigger", delta, at, quantity, amount, status, filled, cost, prevented, prevented_by, held, is_covered, ahead, queued,
      best, amended, changed_at, working_at, is_open
    )
    select n, (select min(id) from accounts), 'BTCUSDT', 'limit', true, 'gtc', 'expire_maker', 'spot', 'bench-' || n, 0, 0, 0,
      10000 + n %% 5000, 0, 0, now(), 0.001, 0, case when n > %(ended)s then 'new' else 'canceled' end, 0, 0, 0, 0,
      case when n > %(ended)s then (10000 + n %% 5000) * 0.001 else 0 end, false, 0, n, null, 0, now(), now(), n > %(ended)s
    from generate_series(1, %(all)s) n
    """


def measure_paper() -> Iterator[Line]:
    """All of it, each on a database of its own."""
    with open_place() as place:
        yield from _measure_writer(place)
    with open_place() as place:
        yield from _measure_start(place)
    with open_place() as place:
        yield from _measure_http(place)


@contextmanager
def open_place() -> Iterator[dict[str, str]]:
    """The environment of a platform with an empty database, whose server runs."""
    with tempfile.TemporaryDirectory(prefix="paper-bench-") as folder:
        os.chmod(folder, 0o755)
        with embedded.attached(Path(folder)):
            yield os.environ | {"DATA_DIR": folder}


def _measure_writer(place: dict[str, str]) -> Iterator[Line]:
    """Orders that trade with each other, in groups; then orders that rest, in groups and one by one on eight connections."""
    with open_platform(place, MARKET, lambda: None, 60) as platform:
        venue, journal = platform.venue, platform.journal
        _open_accounts(venue)
        journal.flush()
        db = connect(embedded.url(Path(place["DATA_DIR"]), "owner"), name="bench", schema="paper")
        commands = draw_commands(4 * ORDERS, 1, cancelled=1 / 3)
        before = load_value(db, SIZE)
        rates = [_run(venue, journal, commands[n * ORDERS : (n + 1) * ORDERS]) for n in range(4)]
        yield _writes("Orders that trade, matched and written in groups", rates, WRITER_RATE)
        orders = load_value(db, "select count(*) from orders")
        what = "Disk of an order with its moves and fills"
        yield Line(what=what, value=float(load_value(db, SIZE) - before) / orders, unit="B", budget=DISK_BYTES)
        resting = [
            Command(f"user {n % OWNERS}", True, Decimal("0.001"), Decimal(20_000 - n % 900), -1) for n in range(ORDERS)
        ]
        grouped = [_run(venue, journal, resting[:2_000]) for _ in range(3)]
        single = [_run_single(place, platform, resting[:1_000]) for _ in range(3)]
        yield _writes("Orders that rest, in groups", grouped, None)
        yield _writes(f"  each in a transaction of its own, on {CONNECTIONS} connections", single, None)
        ratio = median(grouped) / median(single)
        yield Line(what="  time of groups in that of single ones", value=1 / ratio, unit="x", budget=1 / WRITER_SHARE)
        db.close()


def _open_accounts(venue: Venue) -> None:
    now = venue.clock.now()
    for number in range(OWNERS):
        open_account(venue, f"user {number}", now, "", amount=Decimal(10**9))
        venue.ledger.move(PAIR.base, Decimal(10**6), OUTSIDE, (f"user {number}", "spot"))
    venue.note_moves("deposit", now)


def _writes(what: str, rates: list[float], rate: float | None) -> Line:
    budget = 1e6 / rate if rate else None
    return Line(what=f"{what} ({median(rates):,.0f} a second)", value=1e6 / median(rates), unit="µs", samples=len(rates),
                budget=budget)  # fmt: skip


def _do(venue: Venue, commands: list[Command]) -> Iterator[None]:
    """Place orders, and take them back; each is one command."""
    floor, desk, at = venue.open_market.floor, venue.open_market.desk, venue.clock.now()
    for index, command in enumerate(commands):
        at += timedelta(microseconds=1)
        owner = command.owner or f"user {index % OWNERS}"
        order = make_order(next(venue.numbers), command, at)
        order.client_id = f"bench-{order.id}"
        waiting = floor.waiting.own(owner, PAIR.name)
        try:
            if command.cancelled >= 0 or len(waiting) > 150:
                reports = desk.cancel(owner, PAIR.name, at, next(iter(waiting)).id) if waiting else []
            else:
                reports = desk.place(order, at)
        except Rejected:
            continue
        venue.note_trades(reports, at, owner)
        yield


def _run(venue: Venue, journal: GroupJournal, commands: list[Command]) -> float:
    """Orders a second, matched and written in groups."""
    began, done = time.perf_counter(), 0
    for done, _ in enumerate(_do(venue, commands), start=1):
        if not done % MOST_COMMANDS:
            journal.flush()
    journal.flush()
    return done / (time.perf_counter() - began)


class _Single(GroupJournal):
    """A journal that keeps a group of each command for later."""

    def __init__(self, journal: GroupJournal) -> None:
        self.known, self.parts = journal.known, [list[Group]() for _ in range(CONNECTIONS)]

    def write(self, changes: Changes) -> None:
        """Keep it."""
        group = Group()
        group.add(changes, self.known, 0)
        owner = changes.entry.actor if changes.entry else ""
        self.parts[sum(owner.encode()) % CONNECTIONS].append(group)  # two connections never wait for one balance


def _run_single(place: dict[str, str], platform: Platform, commands: list[Command]) -> float:
    """Orders a second, each written in a transaction of its own, by several connections."""
    platform.venue.journal = single = _Single(platform.journal)
    for _ in _do(platform.venue, commands):
        pass
    platform.venue.journal = platform.journal
    url = embedded.url(Path(place["DATA_DIR"]), "paper")
    connections = [connect(url, name="bench", schema="paper") for _ in range(CONNECTIONS)]
    for db in connections:
        db.execute(BY_KEYS)
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(_write_each, connections, single.parts))
    seconds = time.perf_counter() - began
    for db in connections:
        db.close()
    return sum(map(len, single.parts)) / seconds


def _write_each(db: Db, groups: list[Group]) -> None:
    for group in groups:
        with db.transaction(), db.pipeline():
            group.write(db)


def _measure_start(place: dict[str, str]) -> Iterator[Line]:
    """A venue with many orders, a tenth of which wait."""
    with open_platform(place, MARKET, lambda: None, 60) as platform:
        open_account(platform.venue, "bench", platform.venue.clock.now(), "")
        platform.journal.flush()
    data_dir = Path(place["DATA_DIR"])
    with connect(embedded.url(data_dir, "owner"), name="bench", schema="paper") as owner:
        owner.execute("set statement_timeout = 0")
        owner.execute(CLOSED, {"all": ALL_ORDERS, "ended": ALL_ORDERS - OPEN_ORDERS})
        owner.execute("update engine set number = 2000000")
        owner.execute("vacuum analyze orders")
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        reign = begin_reign(embedded.url(data_dir, "paper"), lambda: None, 60)
        restored = restore(reign, MARKET, VenueClock())
        seconds.append(time.perf_counter() - began)
        assert len(restored.venue.open_market.floor.waiting.orders) == OPEN_ORDERS
        reign.db.close()
    what = f"Start with {OPEN_ORDERS:,} orders that wait, of {ALL_ORDERS:,}"
    yield Line(what=what, value=median(seconds), unit="s", samples=3, budget=START_SECONDS)


def _measure_http(place: dict[str, str]) -> Iterator[Line]:
    """Signed orders over many connections; without a journal and with one, by turns."""
    rates: dict[str, list[float]] = {"memory": [], "durable": []}
    last: list[float] = []
    idle = 0.0
    for kind in ("memory", "durable", "memory", "durable"):
        told, memory = _trade(kind, place)
        rates[kind].append(ASKED / told["seconds"])
        if kind == "durable":
            last.append(quantiles(told["took"], n=100)[98] * 1_000)
            idle = memory
    durable, memory_only = median(rates["durable"]), median(rates["memory"])
    yield Line(what=f"A signed order over HTTP, {CLIENTS} connections, durable ({durable:,.0f} a second)", value=1e6 / durable,
               unit="µs", samples=2, budget=1e6 / HTTP_RATE)  # fmt: skip
    yield Line(what=f"  without a journal ({memory_only:,.0f} a second)", value=1e6 / memory_only, unit="µs", samples=2)
    yield Line(what="  time of it in that with one", value=memory_only / durable, unit="x", budget=1 / HTTP_SHARE)
    yield Line(what="  99 of 100 are answered within", value=median(last), unit="ms", samples=2, budget=P99_MS)
    yield Line(what="Memory before the first order", value=idle, unit="MiB", budget=IDLE_MEBIBYTES)


def _trade(kind: str, place: dict[str, str]) -> tuple[Any, float]:
    """What clients measured at a server of a kind, and the server's memory before that, in MiB."""
    command = [sys.executable, "-m", "bench.paper_server", kind, str(CLIENTS)]
    server = subprocess.Popen(command, env=place, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        told = server.stdout.readline()
        memory = read_memory(server.pid, "status", "VmRSS")
        clients = [sys.executable, "-m", "bench.paper_clients", str(ASKED)]
        done = subprocess.run(clients, input=told, capture_output=True, text=True, check=True)
        return json.loads(done.stdout), memory
    finally:
        server.kill()
        server.wait()
