"""What the types of Bitget's ledgers mean: the exchange's words, and what they are to an account.

A type that is in no table is income of another kind, and is named in the log once.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from finance.records import IncomeKind


class Move(StrEnum):
    """What is no income: other histories have it, or it stays within the account."""

    TRADE = "trade"  # the fills have it
    FLOW = "flow"  # deposits, withdrawals, transfers, P2P, bank money
    OWN = "own"  # between the account's own wallets, or what is borrowed and given back


Meaning = Move | IncomeKind

# Spot: by groupType. `other` has a businessType that says more.
SPOT_GROUPS: dict[str, Meaning] = {
    "deposit": Move.FLOW,
    "withdraw": Move.FLOW,
    "fait": Move.FLOW,  # bank money, spelled so
    "c2c": Move.FLOW,
    "pre_c2c": Move.FLOW,
    "transaction": Move.TRADE,
    "convert": Move.TRADE,
    "transfer": Move.OWN,
    "loan": Move.OWN,
    "strategy": Move.OWN,  # to and from bots
    "on_chain": Move.OWN,
    "financial": Move.OWN,  # Earn, whatever it was: its own records have what was paid
}
# Of types that are in no table: the first that is in the name. What other histories show must not be income as well.
BY_NAME: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    (re.compile(r"INTEREST|PROFIT|YIELD", re.IGNORECASE), IncomeKind.EARN_INTEREST),
    (re.compile(r"REBATE|COMMISSION|CASHBACK", re.IGNORECASE), IncomeKind.REBATE),
    (re.compile(r"AIRDROP|REWARD|BONUS|DIVIDEND", re.IGNORECASE), IncomeKind.DIVIDEND),
    (re.compile(r"SUBSCRI|REDE|PURCHASE|PLEDGE|LOCK|TRANS|FINANCIAL|BORROW|REPAY", re.IGNORECASE), Move.OWN),
    (re.compile(r"DEPOSIT|WITHDRAW|P2P|C2C|FIAT", re.IGNORECASE), Move.FLOW),
    (re.compile(r"EXCHANGE|CONVERT|DEALT|DEDUCTION", re.IGNORECASE), Move.TRADE),
)
FUTURES: dict[str, Meaning] = {
    "contract_settle_fee": IncomeKind.FUNDING_FEE,
    "settle_interest": IncomeKind.MARGIN_INTEREST,
    "tracking_trader_income": IncomeKind.OTHER,
    "tracking_follow_pay": IncomeKind.OTHER,
    "tracking_follow_back": IncomeKind.OTHER,
    "risk_captital_user_transfer": IncomeKind.LIQUIDATION_FEE,
    "user_exchange_buy": Move.TRADE,  # one margin coin for another: two rows that cancel in value
    "user_exchange_sell": Move.TRADE,
    "append_margin": Move.OWN,
    "adjust_down_lever_append_margin": Move.OWN,
    "reduce_margin": Move.OWN,
    "auto_append_margin": Move.OWN,
    "cash_gift_issue": IncomeKind.DIVIDEND,
    "cash_gift_recycle": IncomeKind.DIVIDEND,
    "bonus_issue": IncomeKind.DIVIDEND,
    "bonus_recycle": IncomeKind.DIVIDEND,
    "bonus_expired": IncomeKind.DIVIDEND,
    **dict.fromkeys(
        (
            *("open_long", "open_short", "close_long", "close_short", "buy", "sell"),
            *("force_close_long", "force_close_short", "force_buy", "force_sell"),
            *("burst_long_loss_query", "burst_short_loss_query", "burst_buy", "burst_sell"),
            *("delivery_long", "delivery_short", "adl_close_long", "adl_close_short"),
            *("adl_buy_in_single_side_mode", "adl_sell_in_single_side_mode"),
        ),
        IncomeKind.REALISED_PROFIT,
    ),
    **{f"trans_{way}_{other}": Move.OWN for way in ("from", "to")
       for other in ("exchange", "contract", "otc", "cross", "isolated", "strategy")},
}  # fmt: skip
MARGIN: dict[str, Meaning] = {
    "transfer_in": Move.OWN,
    "transfer_out": Move.OWN,
    "borrow": Move.OWN,
    "repay": Move.OWN,
    "interest_repay": Move.OWN,  # the debt had the interest in it before
    "deal_in": Move.TRADE,
    "deal_out": Move.TRADE,
    "exchange_in": Move.TRADE,
    "exchange_out": Move.TRADE,
    "sys_exchange_in": Move.TRADE,
    "sys_exchange_out": Move.TRADE,
    "liquidation_fee": IncomeKind.LIQUIDATION_FEE,
    "compensate": IncomeKind.OTHER,
    "confiscated": IncomeKind.LIQUIDATION_FEE,
}
UNIFIED: dict[str, Meaning] = {
    **dict.fromkeys(
        (
            "CONTRACT_MAIN_SETTLE_FEE_USER_IN",
            "CONTRACT_MAIN_SETTLE_FEE_USER_OUT",
            "MARGIN_SETTLE_FEE_USER_IN",
            "MARGIN_SETTLE_FEE_USER_OUT",
            "RWA_CONTRACT_MAIN_SETTLE_FEE_USER_IN",
            "RWA_CONTRACT_MAIN_SETTLE_FEE_USER_OUT",
            "RWA_FIXED_SETTLE_FEE_USER_IN",
            "RWA_FIXED_SETTLE_FEE_USER_OUT",
        ),
        IncomeKind.FUNDING_FEE,
    ),
    **dict.fromkeys(
        (
            *("OPEN_LONG", "OPEN_SHORT", "CLOSE_LONG", "CLOSE_SHORT", "BUY_DEAL", "SELL_DEAL"),
            *("FORCE_CLOSE_LONG", "FORCE_CLOSE_SHORT", "FORCE_BUY_SSM", "FORCE_SELL_SSM"),
            *("BURST_CLOSE_LONG", "BURST_CLOSE_SHORT", "BURST_BUY_SSM", "BURST_SELL_SSM"),
            *("OFFSET_REDUCE_CLOSE_LONG", "OFFSET_REDUCE_CLOSE_SHORT"),
            *("RWA_CONTRACT_REBASE_USER_OPEN_LONG", "RWA_CONTRACT_REBASE_USER_OPEN_SHORT"),
            *("RWA_CONTRACT_REBASE_USER_CLOSE_LONG", "RWA_CONTRACT_REBASE_USER_CLOSE_SHORT"),
            *("RWA_CONTRACT_REBASE_USER_BUY_IN_SSM", "RWA_CONTRACT_REBASE_USER_SELL_IN_SSM"),
        ),
        IncomeKind.REALISED_PROFIT,
    ),
    **dict.fromkeys(("INTEREST_SETTLEMENT_OUT", "INTEREST_REPAYMENT"), IncomeKind.MARGIN_INTEREST),
    **dict.fromkeys(
        (
            *("RISK_LIQ_USER_IN", "RISK_LIQ_USER_OUT", "FIXED_RISK_LIQ_USER_IN", "FIXED_RISK_LIQ_USER_OUT"),
            *("RISK_LIQ_DEFAULT_USER_IN", "FIXED_RISK_LIQ_DEFAULT_USER_IN", "LIQ_FEE"),
        ),
        IncomeKind.LIQUIDATION_FEE,
    ),
    **dict.fromkeys(
        (
            *("ORDER_DEALT_IN", "ORDER_DEALT_OUT", "ORDER_DEALT_FROZEN_OUT", "ORDER_PLF_FEE_OUT"),
            *("EXCHANGE_SOURCE_TOKEN_USER_OUT", "EXCHANGE_TARGET_TOKEN_USER_IN", "LIQ_CONVERT_IN", "LIQ_CONVERT_OUT"),
            *("SMALL_ASSET_SOURCE_TOKEN_USER_OUT", "SMALL_ASSET_TARGET_TOKEN_USER_IN"),
            *("DELIST_MARGIN_TOKEN_SOURCE_USER_OUT", "DELIST_MARGIN_TOKEN_TARGET_USER_IN"),
        ),
        Move.TRADE,
    ),
    **dict.fromkeys(
        (
            *("TRANSFER_IN", "TRANSFER_OUT", "RESERVE_TRANSFER_IN", "RESERVE_TRANSFER_OUT"),
            *("BORROW", "REPAYMENT", "LIQ_REPAYMENT", "LIQ_TRANSFER_IN", "LIQ_TRANSFER_OUT"),
            *("TRACE_TRANSFER_USER_OUT", "TRACE_TRANSFER_USER_IN", "TRACE_TRANSFER_REFUND_IN"),
        ),
        Move.OWN,
    ),
    **dict.fromkeys(("DEPOSIT", "WITHDRAW", "DEPOSIT_IN", "WITHDRAW_OUT"), Move.FLOW),
    **dict.fromkeys(("SYSTEM_TRANSFER_IN", "SYSTEM_TRANSFER_OUT"), IncomeKind.OTHER),  # with the exchange itself
    **dict.fromkeys(("TRACE_SHARE_BENEFIT_USER_IN", "TRACE_SHARE_BENEFIT_USER_OUT"), IncomeKind.OTHER),
    **dict.fromkeys(("BONUS_GRANT_USER_IN", "BONUS_EXPIRE_USER_OUT", "BONUS_TRANSFER_USER_OUT"), IncomeKind.DIVIDEND),
}


def meaning_in_spot(word: str) -> Meaning | None:
    """What a row of the spot ledger is, its group and type in `word`; None where neither says it."""
    group, _, business = word.partition(" ")
    return SPOT_GROUPS.get(group) or _guess(business)


def meaning_in(words: Mapping[str, Meaning]) -> Callable[[str], Meaning | None]:
    """What a type means by `words`; of one that is new there what its name says. None where it says nothing."""
    return lambda word: words.get(word) or _guess(word)


def find_side(word: str) -> str:
    """Which side of a contract a row is of, by its type: long or short; both where the position is not hedged."""
    return next((side for side in ("long", "short") if side in word.lower()), "both")


def _guess(name: str) -> Meaning | None:
    return next((meaning for word, meaning in BY_NAME if word.search(name)), None)
