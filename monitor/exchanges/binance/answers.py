"""The envelopes in which some of Binance's histories answer a page."""

from monitor.exchanges.http.gate import Malformed, Row, a_list, amount, an_object


def read_counted(answer: object, name: str = "rows") -> tuple[list[Row], int | None]:
    """The rows of an answer that also says how many there are in all."""
    page = an_object(answer, name, "total")
    return a_list(page[name], name), int(amount(page, "total"))


def read_envelope(answer: object) -> tuple[list[Row], int | None]:
    """The rows of an answer with code "000000"; its `data` may be missing when there are none."""
    envelope = an_object(answer, "code")
    if envelope["code"] != "000000" or envelope.get("success", True) is not True:
        raise Malformed("the answer says neither success nor why")
    total = None if envelope.get("total") is None else int(amount(envelope, "total"))
    if envelope.get("data") is None:
        if total or "message" not in envelope:
            raise Malformed("the answer has no rows, though it counts some")
        return [], 0
    return a_list(envelope["data"], "data"), total
