"""What the owner says about a trade, and the risk that follows from the stop."""

from dataclasses import replace

import pytest

from finance.trade_notes import MOST_TAGS, change_tags, compute_risk, read_tag
from tests.finance.test_trades import only, trade
from tests.monitor.notation import D


def test_the_risk_is_what_the_stop_would_have_lost() -> None:
    """Van K. Tharp, Trade Your Way to Financial Freedom: bought at 50 with a stop at 48, the risk of 100 shares is 200."""
    long = only([trade("+60 BTC at 49", 1), trade("+40 BTC at 51.5", 2)])
    assert compute_risk(long, D(48)) == 200
    assert compute_risk(long, D(51)) is None
    assert compute_risk(replace(long, is_short=True), D("52.5")) == 250


def test_tags_are_alike_however_they_are_written() -> None:
    assert read_tag("  Break   Out ") == "break out"
    assert change_tags(("a", "b"), ["c", "a"], ["b"]) == ("a", "c")
    for wrong in ("", "a,b", "x" * 31, "<b>"):
        with pytest.raises(ValueError, match="can be no tag"):
            read_tag(wrong)
    with pytest.raises(ValueError, match="at most"):
        change_tags((), [str(number) for number in range(MOST_TAGS + 1)], ())
