"""Bitget's errors: a code as text, words, and an HTTP status, which is mostly 400."""

from paper.wire.refusal import Refusal

NO_KEY = Refusal("40001", "ACCESS_KEY cannot be empty")
NO_SIGNATURE = Refusal("40003", "Signature cannot be empty")
BAD_STAMP = Refusal("40005", "Invalid ACCESS_TIMESTAMP")
BAD_KEY = Refusal("40006", "Invalid ACCESS_KEY")
STALE = Refusal("40008", "Request timestamp expired")
BAD_SIGNATURE = Refusal("40009", "sign signature error")
NO_PASSPHRASE = Refusal("40011", "ACCESS_PASSPHRASE cannot be empty")
BAD_PASSPHRASE = Refusal("40012", "apikey/password is incorrect")
KEY_IS_GONE = Refusal("40037", "Apikey does not exist")
IS_CLASSIC = Refusal(
    "40084", "You are in Classic Account mode, and the Unified Account API is not supported at this time"
)
IS_UNIFIED = Refusal(
    "40085", "You are in Unified Account mode, and the Classic Account API is not supported at this time"
)
NO_PATH = Refusal("40404", "Request URL NOT FOUND", 404)
TOO_FAST = Refusal("429", "Too Many Requests", 429)


def lacks_right(right: str) -> Refusal:
    """40014 for a key without a right."""
    return Refusal("40014", f"Incorrect permissions, need {right} permissions")


def missing(name: str) -> Refusal:
    """40019 for a parameter that is not there."""
    return Refusal("40019", f"Parameter {name} cannot be empty")


def illegal(name: str) -> Refusal:
    """40020 for a parameter that can't be read."""
    return Refusal("40020", f"Parameter {name} error")


def unknown_symbol(name: str) -> Refusal:
    """40034 for a symbol that there is not."""
    return Refusal("40034", f"Parameter {name} does not exist")


def too_long(days: int) -> Refusal:
    """00001 for a window that is too long."""
    return Refusal("00001", f"startTime and endTime interval cannot be greater than {days} days")
