"""What each ledger calls the rows of an account's books."""

from decimal import Decimal

from paper.histories.accounts import ContractFill
from paper.ledger.books import Row
from paper.wire.bitget.symbols import MARGIN, OTHER, SPOT, product_of
from paper.wire.bitget.wallets import BOTS, CROSSED, EARN, ISOLATED

Names = tuple[str, str]  # of what comes, of what goes
TRANSFERS: Names = ("transfer_in", "transfer_out")
SPOT_KINDS: dict[str, tuple[str, Names]] = {  # by verb: the group
    **dict.fromkeys(("deposit", "_credit"), ("deposit", ("deposit", "deposit"))),
    **dict.fromkeys(("withdraw", "send", "_end_withdrawal"), ("withdraw", ("withdraw", "withdraw"))),
    "buy": ("transaction", ("buy", "buy")),
    "sell": ("transaction", ("sell", "sell")),
    "convert": ("convert", ("order_exchange_in", "order_exchange_out")),
    "dust": ("convert", ("small_exchange_user_in", "small_exchange_user_out")),
    "card": ("fait", ("buy", "sell")),
    "pay": ("c2c", TRANSFERS),
    "borrow": ("loan", TRANSFERS),
    "repay": ("loan", TRANSFERS),
    "interest": ("financial", TRANSFERS),
    "reward": ("financial", TRANSFERS),
    "dual": ("financial", TRANSFERS),
    "_settle": ("financial", TRANSFERS),
    "dividend": ("other", ("airdrop_rewards", "airdrop_rewards")),
    "airdrop": ("other", ("airdrop_rewards", "airdrop_rewards")),
    "rebate": ("other", ("rebate_rewards", "rebate_rewards")),
    "vanish": ("other", ("system_lock", "system_lock")),
}
ORDER_GROUPS = {"fiat order": "fait", "p2p": "c2c"}
SIDES = {"LONG": "long", "SHORT": "short"}
TRADES, FORCING = ("buy", "sell"), ("liquidate", "deleverage", "deliver")
TRADED = ("long", "short", "close", "reach", *FORCING)  # of contracts
CONTRACTS = (*TRADED, "funding")
DEDUCTION = "deduction_handling_fee"
OTHER_KINDS = {"funding": "contract_settle_fee", "clearance": "risk_captital_user_transfer"}


def spot_kind(row: Row, amount: Decimal) -> tuple[str, str]:
    """Group and business of a row of spot or funding."""
    is_in = amount >= 0
    if row.why == "commission":  # in another coin than the trade's
        return "transaction", DEDUCTION
    if row.verb == "_end_order":
        return ORDER_GROUPS.get(row.why, "other"), TRANSFERS[not is_in]
    if row.verb in SPOT_KINDS:
        group, names = SPOT_KINDS[row.verb]
        return group, names[not is_in]
    groups = dict.fromkeys(EARN, "financial") | dict.fromkeys(BOTS, "strategy")
    return groups.get(row.other[1], "transfer"), TRANSFERS[not is_in]


def futures_type(row: Row, amount: Decimal, fill: ContractFill | None) -> str:
    """The business of a row of futures."""
    if row.why in OTHER_KINDS:
        return OTHER_KINDS[row.why]
    if fill is None:
        return "trans_from_exchange" if amount >= 0 else "trans_to_exchange"
    is_buy = fill.quantity > 0
    if fill.reason == "liquidation":
        return f"burst_{'short' if is_buy else 'long'}_loss_query"
    if fill.reason == "delivery":
        return f"delivery_{'short' if is_buy else 'long'}"
    if fill.reason:
        side = (
            f"{'buy' if is_buy else 'sell'}_in_single_side_mode" if fill.side == "BOTH" else f"close_{SIDES[fill.side]}"
        )
        return f"adl_{side}"
    if fill.side == "BOTH":
        return "buy" if is_buy else "sell"
    opens = is_buy == (fill.side == "LONG")
    return f"{'open' if opens else 'close'}_{SIDES[fill.side]}"


def margin_type(row: Row, amount: Decimal) -> str:
    """The type of a row of margin."""
    is_in = amount >= 0
    if row.verb in TRADES:
        return "deal_in" if is_in else "deal_out"
    return row.verb if row.verb in ("borrow", "repay") else TRANSFERS[not is_in]


def unified_category(row: Row) -> str:
    """The category of a row of the unified account."""
    if row.verb in CONTRACTS:
        return product_of(row.about)
    if row.verb in ("borrow", "repay", "charge"):
        return MARGIN
    if row.verb in TRADES:
        return MARGIN if row.where in (CROSSED, ISOLATED) else SPOT
    return OTHER


def unified_type(row: Row, amount: Decimal, fill: ContractFill | None) -> str:
    """The type of a row of the unified account."""
    is_in = amount >= 0
    if row.why == "commission" and fill is None:
        return "ORDER_PLF_FEE_OUT"
    if row.why == "funding":
        return f"CONTRACT_MAIN_SETTLE_FEE_USER_{'IN' if is_in else 'OUT'}"
    if row.why == "clearance":
        return "LIQ_FEE"
    if fill and fill.reason == "liquidation":
        return f"BURST_CLOSE_{'SHORT' if fill.quantity > 0 else 'LONG'}"
    if fill:
        kind = futures_type(row, amount, fill).upper()
        return f"{kind}_DEAL" if fill.side == "BOTH" else kind
    if row.verb in TRADES:
        return "ORDER_DEALT_IN" if is_in else "ORDER_DEALT_FROZEN_OUT"
    names = {
        "borrow": ("BORROW", "BORROW"),
        "repay": ("REPAYMENT", "REPAYMENT"),
        "charge": ("INTEREST_SETTLEMENT_OUT", "INTEREST_SETTLEMENT_OUT"),
        "convert": ("EXCHANGE_TARGET_TOKEN_USER_IN", "EXCHANGE_SOURCE_TOKEN_USER_OUT"),
        "dust": ("SMALL_ASSET_TARGET_TOKEN_USER_IN", "SMALL_ASSET_SOURCE_TOKEN_USER_OUT"),
        "dividend": ("BONUS_GRANT_USER_IN", "BONUS_EXPIRE_USER_OUT"),
        "rebate": ("SYSTEM_TRANSFER_IN", "SYSTEM_TRANSFER_OUT"),
        "airdrop": ("SYSTEM_TRANSFER_IN", "SYSTEM_TRANSFER_OUT"),
        "vanish": ("SYSTEM_TRANSFER_IN", "SYSTEM_TRANSFER_OUT"),
    }
    return names.get(row.verb, ("TRANSFER_IN", "TRANSFER_OUT"))[not is_in]
