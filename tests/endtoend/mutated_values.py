"""Mutations of what an answer tells: a value, a field, a row somewhere in it becomes another one."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

NUMBERS = ("1e36", "1e400", "9" * 60, "-1", "-0", "NaN", "Infinity", "-Infinity", "", " 1", "1_000", "١٢", "0x10", "1e-60",
           "1,5", "9" * 5_000, "1e99999999999", "+5", ".5", "5.", "0", "1e20", "99999999999999999999.9")  # fmt: skip
TEXTS = ("\x00", "A\x00B", "\ud800", "\udfff!", "\u202eTDSU", "BTC\u200b", "A" * 100_000, "", " ", "null", "'; drop table x",
         "<script>", "%s%n{}", "🙂" * 300, "BTC\n", "\ufeffBTC", "USDT ", "1INCH'")  # fmt: skip
TIMES = (0, -1, 1, 86_400_000, 4_070_908_800_000, 4_102_444_800_001, 9_999_999_999_999_999, "1970-01-01 00:00:00",
         "2099-01-01 00:00:00", "2026-13-45 99:99:99", 1_772_323_200, "soon", "9" * 5_000, 10**400, 1.5, None, True)  # fmt: skip
VALUES: tuple[object, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    "",
    "x",
    [],
    {},
    [[]],
    {"a": 1},
    1e308,
    10**40,
    "0",
    ["1"],
    -0.0,
)


@dataclass(slots=True)
class Answer:
    """What is about to be sent."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def told(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)

    def tell(self, told: Any) -> None:
        """Another body; halves of characters are written as JSON writes them."""
        self.body = json.dumps(told).encode()


Mutate = Callable[[Random, Answer], str]


def _objects(told: Any) -> Iterator[dict[str, Any]]:
    """Every object in an answer that has fields."""
    if isinstance(told, dict):
        if told:
            yield told
        for value in told.values():
            yield from _objects(value)
    elif isinstance(told, list):
        for value in told:
            yield from _objects(value)


def find_lists(told: Any) -> Iterator[list[Any]]:
    if isinstance(told, list):
        if told:
            yield told
        for value in told:
            yield from find_lists(value)
    elif isinstance(told, dict):
        for value in told.values():
            yield from find_lists(value)


def _places(told: Any) -> list[tuple[Any, Any]]:
    """Where a value stands: a container and its name or number. Prices: those of the victim's coin only."""
    if isinstance(told, list) and len(told) > 5 and all(isinstance(row, dict) and "symbol" in row for row in told):
        told = [row for row in told if row["symbol"] == "ADAUSDT"] or told
    found = [(row, name) for row in _objects(told) for name in row]
    return found + [
        (row, n) for row in find_lists(told) for n in range(len(row)) if not isinstance(row[n], dict | list)
    ]


def is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def is_time(name: Any, value: Any) -> bool:
    return (
        not isinstance(name, int) and any(word in str(name).lower() for word in ("time", "date")) and value is not None
    )


def set_value(values: tuple[Any, ...], wanted: Callable[[Any, Any], bool] = lambda *_: True) -> Mutate:
    """One value somewhere becomes one of `values`."""

    def mutate(chance: Random, answer: Answer) -> str:
        told = answer.told
        places = [(row, name) for row, name in _places(told) if wanted(name, row[name])]
        if not places:
            return "nothing to mutate"
        row, name = chance.choice(places)
        before, row[name] = row[name], chance.choice(values)
        answer.tell(told)
        return f"{name}: {str(before)[:30]!r} -> {str(row[name])[:40]!r}"

    return mutate


def scale(chance: Random, answer: Answer) -> str:
    told = answer.told
    places = [
        (row, name)
        for row, name in _places(told)
        if isinstance(row[name], str) and is_number(row[name]) and float(row[name]) and "id" not in str(name).lower()
    ]
    if not places:
        return "nothing to mutate"
    row, name = chance.choice(places)
    before, factor = row[name], chance.choice((2, 0.5, 10, 100, 0.01, 1.05, 0.99, -1, 1e6))
    row[name] = f"{float(before) * factor:.8f}"
    answer.tell(told)
    return f"{name}: {before} -> {row[name]}"


def change_field(change: Callable[[Random, dict[str, Any], str], None]) -> Mutate:
    def mutate(chance: Random, answer: Answer) -> str:
        told = answer.told
        rows = list(_objects(told))
        if not rows:
            return "nothing to mutate"
        row = chance.choice(rows)
        name = chance.choice(list(row))
        change(chance, row, name)
        answer.tell(told)
        return f"field {name}"

    return mutate


def drop(_: Random, row: dict[str, Any], name: str) -> None:
    del row[name]


def rename(chance: Random, row: dict[str, Any], name: str) -> None:
    row[chance.choice((name.upper(), name + " ", "x" + name, "", "__class__", "\x00"))] = row.pop(name)


def nest(chance: Random, row: dict[str, Any], name: str) -> None:
    row[name] = chance.choice(([row[name]], {name: row[name]}, [[[row[name]]]]))


def twin_field(chance: Random, answer: Answer) -> str:
    """A name twice in an object: the second one wins in most readers."""
    rows = list(_objects(answer.told))
    if not rows:
        return "nothing to mutate"
    name = chance.choice(list(chance.choice(rows)))
    before = f'"{name}": '.encode()
    answer.body = answer.body.replace(before, f'"{name}": {json.dumps(chance.choice(VALUES))}, '.encode() + before, 1)
    return f"field {name} twice"


def change_rows(change: Callable[[Random, list[Any]], None]) -> Mutate:
    def mutate(chance: Random, answer: Answer) -> str:
        told = answer.told
        lists = [one for one in find_lists(told) if one]
        if not lists:
            return "nothing to mutate"
        found = chance.choice(lists)
        change(chance, found)
        answer.tell(told)
        return f"a list of {len(found)}"

    return mutate


def drop_row(chance: Random, rows: list[Any]) -> None:
    del rows[chance.randrange(len(rows))]


def double_row(chance: Random, rows: list[Any]) -> None:
    rows.append(chance.choice(rows))


def put_row(chance: Random, rows: list[Any]) -> None:
    rows.insert(chance.randrange(len(rows) + 1), chance.choice(VALUES))


def shuffle(chance: Random, rows: list[Any]) -> None:
    chance.shuffle(rows)


def add_rows(_: Random, rows: list[Any]) -> None:
    rows.extend(rows[:1] * 20_000)
