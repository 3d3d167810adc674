"""What `make drift` says of two versions of the exchange's clients."""

from copy import deepcopy
from typing import Any

import pytest

from tests.judges.drift import compare
from tests.judges.official import describe

NAME = "GET /fapi/v1/income"


def without_limit(told: dict[str, Any]) -> None:
    del told[NAME]["parameters"]["limit"]


def with_page(told: dict[str, Any]) -> None:
    told[NAME]["parameters"]["page"] = {"is_required": True, "values": "whole"}


def without_asset(told: dict[str, Any]) -> None:
    del told[NAME]["answer"][1]["asset"]


def with_text(told: dict[str, Any]) -> None:
    told[NAME]["answer"][1]["tranId"] = "text"


CHANGED = {
    without_limit: ['parameter limit: {"is_required": false, "values": "whole"} -> none'],
    with_page: ['parameter page: none -> {"is_required": true, "values": "whole"}'],
    without_asset: ["field [].asset: text -> none"],
    with_text: ["field [].tranId: whole -> text"],
    lambda told: told.pop(NAME): ["gone"],
    lambda told: told[NAME].update(is_signed=False): ["is_signed is False, was True"],
    lambda told: None: [],
}


@pytest.mark.parametrize("change", CHANGED)
def test_it_says_what_is_different(change: Any) -> None:
    newer = deepcopy(describe())
    change(newer)

    assert list(compare(NAME, describe(), newer)) == [f"{NAME}: {line}" for line in CHANGED[change]]


def test_a_path_that_was_unknown_is_told_when_it_exists() -> None:
    assert list(compare(NAME, {}, describe())) == [f"{NAME}: exists now"]
    assert list(compare("GET /nowhere", describe(), describe())) == []
