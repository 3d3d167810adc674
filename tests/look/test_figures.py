"""How numbers are written: signs and units always, a real minus, thousands apart."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from look import figures
from look.pages import unbroken

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (figures.money(D("-1234567.891")), "−1,234,567.89"),
        (figures.money(D("-0.004")), "0.00"),
        (figures.money(None), "unknown"),
        (figures.signed_money(D("0.004")), "0.00"),
        (figures.signed_money(D("12")), "+12.00"),
        (figures.compact(D("-9999.994")), "−9,999.99"),
        (figures.compact(D("33645.20")), "+33,645"),
        (figures.compact(D("-1804321.20")), "−1.80M"),
        (figures.compact(D("50000000"), is_change=False), "50.00M"),
        (figures.whole_share(0.004), "<1\u202f%"),
        (figures.whole_share(0.0), "0\u202f%"),
        (figures.whole_share(0.235), "24\u202f%"),
        (figures.percent(D("-0.12346")), "−12.35\u202f%"),
        (figures.points(0.0101), "+1.01\u202fpp"),
        (figures.points(None), "not available"),
        (figures.unsigned_percent(0.5), "50.00\u202f%"),
        (figures.quantity(D("1234.50000000")), "1,234.5"),
        (figures.quantity(D("0.000000001")), "0"),
        (figures.quantity(D("-0.000000001")), "0"),
        (figures.quantity(D("-0.5")), "−0.5"),
        (figures.price(D("0.00001234")), "0.000012340"),
        (figures.price(D("97123.456")), "97,123.46"),
        (figures.price(None), "no price"),
        (figures.signed_ratio(-0.5), "−0.50"),
        (figures.ratio(-0.001), "0.00"),
        (figures.short("a word, too many", 11), "a word …"),
        (figures.short("short enough"), "short enough"),
        (figures.day(NOW), "2026-03-01"),
        (figures.hours(1), "1 hour"),
        (figures.hours(1441), "1,441 hours"),
        (figures.words("usd_m_futures"), "USD-M futures"),
        (figures.age(NOW - timedelta(minutes=90), NOW), "1 h 30 min ago"),
        (figures.age(NOW + timedelta(minutes=2), NOW), "less than a minute ago"),
    ],
)
def test_a_figure_is_written_for_reading(written: str, expected: str) -> None:
    assert written == expected


def test_points_stand_under_each_other() -> None:
    column = [figures.aligned_quantity(D(text)) for text in ("17006.4", "0.00000001", "2500")]
    places = [len(text) - max(text.find("."), text.find("\N{PUNCTUATION SPACE}")) for text in column]
    assert len(set(places)) == 1


def test_only_differences_have_a_tone() -> None:
    written = [figures.signed_money(D(text)) for text in ("1", "0", "-1", "0.004")]
    assert [figures.tone(text) for text in written] == ["ahead", "", "behind", ""]
    assert figures.tone(figures.percent(None)) == ""


def test_a_day_in_a_sentence_is_not_broken_and_the_rest_is_escaped() -> None:
    assert unbroken("from 2026-01-02 <to> 2026-02-03.") == (
        'from <span class="day">2026-01-02</span> &lt;to&gt; <span class="day">2026-02-03</span>.'
    )
