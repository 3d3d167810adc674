"""The one policy: what every kind of answer means to the hour, with everything that may be known beside it."""

from decimal import Decimal
from itertools import product

import pytest

from finance.observed import Place, Refusal, RefusalReason, Role
from monitor.exchanges.binance.dialect import REASONS
from monitor.exchanges.policy import (
    Evidence,
    Meaning,
    describe_effect,
    is_estimate,
    judge,
    voids,
)

REQUIRED = Place(name="spot", role=Role.REQUIRED)
WALLET = Place(name="cross_margin", role=Role.WALLET)
FUTURES = Place(name="usd_m_futures", role=Role.WALLET, has_own_right=True)
FLOWS = Place(name="Binance Pay", role=Role.FLOWS)
INCOME = Place(name="dividends", role=Role.INCOME)
OPTIONAL = (WALLET, FUTURES, FLOWS, INCOME)
ABSENT_CODES = [code for code, reason in REASONS.items() if reason is RefusalReason.NOT_OPENED]
KEY_CODES = [code for code, reason in REASONS.items() if reason is RefusalReason.KEY]
ZERO, MONEY = Decimal(0), Decimal(250)
NONE = Evidence(total=ZERO)


def error(code: int, status: int = 400) -> Refusal:
    return Refusal(status=status, code=code, reason=REASONS.get(code))


GONE = Refusal(status=404, is_page=True)
OF_THE_EXCHANGE = [*(error(code) for code in ABSENT_CODES), error(-9999), error(-1000, 404), error(-4, 401), GONE]
OF_OTHERS = [
    None,
    Refusal(status=403, is_page=True),
    Refusal(status=400, is_page=True),
    Refusal(status=503, is_page=True),
    Refusal(status=404),
    Refusal(status=400),
    Refusal(status=451),
    error(-3003, 403),
    error(-9999, 200),
    error(-9999, 418),
    error(-9999, 500),
    error(-1022),
    error(-1022, 401),
]


@pytest.mark.parametrize("refusal", OF_OTHERS)
def test_what_the_exchange_did_not_refuse_in_its_own_words_has_failed(refusal: Refusal | None) -> None:
    for place in OPTIONAL:
        for used, judged, counted, total in product((True, False), (True, False), (True, False), (None, ZERO, MONEY)):
            known = Evidence(was_used=used, was_judged=judged, is_counted=counted, total=total)
            assert judge(place, refusal, known) is Meaning.FAILED
        assert voids(place, Meaning.FAILED) is (place.role is not Role.INCOME)


@pytest.mark.parametrize("refusal", [*OF_THE_EXCHANGE, *OF_OTHERS, error(-2015, 401)])
def test_what_is_required_is_never_missing(refusal: Refusal | None) -> None:
    assert judge(REQUIRED, refusal, NONE) is Meaning.FAILED
    assert voids(REQUIRED, Meaning.FAILED)


@pytest.mark.parametrize("refusal", OF_THE_EXCHANGE)
def test_a_refused_wallet_is_what_the_exchanges_total_says(refusal: Refusal) -> None:
    assert judge(WALLET, refusal, NONE) is Meaning.NOT_OPENED
    assert judge(WALLET, refusal, Evidence(total=ZERO, was_used=True)) is Meaning.REFUSED
    assert judge(WALLET, refusal, Evidence(total=Decimal("0.4"))) is Meaning.REFUSED
    assert judge(WALLET, refusal, Evidence(total=MONEY)) is Meaning.HOLDS_MONEY
    assert judge(WALLET, refusal, Evidence(total=-MONEY)) is Meaning.HOLDS_MONEY
    assert judge(WALLET, refusal, Evidence(total=MONEY, is_counted=True)) is Meaning.COUNTED


@pytest.mark.parametrize("refusal", OF_THE_EXCHANGE)
def test_without_a_total_a_wallet_waits_unless_waiting_changes_nothing(refusal: Refusal) -> None:
    is_named = refusal.code in ABSENT_CODES
    stands = Meaning.NOT_OPENED if is_named else Meaning.REFUSED
    assert judge(WALLET, refusal, Evidence()) is Meaning.FAILED
    assert judge(WALLET, refusal, Evidence(was_used=True, has_totals=False)) is Meaning.FAILED
    assert judge(WALLET, refusal, Evidence(is_counted=True)) is Meaning.FAILED
    assert judge(WALLET, refusal, Evidence(was_judged=True)) is stands
    assert judge(WALLET, refusal, Evidence(has_totals=False)) is stands
    assert is_estimate(WALLET, stands, Evidence(has_totals=False)) is not is_named
    assert not is_estimate(WALLET, Meaning.REFUSED, NONE)


@pytest.mark.parametrize("code", KEY_CODES)
def test_a_right_of_its_own_may_be_missing_where_the_key_works(code: int) -> None:
    refusal = error(code, 401)
    assert judge(FUTURES, refusal, NONE) is Meaning.NOT_OPENED
    assert judge(FUTURES, refusal, Evidence(total=MONEY)) is Meaning.HOLDS_MONEY
    assert judge(FUTURES, refusal, Evidence(total=ZERO, key_works=False)) is Meaning.FAILED
    for place in (WALLET, FLOWS, INCOME):
        assert judge(place, refusal, NONE) is Meaning.FAILED
    assert judge(Place(name="income", role=Role.INCOME, has_own_right=True), refusal, NONE) is Meaning.NOT_OPENED


@pytest.mark.parametrize("refusal", OF_THE_EXCHANGE)
def test_a_refused_history_of_flows_is_absent_only_by_name(refusal: Refusal) -> None:
    is_named = refusal.code in ABSENT_CODES
    meaning = judge(FLOWS, refusal, NONE)
    assert meaning is (Meaning.NOT_OPENED if is_named else Meaning.REFUSED)
    assert judge(FLOWS, refusal, Evidence(was_used=True)) is Meaning.REFUSED
    assert (is_estimate(FLOWS, meaning, NONE), voids(FLOWS, meaning)) == (not is_named, False)


@pytest.mark.parametrize(("place", "meaning"), list(product((REQUIRED, *OPTIONAL), Meaning)))
def test_every_meaning_says_in_words_whether_the_hour_has_a_figure(place: Place, meaning: Meaning) -> None:
    for known in (NONE, Evidence(), Evidence(total=MONEY)):
        said = describe_effect(place, meaning, known)
        assert voids(place, meaning) is said.startswith("PARTIAL")
        assert is_estimate(place, meaning, known) is ("estimated" in said)
    assert "count-total LABEL cross_margin" in describe_effect(WALLET, Meaning.HOLDS_MONEY, Evidence(total=MONEY))
