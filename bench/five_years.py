"""Years of hourly history, written by SQL in seconds and derived by the worker's own fold: plausible and consistent.

Prices are random walks from a hash of asset and hour, so every account and every run sees the same market. Quantities
change every ten days by trades and every thirty days by a flow; the flows are in the ledger, their minute prices stored.
`python -m bench.five_years DATA_DIR [HOURS]` fills an embedded database up to the current hour.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic

from bench import market
from finance.moments import EPOCH, hour_of
from monitor.accounts.registry import NewAccount, add_account
from monitor.market.known_prices import Fetched
from monitor.market.market_hours import LONGEST as MARKET_KEPT
from monitor.performance.derivation import derive_history
from sql import embedded
from sql.connect import connect
from sql.migrate import migrate
from sql.rows import Db

HOUR = timedelta(hours=1)
FIVE_YEARS = 43_824
ANALYZED_FROM = 24  # hours: what is less is found without statistics, in as many accounts as may be
ASSETS = (
    "USDT",
    "BTC",
    "ETH",
    "BNB",
    "SOL",
    "XRP",
    "ADA",
    "DOGE",
    "AVAX",
    "DOT",
    "LINK",
    "LTC",
    "ATOM",
    "NEAR",
    "USDC",
)
LEVELS = {
    "BTC": 30_000.0,
    "ETH": 1_800.0,
    "BNB": 400.0,
    "SOL": 90.0,
    "LTC": 80.0,
    "XMR": 160.0,
}  # USDT, where walks begin
OTHER_LEVEL = 5.0
WEIGHTS = (("BTC", Decimal("0.5")), ("ETH", Decimal("0.5")))


def fill(db: Db, label: str, *, until: datetime, hours: int = FIVE_YEARS, assets: Sequence[str] = ASSETS) -> int:
    """Give the account `label` (made if missing) complete `hours` that end with the hour `until`; returns its id.

    `db` is the owner's connection; `assets` must hold the benchmark's. The combined row is left to
    `fill_combined`.
    """
    account = _ensure_account(db, label, until - hours * HOUR)
    parameters = {
        "account": account,
        "first": until - (hours - 1) * HOUR,
        "last": until,
        "assets": list(assets),
        "market_kept": MARKET_KEPT,
        "levels": [LEVELS.get(asset, OTHER_LEVEL) for asset in assets],
    }
    with db.transaction():
        for statement in market.OBSERVE:
            db.execute(statement, parameters)
        if hours >= ANALYZED_FROM:
            db.execute("analyze")
        _derive(db, account, until)
    return account


def fill_combined(db: Db, *, until: datetime) -> None:
    """The combined row of every hour that all filled accounts have."""
    with db.transaction():
        db.execute(market.COMBINE)
        db.execute("analyze nav_history")
        _derive(db, 0, until)
    db.execute("analyze")


def _ensure_account(db: Db, label: str, created_at: datetime) -> int:
    row = db.execute("select id from accounts where label = %(label)s", {"label": label}).fetchone()
    if row:
        return int(row["id"])
    new = NewAccount(label=label, exchange="binance", uid=None, overpowered=False, weights=WEIGHTS)
    return add_account(db, new, created_at)


def _derive(db: Db, account: int, until: datetime) -> None:
    derive_history(db, account, Fetched(exchange="binance"), since=EPOCH, current_hour=until)


def main() -> int:
    """Fill an embedded database; returns the exit code."""
    if len(sys.argv) < 2:
        print("usage: python -m bench.five_years DATA_DIR [HOURS]", file=sys.stderr)
        return 2
    data_dir, hours = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else FIVE_YEARS
    until = hour_of(datetime.now(UTC))
    with embedded.attached(data_dir), connect(embedded.url(data_dir, "owner"), name="bench") as db:
        migrate(db)
        began = monotonic()
        account = fill(db, "five years", until=until, hours=hours)
        fill_combined(db, until=until)
        print(f"account {account}: {hours:,} hours in {monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
