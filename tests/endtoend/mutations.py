"""Mutations by name: of what an answer tells, and of its bytes, status and headers."""

import gzip
import json
from datetime import UTC, datetime
from random import Random

from tests.endtoend import mutated_values as values
from tests.endtoend.mutated_values import Answer, Mutate

CHARSETS = ("utf-7", "utf-16", "utf-32", "nonexistent", "idna", "hex", "rot13", "zlib", "undefined", "unicode_escape",
            "raw_unicode_escape", "punycode", "cp037", "utf-8-sig", "shift_jis", "\xff", "mbcs", "base64")  # fmt: skip
DIGITS = "9" * 5_000
WAITS = (DIGITS, "-1", "1e9", "soon", "", "Fri, 31 Dec 9999 23:59:59 GMT", "\xb2", "0")
CODES: tuple[object, ...] = (
    0,
    -1,
    -1021,
    -1022,
    -2014,
    -2015,
    -8012,
    -9999,
    10**30,
    "-1003",
    None,
    True,
    200000,
    1.5,
    [],
    {},
)
STATUSES = (100 + 101, 202, 204, 205, 206, 300, 301, 302, 304, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 414, 422,
            423, 451, 500, 501, 502, 503, 504, 520, 522, 530, 599)  # fmt: skip
PAUSES = (418, 429)


def _bodies(*bodies: bytes) -> Mutate:
    def mutate(chance: Random, answer: Answer) -> str:
        answer.body = chance.choice(bodies)
        return f"body {answer.body[:20]!r} of {len(answer.body)}"

    return mutate


def _truncate(chance: Random, answer: Answer) -> str:
    answer.body = answer.body[: chance.randrange(len(answer.body))]
    return f"body of {len(answer.body)}"


def _flip(chance: Random, answer: Answer) -> str:
    """A byte somewhere is another one."""
    at = chance.randrange(len(answer.body))
    answer.body = answer.body[:at] + bytes([chance.randrange(256)]) + answer.body[at + 1 :]
    return f"byte {at} -> {answer.body[at : at + 1]!r}"


def _wrap(chance: Random, answer: Answer) -> str:
    told = answer.told
    answer.tell(chance.choice(([told], {"data": told}, {"rows": told, "total": 1}, json.dumps(told), [[told]])))
    return "wrapped"


def _empty(chance: Random, answer: Answer) -> str:
    told = answer.told
    for row in [told] if isinstance(told, list) else values.find_lists(told):
        row.clear()
    answer.tell(told if isinstance(told, list) or chance.random() < 0.5 else {})
    return "emptied"


def _charset(chance: Random, answer: Answer) -> str:
    charset = chance.choice(CHARSETS)
    answer.headers[b"content-type"] = f"application/json; charset={charset}".encode("latin-1")
    if chance.random() < 0.3 and charset in ("utf-16", "utf-32", "utf-7", "cp037", "shift_jis", "utf-8-sig"):
        answer.body = answer.body.decode().encode(charset)
    return charset


