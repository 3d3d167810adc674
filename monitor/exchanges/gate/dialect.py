"""How Gate is spoken to over HTTP: its labels of errors and what they mean, its limits, its clock."""

from finance.observed import RefusalReason

REASONS = {
    "REQUEST_EXPIRED": RefusalReason.CLOCK,
    "TOO_MANY_REQUESTS": RefusalReason.PAUSE,
    "TOO_FAST": RefusalReason.PAUSE,
    "TOO_BUSY": RefusalReason.PAUSE,
    "INVALID_SIGNATURE": RefusalReason.SIGNATURE,
    "MISSING_REQUIRED_HEADER": RefusalReason.SIGNATURE,
    "INVALID_KEY": RefusalReason.KEY,
    "INVALID_CREDENTIALS": RefusalReason.KEY,
    "IP_FORBIDDEN": RefusalReason.KEY,
    "FORBIDDEN": RefusalReason.KEY,  # a right is missing, or this machine's address is not on the list
    "READ_ONLY": RefusalReason.KEY,
    "ACCOUNT_LOCKED": RefusalReason.KEY,
    "USER_NOT_FOUND": RefusalReason.NOT_OPENED,
    "CROSS_ACCOUNT_NOT_FOUND": RefusalReason.NOT_OPENED,
    "INVALID_CURRENCY": RefusalReason.UNKNOWN_SYMBOL,
    "INVALID_CURRENCY_PAIR": RefusalReason.UNKNOWN_SYMBOL,
    "CONTRACT_NOT_FOUND": RefusalReason.UNKNOWN_SYMBOL,
}
