"""Contracts: perpetual ones settled in USDT and in BTC, delivered ones, and options.

A wallet is `total + unrealised_pnl`: `total` is what came in and was earned and paid since, without the profit of open positions.
`bonus` and `point` are no money. In a unified account the margin lies in the pool, and what this account shows is its part
in it: it counts there and nowhere else. Which it is, the answer says (`margin_mode`, `enable_credit`); one that says
nothing is part of the pool where there is one.

A position's size is in contracts. Of a linear one each stands for `quanto_multiplier` units of the coin; of an inverse one,
whose multiplier is zero, for 1 USD.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from finance.contracts import InverseSizes
from finance.decimals import ZERO, exact
from finance.observed import Balance, Position, Terms
from monitor.exchanges.gate.symbols import name_contract
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, an_object, asset, refuse_duplicates, text
from monitor.exchanges.position_terms import TermFields, read_terms

USDT_FUTURES, BTC_FUTURES, DELIVERY, OPTIONS = "futures_usdt", "futures_btc", "delivery", "options"
SETTLED = {USDT_FUTURES: "USDT", BTC_FUTURES: "BTC", DELIVERY: "USDT"}
SIDES = {"single": "both", "dual_long": "long", "dual_short": "short"}
TERMS = TermFields(leverage="leverage", liquidation_price="liq_price", margin="initial_margin")
OWN_MARGIN = 0  # `margin_mode` of an account whose contracts have their own margin
ONE_CONTRACT = Decimal(1)
INVERSE_SIZES = InverseSizes(usual=ONE_CONTRACT)  # in USD, on every coin


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAccount:
    """A wallet of contracts."""

    balances: tuple[Balance, ...]
    has_own_margin: bool | None  # False: its margin is that of the unified account, and counts there; None: not said
    is_hedged: bool  # longs and shorts of one contract are two positions


@exact
def read_account(answer: object) -> ContractAccount:
    """The account of futures that settle in one coin."""
    row = an_object(answer, "total", "unrealised_pnl", "currency")
    unrealised = amount(row, "unrealised_pnl", signed=True)
    balance = _balance(row, amount(row, "total", signed=True) + unrealised, unrealised)
    return ContractAccount(
        balances=(balance,), has_own_margin=_has_own_margin(row), is_hedged=row.get("in_dual_mode") is True
    )


def read_options(answer: object) -> ContractAccount:
    """The account of options: `equity` is balance and value of what is open."""
    row = an_object(answer, "equity", "currency")
    unrealised = amount(row, "position_value", default=ZERO, signed=True)
    balance = _balance(row, amount(row, "equity", signed=True), unrealised)
    return ContractAccount(balances=(balance,), has_own_margin=_has_own_margin(row), is_hedged=False)


def _balance(row: Row, equity: Decimal, unrealised: Decimal) -> Balance:
    return Balance(asset=asset(row, "currency"), free=max(equity, ZERO), owed=max(-equity, ZERO), unrealised=unrealised)


def _has_own_margin(row: Row) -> bool | None:
    if row.get("enable_credit") is True:
        return False
    mode = row.get("margin_mode")
    return None if mode in (None, "") else amount(row, "margin_mode") == OWN_MARGIN


def read_positions(answer: object) -> list[Row]:
    """The rows of positions, among them such that are not open."""
    rows = a_list(answer)
    refuse_duplicates((f"{text(row, 'contract')} {text(row, 'mode')}" for row in rows), "position")
    for row in rows:
        amount(row, "size", signed=True)
    return rows


def is_open(row: Row) -> bool:
    """Whether a position is open."""
    return bool(amount(row, "size", signed=True))


def read_multiplier(answer: object) -> Decimal:
    """How many units one contract stands for; 1 of an inverse one, whose unit is the contract itself."""
    return amount(an_object(answer, "quanto_multiplier"), "quanto_multiplier") or ONE_CONTRACT


@exact
def read_position(row: Row, settle: str, multipliers: Mapping[str, Decimal]) -> Position:
    """An open position, settled in `settle`."""
    mode, contract = text(row, "mode"), text(row, "contract")
    if mode not in SIDES:
        raise Malformed("mode is neither single, dual_long nor dual_short")
    return Position(
        symbol=name_contract(contract, settle),
        side=SIDES[mode],
        quantity=amount(row, "size", signed=True) * multipliers[contract],
        entry_price=amount(row, "entry_price"),
        mark_price=amount(row, "mark_price"),
        margin_asset=settle,
        unrealised=amount(row, "unrealised_pnl", signed=True),
        terms=_read_terms(row),
    )


def _read_terms(row: Row) -> Terms:
    """A leverage of zero is that of cross margin, whose own is a limit and no leverage."""
    found = read_terms(row, TERMS)
    is_said = row.get("leverage") not in (None, "")
    return replace(found, margin_mode=("isolated" if found.leverage else "cross") if is_said else None)
