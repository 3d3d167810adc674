"""The envelope around every answer of Bitget, which says success before anything of it is believed, and what is in it."""

from collections.abc import Callable
from typing import TypeVar

from monitor.exchanges.http.dialect import Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, an_object, asset, optional_text

SUCCESS = "00000"
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


def of_each(read: Callable[[Row], T]) -> Callable[[object], list[T]]:
    """A reader of an answer that is a list, which reads each of its rows."""
    return lambda answer: [read(row) for row in read_rows(answer)]