def _encoding(chance: Random, answer: Answer) -> str:
    kind = chance.choice(("gzip", "deflate", "br", "zstd", "identity", "bomb", "half", "true"))
    answer.headers[b"content-encoding"] = {"bomb": b"gzip", "half": b"gzip", "true": b"gzip"}.get(kind, kind.encode())
    if kind == "bomb":
        answer.body = BOMB
    elif kind in ("half", "true"):
        packed = gzip.compress(answer.body)
        answer.body = packed[: len(packed) // 2] if kind == "half" else packed
    return kind


def _headers(chance: Random, answer: Answer) -> str:
    name = chance.choice(("retry", "weight", "many", "long", "type", "length", "transfer", "cookie"))
    if name == "retry":
        answer.headers[b"retry-after"] = chance.choice(WAITS).encode("latin-1")
    elif name == "weight":
        answer.headers[b"x-mbx-used-weight-1m"] = chance.choice((DIGITS, "-5", "x", "\xb2", "")).encode("latin-1")
    elif name == "many":
        answer.headers |= {f"x-{n}".encode(): b"x" * 50 for n in range(2_000)}
    elif name == "long":
        answer.headers[b"x-long"] = b"x" * chance.choice((9_000, 17_000, 100_000))
    elif name == "type":
        answer.headers[b"content-type"] = chance.choice((b"text/html", b"", b'a/b; c="', b"\xff\xfe", b"multipart/x"))
    elif name == "cookie":
        answer.headers[b"set-cookie"] = b"a=\xff; domain=..; expires=never"
    else:
        answer.headers[b"date"] = b"never"
    return name


def _status(chance: Random, answer: Answer) -> str:
    answer.status = chance.choice(STATUSES)
    answer.headers[b"location"] = b"http://127.0.0.1:1/" + DIGITS.encode()
    kept = chance.random() < 0.5
    if answer.status in (204, 205, 304):
        answer.body = b""
    elif not kept:
        answer.body = chance.choice((b"", b"<html>", b'{"code": -1, "msg": "no"}', b"\xff\xfe", b'{"code": "x"}'))
    return f"status {answer.status}"


def _refusal(chance: Random, answer: Answer) -> str:
    answer.status = chance.choice((200, 400, 401, 403, 500))
    message = chance.choice(("no", "\x00", "\ud800", "x" * 100_000, None, 5, ["a"], "key=AAAAAAAA", "\u202e"))
    answer.tell({"code": chance.choice(CODES), "msg": message})
    return f"status {answer.status}, {answer.body[:40]!r}"


def _pause(chance: Random, answer: Answer) -> str:
    answer.status = chance.choice(PAUSES)
    answer.headers[b"retry-after"] = chance.choice(WAITS).encode("latin-1")
    until = int(datetime(2026, 3, 1, 4, 3, tzinfo=UTC).timestamp() * 1000)
    answer.body = chance.choice((b"", f"banned until {until}".encode(), b"until 9999999999999", b"[" * 50_000))
    return f"pause {answer.status}"


def _cut(chance: Random, _: Answer) -> str:
    return f"cut {chance.choice(('reset', 'close', 'truncate', 'garbage'))}"


BOMB = gzip.compress(b"[" + b" " * 64_000_000 + b"]")
MUTATIONS: dict[str, Mutate] = {
    "number": values.set_value(values.NUMBERS, lambda _, value: values.is_number(value)),
    "bare number": values.set_value((1e308, -5, 10**40, 0, -0.0, 1e-300, 123456789), lambda _, value: values.is_number(value)),
    "text": values.set_value(values.TEXTS, lambda _, value: isinstance(value, str)),
    "name": values.set_value(values.TEXTS, lambda name, _: any(w in str(name).lower() for w in ("asset", "coin", "symbol", "id"))),
    "time": values.set_value(values.TIMES, values.is_time),
    "value": values.set_value(values.VALUES),
    "scale": values.scale,
    "drop field": values.change_field(values.drop),
    "rename field": values.change_field(values.rename),
    "nest": values.change_field(values.nest),
    "twin field": values.twin_field,
    "drop row": values.change_rows(values.drop_row),
    "double row": values.change_rows(values.double_row),
    "put row": values.change_rows(values.put_row),
    "shuffle": values.change_rows(values.shuffle),
    "many rows": values.change_rows(values.add_rows),
    "body": _bodies(b"", b"null", b"true", b"0", b'""', b"[]", b"{}", b"[[]]", b"[{}]", b"\xff" * 100, b"[" * 100_000,
                    b'{"a":' * 50_000, b"<html>", b"\x00", b"9" * 10_000, b"[1e999]", b"NaN", b" " * 9_000_000),
    "truncate": _truncate,
    "flip": _flip,
    "wrap": _wrap,
    "empty": _empty,
    "charset": _charset,
    "encoding": _encoding,
    "headers": _headers,
    "status": _status,
    "refusal": _refusal,
    "pause": _pause,
    "cut": _cut,
}  # fmt: skip
