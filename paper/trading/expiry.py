"""Why orders expire. Source: Binance's page on user data streams."""

from enum import StrEnum


class Expiry(StrEnum):
    """Why an order expired."""

    REJECTED = "rejected"  # when it should have entered the book
    OCO_TRIGGER = "oco_trigger"  # the other one of two began to trade, or expired
    OTO_PHASE_ONE_EXPIRED = "oto_phase_one_expired"  # the one that it waited for did
    UNFILLED_IOC_QUANTITY_EXPIRED = "unfilled_ioc_quantity_expired"
    UNFILLED_FOK_ORDER_EXPIRED = "unfilled_fok_order_expired"
    INSUFFICIENT_LIQUIDITY = "insufficient_liquidity"
