"""The codes and words for what the order desk refuses."""

from paper.trading.orders import Reason, Rejected
from paper.wire.binance.refusals import BAD_SYMBOL
from paper.wire.refusal import Refusal

NEW_ORDER, CANCEL, AMEND, FILTER = -2010, -2011, -2038, -1013
WORDS = {
    Reason.NOT_TRADING: (NEW_ORDER, "Market is closed."),
    Reason.PAUSED: (NEW_ORDER, "This action is disabled on this account."),
    Reason.NOT_ENOUGH: (NEW_ORDER, "Account has insufficient balance for requested action."),
    Reason.WOULD_TAKE: (NEW_ORDER, "Order would immediately match and take."),
    Reason.WOULD_TRIGGER: (NEW_ORDER, "Order would trigger immediately."),
    Reason.NO_ORDER: (CANCEL, "Unknown order sent."),
    Reason.SAME_CLIENT_ID: (NEW_ORDER, "Duplicate order sent."),
    Reason.BAD_LIST: (NEW_ORDER, "The relationship of the prices for the orders is not correct."),
    Reason.BAD_QUANTITY: (AMEND, "The requested action would change no state; rejecting."),
    Reason.PRICE_FILTER: (FILTER, "Filter failure: PRICE_FILTER"),
    Reason.LOT_SIZE: (FILTER, "Filter failure: LOT_SIZE"),
    Reason.MARKET_LOT_SIZE: (FILTER, "Filter failure: MARKET_LOT_SIZE"),
    Reason.NOTIONAL: (FILTER, "Filter failure: NOTIONAL"),
    Reason.PERCENT_PRICE: (FILTER, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    Reason.TRAILING_DELTA: (FILTER, "Filter failure: TRAILING_DELTA"),
    Reason.TOO_MANY_ORDERS: (FILTER, "Filter failure: MAX_NUM_ORDERS"),
    Reason.TOO_MANY_TRIGGERED: (FILTER, "Filter failure: MAX_NUM_ALGO_ORDERS"),
    Reason.TOO_MANY_LISTS: (FILTER, "Filter failure: MAX_NUM_ORDER_LISTS"),
    Reason.TOO_MANY_AMENDS: (FILTER, "Filter failure: MAX_NUM_ORDER_AMENDS"),
}


def refuse(rejected: Rejected) -> Refusal:
    """A rejection as Binance words it."""
    if rejected.reason is Reason.NO_SYMBOL:
        return BAD_SYMBOL
    code, words = WORDS[rejected.reason]
    return Refusal(code, words)
