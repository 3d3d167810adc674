"""What answers and the shape that a client declares don't have in common, field by field.

A client's models let every field be absent and keep what they don't know, so that they would take anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

Kinds = dict[str, set[str]]  # by the field's path, like rows[].asset
NOTHING = "nothing"


def differences(shape: Any, answers: Iterable[Any]) -> set[str]:
    """In words, what `answers` lack, invent or have of another kind; a list that is empty in all of them is not judged.

    A field is lacking if no row of any answer has it.
    """
    declared: Kinds = defaultdict(set)
    seen: Kinds = defaultdict(set)
    for answer in answers:
        _collect(shape, answer, "", declared, seen)
    return {*_say(declared, seen)}


def _collect(shape: Any, value: Any, path: str, declared: Kinds, seen: Kinds) -> None:
    """Note what `shape` declares for the parts that `value` has, and what they are."""
    shape = _choose(shape, value)
    declared[path].add(_name(shape))
    seen[path].add(_kind(value))
    if isinstance(shape, dict) and isinstance(value, dict):
        for name in shape.keys() | value.keys():
            inner = f"{path}.{name}".lstrip(".")
            if name not in value:
                declared[inner].add(_name(shape[name]))
            elif name not in shape:
                seen[inner].add(_kind(value[name]))
            else:
                _collect(shape[name], value[name], inner, declared, seen)
    if isinstance(shape, list) and isinstance(value, (list, dict)):
        declared[f"{path}[]"].add(_name(shape[1]))
        for item in value if isinstance(value, list) else value.values():
            _collect(shape[1], item, f"{path}[]", declared, seen)


def _choose(shape: Any, value: Any) -> Any:
    """Of several shapes the one that has most in common with `value`."""
    if not isinstance(shape, list) or shape[0] != "one of":
        return shape
    return max((_choose(one, value) for one in shape[1:]), key=lambda one: _likeness(one, value))


def _likeness(shape: Any, value: Any) -> tuple[bool, int]:
    if isinstance(shape, dict) and isinstance(value, dict):
        return True, len(shape.keys() & value.keys()) - len(shape.keys() ^ value.keys())
    return _fits({_name(shape)}, _kind(value)), 0


def _name(shape: Any) -> str:
    if isinstance(shape, dict):
        return "object"
    if isinstance(shape, list):
        return str({"map": "object"}.get(shape[0], shape[0]))
    return str(shape)


def _kind(value: Any) -> str:
    kinds = {str: "text", bool: "flag", int: "whole", float: "number", dict: "object", list: "list"}
    return kinds.get(type(value), "null")


def _fits(declared: set[str], kind: str) -> bool:
    return kind in declared or "any" in declared or "one of" in declared or (kind == "whole" and "number" in declared)


def _say(declared: Kinds, seen: Kinds) -> Iterator[str]:
    for path in declared.keys() | seen.keys():
        if path not in declared:
            yield f"invents {path}"
        elif path not in seen:
            yield f"has {NOTHING} in {path}" if path.endswith("[]") else f"lacks {path}"
        else:
            wrong = {kind for kind in seen[path] if not _fits(declared[path], kind)}
            yield from (f"{path} is {kind}, not {' or '.join(sorted(declared[path]))}" for kind in sorted(wrong))
