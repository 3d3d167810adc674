"""A check of an account at a paper exchange that nothing is remembered of."""

import asyncio
from pathlib import Path

from monitor.accounts.client import TrackedAccount
from monitor.accounts.opening import open_client
from monitor.checkup.asking import ask_everything
from monitor.checkup.findings import Background, Findings, judge_answers
from monitor.commands.check import judge_everything
from monitor.ledger.lookback import SourceMarks
from monitor.market.other_prices import RunPrices
from monitor.settings import read_settings
from monitor.snapshots.unread import Remembered
from sql.rows import Db
from sql.vault import Credentials, Secret
from tests.venue import KEY, SECRET, RunningVenue

BASKET = frozenset({"BTC", "ETH"})
NOTHING = SourceMarks(cursors={}, pending={}, absent={})


def examine(
    venue: RunningVenue,
    folder: Path,
    *,
    key: str = KEY,
    secret: str = SECRET,
    label: str = "test",
    email: str = "",
    db: Db | None = None,
) -> Findings:
    """What is found of an account; without `db`, coins that the ticker does not price have no price."""

    async def ask() -> Findings:
        client = open_client(
            read_settings({"BINANCE_BASE_URL": venue.url, "DATA_DIR": str(folder), "CALL_TIMEOUT_SECONDS": "5"})
        )
        tracked = TrackedAccount(
            id=1,
            label=label,
            exchange="binance",
            credentials=Credentials(key=Secret(key), secret=Secret(secret)),
            sub_email=email,
        )
        account = client.open_account(tracked)
        background = Background(
            remembered=Remembered(label=label), marks=NOTHING, basket=BASKET, dust_limit=client.dust_limit
        )
        try:
            asked = await ask_everything(client.market, account, venue.now())
            if db:
                return await judge_everything(db, client, tracked, asked, background)
            return judge_answers(asked, account, background, RunPrices(ticker=asked.ticker) if asked.ticker else None)
        finally:
            await client.close()

    return asyncio.run(ask())
