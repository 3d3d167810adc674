"""Binance's errors: an HTTP status, a code and a message."""

from paper.wire.refusal import Refusal


def bad_timestamp(*, ahead: bool) -> Refusal:
    """-1021, as Binance words it."""
    if ahead:
        return Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    return Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")


BAD_SIGNATURE = Refusal(-1022, "Signature for this request is not valid.")
BAD_KEY_FORMAT = Refusal(-2014, "API-key format invalid.", 401)
REJECTED_KEY = Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
BAD_SYMBOL = Refusal(-1121, "Invalid symbol.")


def missing(name: str) -> Refusal:
    """-1102 for a parameter that is not there."""
    return Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def illegal(name: str) -> Refusal:
    """-1100 for a parameter that can't be read."""
    return Refusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
