"""Accounts at four exchanges: what an hour asks of each, fifty of them in one run, and what four exchanges cost the worker."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import parse_qsl

from bench.accounts import INCOMPLETE, count_rows
from bench.budgets import SAMPLES, Line, measure_seconds
from bench.calls import Request, longest_chain, watch
from bench.cycle import LATENCY_SECONDS, RUN, busy_seconds
from bench.five_years import HOUR
from bench.memory import BUDGETS, watch_peak
from bench.stage import Stage, serve_story
from monitor.accounts.registry import NewAccount, add_account
from monitor.accounts.store.credentials import record_credentials
from monitor.settings import read_settings
from sql import embedded
from sql.connect import connect
from sql.migrate import migrate
from sql.rows import Db
from sql.vault import Credentials, Secret, open_vault

FIFTY = 50
MOST_TIMES = 3.0  # what one account takes alone, a whole run of the program: one of the kind that takes longest
# Account, and how many calls about it an hour may make in which nothing is new; what all accounts of an exchange share is
# not counted. Hubs are read twice, before and after the other wallets; the pool of a unified account a third time with what
# is open in it, and once for its total.
KINDS = {"binance": 23, "bitget classic": 22, "bitget unified": 24, "gate classic": 20, "mexc": 10}
SHARED = {"time", "price", "tickers", "klines", "candles", "candlesticks", "currency_pairs"}  # the last part of a path
OF_THE_MOMENT = {"timestamp", "signature", "recvWindow", "startTime", "endTime", "beginTime", "from", "to", "start_time",
                 "end_time"}  # fmt: skip
LIFE = (
    "+0m deposit 20000 USDT",
    "+1m buy 0.05 BTCUSDT",
    "+2m buy 0.5 ETHUSDT",
    "+3m transfer 2000 USDT from spot to futures",
)
LIVED, FEW = 30 * HOUR, 3 * HOUR
TOO_MANY = (429, 418, 510)
MORE_SECONDS, MORE_MIB = 0.040, 6.0  # that three more exchanges may cost
PAIRS = 7
# What every run does before it calls anybody: imports, and a client of each exchange.
START = """
import asyncio, gc, sys
import monitor.commands.run
from monitor.accounts.opening import using_client
from monitor.settings import read_settings

gc.freeze()  # as `python -m monitor` does once its imports are done

async def main():
    async with using_client(read_settings({}), sys.argv[1]) as client:
        for name in sys.argv[1:]:
            client.at(name)

asyncio.run(main())
"""


def measure_four() -> Iterator[Line]:
    """One account of each kind alone, fifty together, and the worker with one exchange and with four."""
    yield from _measure_kinds()
    yield from _measure_fifty()
    yield from _measure_worker()


def _measure_kinds() -> Iterator[Line]:
    """The calls of an hour in which nothing is new, by kind of account."""
    with open_four(list(KINDS)) as stage:
        for number, (kind, most) in enumerate(KINDS.items(), 1):
            _enable(stage, f"id = {number}")
            _record_hour(stage)
            _forget(stage)
            requests = watch(stage, *RUN)
            weight = sum(int(str(request["weight"])) for request in requests)
            yield Line(what=f"{kind}: all calls of a quiet hour (weight {weight:,})", value=len(requests), unit="")
            own = [request for request in requests if str(request["path"]).rpartition("/")[2] not in SHARED]
            yield Line(what="  about it, what is read twice counted twice", value=len(own), unit="", budget=most)
            yield Line(what="  about it, each thing once", value=len(set(map(_name_asked, own))), unit="")
            print(*(f"    {n:>3} {path}" for path, n in Counter(r["path"] for r in own).items()), sep="\n")


def _name_asked(request: Request) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The path with what is asked of it, but for the moment."""
    asked = sorted((name, value) for name, value in parse_qsl(request["asked"]) if name not in OF_THE_MOMENT)
    return str(request["path"]), tuple(asked)


def _measure_fifty() -> Iterator[Line]:
    """Wall time of fifty accounts beside the slowest of each kind alone, and what was refused."""
    kinds = list(KINDS)
    with open_four([kinds[number % len(kinds)] for number in range(FIFTY)]) as stage:
        stage.delay(LATENCY_SECONDS)
        many = measure_seconds(lambda: _record_hour(stage))
        _forget(stage)
        requests = watch(stage, *RUN)
        incomplete = count_rows(stage, INCOMPLETE)
        alone = {}
        for number, kind in enumerate(kinds, 1):
            _enable(stage, f"id = {number}")
            alone[kind] = measure_seconds(lambda: _record_hour(stage))
            yield Line(what=f"{kind}: an account alone, 100 ms a call", value=alone[kind], unit="s", samples=SAMPLES)
    chain = longest_chain(requests)
    slowest = max(alone, key=lambda kind: alone[kind])
    what = f"{FIFTY} accounts: {len(requests)} calls, {chain} in a row; at most {MOST_TIMES:g} x {slowest} alone"
    yield Line(what=what, value=many, unit="s", samples=SAMPLES, budget=MOST_TIMES * alone[slowest])
    yield Line(what="their hours that are not complete", value=incomplete, unit="", budget=0)
    refused = sum(request["status"] in TOO_MANY for request in requests)
    yield Line(what="their calls that an exchange refused as too many", value=refused, unit="", budget=0)
    for exchange, calls in Counter(str(request["exchange"]) for request in requests).items():
        weight = sum(int(str(r["weight"])) for r in requests if r["exchange"] == exchange)
        yield Line(what=f"  calls at {exchange} (weight {weight:,})", value=calls, unit="")


