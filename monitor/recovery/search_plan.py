"""Where an account's missing fills are looked for: by every run, and when its earlier history is read."""

from collections.abc import Iterable
from datetime import datetime

from finance.records import FillMarket
from monitor.accounts.client import AccountRun
from monitor.recovery.fills import Search
from monitor.recovery.store.fill_sources import load_gaps, load_sources
from monitor.snapshots.store.wallets import load_enabled_wallets, load_idle_wallets
from sql.rows import Db

PORTFOLIO = FillMarket.PORTFOLIO_MARGIN
MARGIN_MARKETS = (FillMarket.CROSS_MARGIN, FillMarket.ISOLATED_MARGIN, PORTFOLIO)


def plan_search(run: AccountRun) -> Search:
    """What is known of the account's fills, and the hours that lack some."""
    assert run.ticker  # whose symbols are looked through
    return Search(
        gaps=load_gaps(run.db, run.account_id),
        known=load_sources(run.db, run.account_id),
        markets=(FillMarket.SPOT, *_list_margin_markets(run.db, run.account_id, run.now)),
        symbols=run.ticker.prices.keys(),
        quotes=run.connect().quotes,
        now=run.now,
    )


def _list_margin_markets(db: Db, account_id: int, now: datetime) -> Iterable[FillMarket]:
    """Those of the account's wallets; portfolio margin stands for cross margin where it holds something."""
    wallets, idle = load_enabled_wallets(db, account_id), load_idle_wallets(db, account_id, now)
    is_unified = PORTFOLIO.value in wallets - idle
    left_out = FillMarket.CROSS_MARGIN if is_unified else PORTFOLIO
    return [market for market in MARGIN_MARKETS if market.value in wallets and market is not left_out]
