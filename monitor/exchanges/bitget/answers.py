"""The envelope around every answer of Bitget, which says success before anything of it is believed, and what is in it."""

import re
from collections.abc import Callable
from typing import TypeVar

from monitor.exchanges.http.dialect import Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, an_object, asset, optional_text

SUCCESS = "00000"
# Of orders `liquidation-sell`, of trades `liquidation_sell`; in a table of the documentation a word ends with one letter too many.
SIDE = re.compile("(?P<why>(liquidation|system_?repay)[-_]|)(?P<side>buy|sell)l?")
T = TypeVar("T")


def unwrap(_: Endpoint, answer: object) -> object:
    """What an answer with code "00000" holds."""
    envelope = an_object(answer, "code", "data")
    if envelope["code"] != SUCCESS:
        raise Malformed("the answer says neither success nor why")
    if envelope["data"] is None:
        raise Malformed("the answer has no data")
    return envelope["data"]


def read_rows(data: object) -> list[Row]:
    """The rows of an answer that is nothing but a list."""
    return a_list(data, "data")


def read_named_rows(data: object, name: str, cursor: str) -> tuple[list[Row], str]:
    """The rows that an answer has under `name`, and what it says the next page is asked for with.

    Where there are none, the exchange writes null for both.
    """
    page = an_object(data, name)
    end = optional_text(page, cursor)
    if page[name] is None and not end:
        return [], ""
    return a_list(page[name], name), end


def coin(row: Row, name: str = "coin") -> str:
    """The name of a coin, in capitals: in examples some endpoints write it small, and it is the same coin."""
    return asset(row, name).upper()


def read_side(word: str) -> tuple[str, str]:
    """The side of a trade or an order, and on margin what the exchange did it for: liquidation, or repay; empty for its owner's."""
    if not (found := SIDE.fullmatch(word.lower())):
        raise Malformed("neither bought nor sold")
    return found["side"], "repay" if "repay" in found["why"] else found["why"].rstrip("-_")


def of_each(read: Callable[[Row], T]) -> Callable[[object], list[T]]:
    """A reader of an answer that is a list, which reads each of its rows."""
    return lambda answer: [read(row) for row in read_rows(answer)]
