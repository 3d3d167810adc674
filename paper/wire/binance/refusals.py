"""Binance's errors: an HTTP status, a code and a message."""

from paper.wire.refusal import Refusal


def bad_timestamp(*, ahead: bool) -> Refusal:
    """-1021, as Binance words it."""
    if ahead:
        return Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    return Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")


BAD_SIGNATURE = Refusal(-1022, "Signature for this request is not valid.")
UNAUTHORIZED = Refusal(-1002, "You are not authorized to execute this request.", 401)
UNSUPPORTED = Refusal(-1020, "This operation is not supported.")
BAD_KEY_FORMAT = Refusal(-2014, "API-key format invalid.", 401)
REJECTED_KEY = Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
REPEATED_NAME = Refusal(-1101, "Duplicate values for a parameter detected.")
LONG_WINDOW = Refusal(-1131, "recvWindow must be less than 60000")
COMBINATION = Refusal(-1128, "Combination of optional parameters invalid.")
OVERLOADED = Refusal(
    -1008, "Server is currently overloaded with other requests. Please try again in a few minutes.", 503
)
UNKNOWN = Refusal(-1006, "An unexpected response was received from the message bus. Execution status unknown.", 503)
BAD_SYMBOL = Refusal(-1121, "Invalid symbol.")


def missing(name: str) -> Refusal:
    """-1102 for a parameter that is not there."""
    return Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def illegal(name: str) -> Refusal:
    """-1100 for a parameter that can't be read."""
    return Refusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")


def illegal_text(name: str) -> Refusal:
    """-1100 for a parameter with signs that no text has."""
    return Refusal(-1100, f"Illegal characters found in parameter '{name}'.")


def invalid(name: str) -> Refusal:
    """-1130 for a parameter whose value is none of those that it may have."""
    return Refusal(-1130, f"Data sent for parameter '{name}' is not valid.")


def unread(read: int, sent: int) -> Refusal:
    """-1104, or -1101 where nothing may be sent, for parameters that nobody reads."""
    if not read:
        return Refusal(-1101, f"Too many parameters; expected '0' and received '{sent}'.")
    return Refusal(-1104, f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'.")
