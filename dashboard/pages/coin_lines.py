"""What prices made of an account's coins and of its benchmark's between two hours, coin by coin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dashboard.explanation import AssetLine, Statement
from dashboard.history.hours import load_basket
from dashboard.history.rates import USDT
from dashboard.rounding import ZERO, apportion
from sql.rows import Db, Row

ONE = Decimal(1)
NEAR = 5  # cents; more apart, the benchmark bought and sold in between
Prices = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinLine:
    """One coin in both, in cents."""

    asset: str
    held: Decimal  # by the benchmark, at the end
    prices: Prices  # before and after
    account: Decimal
    benchmark: Decimal | None  # None: it bought or sold in between, and can't be split by coin

    @property
    def difference(self) -> Decimal | None:
        """What the account made more (+) or less (-) of it."""
        return None if self.benchmark is None else self.account - self.benchmark


def make_coins(
    db: Db,
    hours: tuple[Row, Row],
    prices: Mapping[str, Prices],
    assets: Sequence[AssetLine],
    statement: Statement,
    currency: str = USDT,
) -> list[CoinLine]:
    """The benchmark's coins and then the account's others; their gains add up to the statement's.

    `hours` are the valued hours at both ends, `prices` those of the account's own coins.
    """
    before, after = hours
    held = dict(zip(after["benchmark_assets"], after["quantities"], strict=True))
    known = {**prices, **_load_prices(db, hours, list(held), currency)}
    moves = [held[asset] * _move(known.get(asset)) for asset in held]
    is_known = all(None not in known.get(asset, (None,)) for asset in held)
    whole = statement.benchmark["price_effect"]
    is_same = (
        before["quantities"] == after["quantities"]
        and abs(sum(moves, ZERO) - whole) < NEAR * statement.cent
        and is_known
    )
    gains = dict(zip(held, apportion(moves, whole, statement.cent), strict=True)) if is_same else {}
    own = {line.name: line.parts["price_effect"] for line in assets if line.name and line.parts.get("price_effect")}
    return [
        CoinLine(
            asset=asset,
            held=held.get(asset, ZERO),
            prices=_show_prices(asset, known, currency),
            account=own.get(asset, ZERO),
            benchmark=gains.get(asset, ZERO) if is_same else None,
        )
        for asset in dict.fromkeys([*held, *own])
    ]


def find_main_coin(coins: Sequence[CoinLine], statement: Statement) -> CoinLine | None:
    """The coin that made most of the coin mix; None where the benchmark can't be split by coin."""
    sign = 1 if statement.causes["price_effect"] >= 0 else -1
    return max(
        (coin for coin in coins if coin.difference), key=lambda coin: (coin.difference or ZERO) * sign, default=None
    )


def _load_prices(db: Db, hours: tuple[Row, Row], assets: list[str], currency: str) -> dict[str, Prices]:
    """The benchmark's coins' prices at both hours."""
    moments = [row["hour"] for row in hours]
    rows = load_basket(db, hours[0]["account_id"], moments, assets, currency)
    found = {(row["asset"], row["hour"]): row["price"] for row in rows}
    return {asset: (found.get((asset, moments[0])), found.get((asset, moments[1]))) for asset in assets}


def _show_prices(asset: str, known: Mapping[str, Prices], currency: str) -> Prices:
    """An asset's prices at both hours; in itself it costs 1, whatever its exchange and the currency's rate differ by."""
    found = known.get(asset, (None, None))
    return (ONE, ONE) if asset == currency and None not in found else found


def _move(prices: Prices | None) -> Decimal:
    before, after = prices or (None, None)
    return after - before if before is not None and after is not None else ZERO
