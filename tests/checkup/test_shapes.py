"""Shapes: what an answer looks like, and nothing of what is in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.checkup.shapes import describe_shape


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ("[]", "[]"),
        ('{"serverTime": 1772326920000}', "{serverTime: ms}"),
        ('[{"asset": "BTC", "free": "1.5", "n": 3, "x": 0.5, "on": true, "none": null, "void": "", "id": "123"}]',
         '[{asset: text, free: "0.0", n: 0, x: 0.0, on: true or false, none: null, void: "", id: "0"}]'),
        ('[{"a": "1.5", "t": "2026-01-01 10:00:00"}, {"a": null, "b": [{"c": -1}, {"c": []}]}]',
         '[{a: "0.0" | null, t?: "time", b?: [{c: 0 | []}]}]'),
        ('{"BTC": {"free": "1"}, "me@home.example": 1, "4711": 2, "deadbeef01": 3}', '{…: 0 | {free: "0"}}'),
        ('[[1772326920000, "1.5"], [2, ""]]', '[["" | "0.0" | 0 | ms]]'),
        ("", "nothing"),
        ("<html><b>4711</b>", "a web page"),
        ("{broken", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[" * 9 + "]" * 9, "[[[[[[[…]]]]]]]"),
    ],
)  # fmt: skip
def test_a_shape_has_names_and_types(body: str, shape: str) -> None:
    assert describe_shape(body) == shape


SECRETS = st.one_of(
    st.integers(10**5, 10**19).map(str), st.integers(10**5, 10**19), st.from_regex(r"[a-z]{8}[0-9]{6}", fullmatch=True)
)
JSON = st.recursive(
    SECRETS, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.sampled_from("abcde"), inner)), max_leaves=30
)


@given(JSON)
def test_no_value_is_in_its_shape(value: object) -> None:
    shape = describe_shape(json.dumps(value))

    assert not any(letters.isdigit() and letters != "0" for letters in shape)
    assert not any(word in shape for word in _texts(value))


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [str(value)]