def _measure_worker() -> Iterator[Line]:
    """Pairs of runs, one after the other: this machine is never twice the same."""
    with open_four(["binance", "bitget unified", "gate classic", "mexc"]) as stage:
        names = list(stage.served.exchanges)
        started = [(_start(stage, names[:1]), _start(stage, names)) for _ in range(PAIRS)]
        peaks = [(_peak(stage, "id = 1"), _peak(stage, "true")) for _ in range(PAIRS)]
    one, four = (median(pair[n] for pair in started) for n in (0, 1))
    yield Line(what="the worker's start, one exchange", value=one, unit="s", samples=PAIRS)
    more = median(pair[1] - pair[0] for pair in started)
    yield Line(
        what=f"  with four ({four:.2f} s): more",
        value=more * 1000,
        unit="ms",
        samples=PAIRS,
        budget=MORE_SECONDS * 1000,
    )
    one, four = (median(pair[n] for pair in peaks) for n in (0, 1))
    yield Line(
        what="the worker's largest memory, one exchange", value=one, unit="MiB", samples=PAIRS, budget=BUDGETS["worker"]
    )
    more = median(pair[1] - pair[0] for pair in peaks)
    yield Line(what=f"  with four ({four:.1f} MiB): more", value=more, unit="MiB", samples=PAIRS, budget=MORE_MIB)


def _start(stage: Stage, exchanges: Sequence[str]) -> float:
    """In seconds of the processor, which is busy all the while: other programs don't count."""
    began = busy_seconds()
    stage.run("-c", START, *exchanges)
    return busy_seconds() - began


def _peak(stage: Stage, which: str) -> float:
    _enable(stage, which)
    _forget(stage)
    return watch_peak(stage.start(*RUN))


def _enable(stage: Stage, which: str) -> None:
    stage.db.execute(f"update accounts set enabled = ({which}) where id > 0")


def _forget(stage: Stage) -> None:
    """In truth an hour lies between two runs: no exchange remembers the calls of the last one."""
    stage.forget_hour()


def _record_hour(stage: Stage) -> None:
    _forget(stage)
    stage.run(*RUN)


@contextmanager
def open_four(kinds: Sequence[str]) -> Iterator[Stage]:
    """A stage with an account of each of the `kinds`, by exchange and system, that was read, and some hours before it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.chmod(folder, 0o755)  # the embedded server's user must get through
        data_dir, file = Path(folder) / "data", Path(folder) / "bench.story"
        began = datetime.now(UTC) - LIVED
        file.write_text("\n".join(_tell(number, kind) for number, kind in enumerate(kinds, 1)), encoding="utf-8")
        with embedded.attached(data_dir), connect(embedded.url(data_dir, "owner"), name="bench") as db:
            migrate(db)
            for number, kind in enumerate(kinds, 1):
                _track(db, data_dir, number, kind, began)
            with serve_story(file, began) as served:
                stage = Stage(data_dir=data_dir, db=db, served=served)
                stage.run(*RUN)
                stage.run("-m", "monitor", "backfill", "--from", f"{datetime.now(UTC) - FEW:%Y-%m-%dT%H:%M}")
                _record_hour(stage)  # keys are looked at once a day, and some histories, too
                yield stage


def _tell(number: int, kind: str) -> str:
    """The life of an account."""
    key, secret, passphrase = _credentials(number, kind)
    words = f" passphrase {passphrase}" if passphrase else ""
    return "\n".join([f"+0m account account_{number} on {kind} key {key} secret {secret}{words}", *LIFE])


def _track(db: Db, data_dir: Path, number: int, kind: str, at: datetime) -> None:
    settings = read_settings({"DATA_DIR": str(data_dir)})
    new = NewAccount(
        label=f"account {number}",
        exchange=kind.split(maxsplit=1)[0],
        uid=None,
        overpowered=False,
        weights=settings.benchmark,
    )
    key, secret, passphrase = map(Secret, _credentials(number, kind))
    credentials = Credentials(key=key, secret=secret, passphrase=passphrase)
    record_credentials(db, open_vault(settings), add_account(db, new, at), credentials, at)


def _credentials(number: int, kind: str) -> tuple[str, str, str]:
    passphrase = f"words-of-{number}" if kind.startswith("bitget") else ""
    return f"mx0-key-of-account-{number}", f"secret-of-account-{number}", passphrase
