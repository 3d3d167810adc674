"""What the JSON says of what is held."""

from dashboard.fields import Moment, Number, Shape


class Reading(Shape):
    """When an account was read."""

    account_id: int
    label: str
    hour: Moment
    taken_at: Moment
    status: str


class Balance(Shape):
    """What a wallet holds of an asset; `value` is null where there is no price.

    `frozen` and `withdrawing` are parts of `locked`, null where nothing is, or where the exchange does not tell them apart.
    """

    asset: str
    wallet: str
    free: Number
    locked: Number
    frozen: Number | None
    withdrawing: Number | None
    owed: Number
    quantity: Number
    price: Number | None
    route: str
    value: Number | None


class Position(Shape):
    """An open derivative position; `unrealised` is in the margin asset."""

    account_id: int
    wallet: str
    symbol: str
    side: str
    quantity: Number
    entry_price: Number
    mark_price: Number
    margin_asset: str
    unrealised: Number


class Balances(Shape):
    """What was held at the last reading, wallet by wallet."""

    account_id: int
    readings: list[Reading]
    balances: list[Balance]
    positions: list[Position]


class AssetSum(Shape):
    """An asset over all wallets; `value` leaves out what has no price, `share` is of all that has one.

    `average_cost` of a unit, the unrealised `gain` and `gained`, that as a fraction of the cost, are null of USDT itself and
    where the last hour has no NAV or is the account's first.
    """

    asset: str
    quantity: Number
    free: Number
    locked: Number
    frozen: Number | None
    withdrawing: Number | None
    owed: Number
    price: Number | None
    value: Number
    share: Number | None
    average_cost: Number | None
    gain: Number | None
    gained: Number | None
    is_unpriced: bool


class BalanceSummary(Shape):
    """What was held at the last reading, asset by asset."""

    account_id: int
    readings: list[Reading]
    value: Number
    unpriced: list[str]
    assets: list[AssetSum]


class HeldThen(Shape):
    """What an account's wallet held of an asset."""

    account_id: int
    label: str
    wallet: str
    asset: str
    free: Number
    locked: Number
    owed: Number
    quantity: Number
    unrealised: Number
    price: Number | None
    route: str
    value: Number | None
