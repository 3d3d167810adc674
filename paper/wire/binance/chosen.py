"""Which pairs a request is about: one, some, those of a status, or all."""

import json
import re

from paper.wire.binance.refusals import BAD_SYMBOL, COMBINATION
from paper.wire.binance.request import Asked
from paper.wire.refusal import Refusal

NAMES = re.compile(r'\[("[A-Z0-9\-_.]{1,20}"(,"[A-Z0-9\-_.]{1,20}"){0,999})?\]', re.ASCII)
STATUSES = {"TRADING": False, "BREAK": True, "HALT": None}  # which of them halted pairs have
TWICE = Refusal(-1151, "Symbol is present multiple times in the list.")


def list_chosen(asked: Asked) -> list[str]:
    """The pairs that `symbol`, `symbols` and `symbolStatus` choose. Raises Refusal."""
    status = asked.parameters.get("symbolStatus", "")
    if status and status not in STATUSES:
        raise Refusal(-1122, "Invalid symbolStatus.")
    names = _list_named(asked)
    if not names <= asked.venue.market.symbols.keys():
        raise BAD_SYMBOL
    found = [
        name
        for name in asked.venue.market.symbols
        if (not names or name in names) and (not status or asked.venue.market.is_halted(name) is STATUSES[status])
    ]
    if "symbol" in asked.parameters and not found:
        raise Refusal(-1220, "The symbol's status does not match the requested symbolStatus.")
    return found


def is_one(asked: Asked) -> bool:
    """Whether the answer is one row, and no list."""
    return "symbol" in asked.parameters


def _list_named(asked: Asked) -> set[str]:
    """Those of `symbol` or `symbols`; without either, none."""
    if "symbols" not in asked.parameters:
        return {asked.text("symbol")} if is_one(asked) else set()
    if is_one(asked):
        raise COMBINATION
    text = asked.parameters["symbols"].replace(" ", "")
    if not NAMES.fullmatch(text):
        raise Refusal(-1100, f"Illegal characters found in parameter 'symbols'; legal range is '{NAMES.pattern}'.")
    names: list[str] = json.loads(text)
    if len(set(names)) < len(names):
        raise TWICE
    return set(names)
