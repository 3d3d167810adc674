"""Everything that a run may ask about an account, asked once: each answer as it came, and what readings made of them.

Nothing is stored, and nothing but reading endpoints exists to be called. A part of it is asked by runs only while there
is something to ask for (open positions, unexplained quantities); here it is asked all the same, to see whether it would
be answered.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import TypeVar

from finance.observed import AccountReading
from finance.records import ContractQuery, FillMarket
from monitor.errors import ExchangeError, ExchangePaused
from monitor.exchanges.contract import Account, FillQuery, OrderQuery, Pair, Samples, SourceReading
from monitor.exchanges.http.capture import Captured, capture_responses, requested_for
from monitor.exchanges.public import Market, Ticker

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WITHOUT_PAIR = (FillMarket.CONVERT, FillMarket.DUST)
TRADED = (FillMarket.SPOT, FillMarket.CROSS_MARGIN, FillMarket.ISOLATED_MARGIN, FillMarket.PORTFOLIO_MARGIN)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of asking everything."""

    at: datetime  # the exchange's time
    captured: tuple[Captured, ...]
    ticker: Ticker | None
    wallets: AccountReading | None
    flows: tuple[SourceReading, ...]
    income: tuple[SourceReading, ...]
    failures: Mapping[str, ExchangeError]  # of what is no wallet and no history, by its name
    pause: ExchangePaused | None  # the exchange asked for silence, and the rest was not asked


class _Questions:
    """Asks one question after the other, and stops when the exchange asks for silence."""

    def __init__(self) -> None:
        self.failures: dict[str, ExchangeError] = {}
        self.pause: ExchangePaused | None = None

    async def ask(self, place: str, question: Callable[..., Awaitable[T]], *about: object) -> T | None:
        """The answer; None where there is none."""
        if self.pause:
            return None
        try:
            with requested_for(place):
                return await question(*about)
        except ExchangePaused as pause:
            self.pause = pause
        except ExchangeError as failure:
            self.failures[place] = failure
        return None


async def ask_everything(market: Market, account: Account, now: datetime) -> Asked:
    """Ask `market` and `account` everything there is at `now`, the exchange's time."""
    questions = _Questions()
    with capture_responses() as captured:
        ticker = await _ask_market(questions, market, account.samples, now)
        wallets = await questions.ask("wallets", account.fetch_wallets)
        flows = {source.name: now - source.overlap for source in account.flow_sources}  # as an hour's run does
        income = {source.name: now - source.overlap for source in account.income_sources}
        answered = await questions.ask("flows", account.fetch_flows, flows, now)
        gains = await questions.ask("income", account.fetch_income, income, now)
        await _ask_the_rest(questions, account, now - DAY, now)
    return Asked(
        at=now,
        captured=tuple(captured),
        ticker=ticker,
        wallets=wallets,
        flows=answered or (),
        income=gains or (),
        failures=questions.failures,
        pause=questions.pause,
    )


async def _ask_market(questions: _Questions, market: Market, samples: Samples, now: datetime) -> Ticker | None:
    ticker = await questions.ask("prices", market.fetch_ticker)
    await questions.ask("other prices", market.fetch_all_prices)
    await questions.ask("other prices", market.fetch_index)
    await questions.ask("klines", market.fetch_klines, samples.pair.symbol, MINUTE, now - 5 * MINUTE, now)
    for contract in samples.contracts:
        await questions.ask("mark prices", market.fetch_mark_prices, contract, [now - MINUTE])
    return ticker


async def _ask_the_rest(questions: _Questions, account: Account, since: datetime, now: datetime) -> None:
    await questions.ask("key", account.fetch_permissions)
    await questions.ask("key", account.fetch_uid)
    await questions.ask("daily records", account.fetch_daily_balances, since, now)
    await questions.ask("sub-accounts", account.fetch_sub_accounts)
    await questions.ask("positions", account.ask_for_positions)
    for market in (*TRADED, *WITHOUT_PAIR):
        pair = None if market in WITHOUT_PAIR else account.samples.pair
        await questions.ask(
            f"{market} fills", account.fetch_fills, FillQuery(market=market, pair=pair, since=since, until=now)
        )
    for wallet, contract in product(account.samples.contract_wallets, account.samples.contracts):
        query = ContractQuery(wallet=wallet, symbol=contract, since=since, until=now)
        await questions.ask(f"{wallet} fills", account.fetch_contract_fills, query)
        await questions.ask(f"{wallet} closed positions", account.fetch_closed_positions, query)
    await _ask_for_orders(questions, account, since, now)


async def _ask_for_orders(questions: _Questions, account: Account, since: datetime, now: datetime) -> None:
    """Of each market what waits, the orders of a pair or of contracts, and what has become of one of them."""
    of_contracts = [Pair(symbol=symbol, base="", quote="") for symbol in account.samples.contracts]
    for market in account.order_markets:
        pairs = of_contracts if market.is_of_contracts else [account.samples.pair]
        found = await questions.ask("open orders", account.fetch_open_orders, market.name, pairs[0]) or ()
        for pair in pairs:
            wanted = OrderQuery(market=market.name, pair=pair, since=since, until=now)
            page = await questions.ask("orders", account.fetch_orders, wanted)
            found += page.orders if page else ()
        for order in found[-1:]:
            await questions.ask("orders", account.fetch_ended, order)
