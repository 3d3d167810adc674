"""Rules, episodes, thresholds and quiet hours of alerts: pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alert_settings import Rule, Thresholds, parse_quiet, parse_rules
from monitor.errors import SettingsError
from monitor.notify.delivery import name_targets
from monitor.notify.judgement import (
    Difference,
    Episode,
    Figures,
    Finding,
    Freshness,
    Judgement,
    Level,
    Pages,
    Performance,
    Reading,
    Turns,
    UnexplainedHour,
    Watched,
    follow_episodes,
)
from monitor.notify.performance_rules import judge_performance
from monitor.notify.reading_rules import judge_disk, judge_freshness, judge_reading
from monitor.notify.redaction import redact
from monitor.settings import read_settings
from sql.vault import Secret

NOW = datetime(2026, 5, 10, 12, 5, tzinfo=UTC)
HOUR = datetime(2026, 5, 10, 12, tzinfo=UTC)
PAGES = Pages(address="http://127.0.0.1:8000")
USUAL = Thresholds()


def level(hours_ago: int, unit_price: str, benchmark: str | None = "100", nav: str = "1000") -> Level:
    return Level(
        hour=HOUR - timedelta(hours=hours_ago),
        nav=Decimal(nav),
        unit_price=Decimal(unit_price),
        benchmark_unit_price=Decimal(benchmark) if benchmark else None,
    )


def figures(now: str = "100", **changes: Level | Decimal) -> Figures:
    steady = Performance(
        level=level(0, now),
        benchmark="hold",
        period_start=level(720, now),
        day_start=level(24, now),
        day_flows=Decimal(0),
        peak=level(2000, now),
    )
    return Figures(account_id=1, label="main", performance=replace(steady, **changes))  # type: ignore[arg-type]


def judge(told: Figures, rule: Rule, limits: Thresholds = USUAL) -> Judgement | None:
    return next((one for one in judge_performance(told, limits, PAGES) if one.rule is rule), None)


def reading(**changes: object) -> Reading:
    well = Reading(
        account_id=1,
        label="main",
        newest=HOUR,
        hours_without=0,
        reason="",
        unexplained=(),
        refused=(),
        differences=(),
        unclear_transfers=(),
        switch=None,
        key_dangers=(),
        is_overpowered=False,
        key_expires_at=None,
    )
    return replace(well, **changes)  # type: ignore[arg-type]


def read(told: Reading, rule: Rule, limits: Thresholds = USUAL) -> Finding | None:
    judged = next(one for one in judge_reading(told, limits, PAGES, NOW) if one.rule is rule)
    return judged.findings[0] if judged.findings else None


# ------------------------------------------------------------------------------------------------ how an account fares


def test_points_behind_the_benchmark_are_told_with_both_returns() -> None:
    judged = judge(figures(level=level(0, "99", "106"), period_start=level(720, "100", "100")), Rule.BEHIND)

    assert judged
    (finding,) = judged.findings
    assert finding.begins
    assert finding.title == "main: 7.0 points behind the benchmark"
    assert (
        "made -1.00 %" in finding.body and "'hold' +6.00 %" in finding.body and "2026-04-10 12:00 UTC" in finding.body
    )
    assert finding.body.endswith("http://127.0.0.1:8000/performance?account=1")


@pytest.mark.parametrize(
    ("benchmark", "expected"),
    [("105", [True]), ("104.99", [False]), ("104", [False]), ("103.99", []), ("90", [])],
)
def test_behind_begins_at_the_limit_and_is_over_below_four_fifths_of_it(benchmark: str, expected: list[bool]) -> None:
    judged = judge(figures(level=level(0, "100", benchmark)), Rule.BEHIND)

    assert judged and [finding.begins for finding in judged.findings] == expected


def test_an_unknown_benchmark_is_not_judged() -> None:
    assert judge(figures(level=level(0, "100", None)), Rule.BEHIND) is None
    assert judge(figures(period_start=level(720, "100", None)), Rule.BEHIND) is None


def test_a_drawdown_names_its_peak() -> None:
    judged = judge(figures("75", peak=level(100, "100")), Rule.DRAWDOWN)

    assert judged and "25.00 % below its highest" in judged.findings[0].body
    assert "2026-05-06 08:00 UTC" in judged.findings[0].body and "1,000.00 USDT" in judged.findings[0].body


@pytest.mark.parametrize(("now", "subject"), [("111", "up"), ("89", "down")])
def test_a_move_is_told_in_both_directions(now: str, subject: str) -> None:
    judged = judge(figures(now, day_start=level(24, "100")), Rule.MOVE)

    assert judged and [(f.subject, f.begins) for f in judged.findings] == [(subject, True)]


@pytest.mark.parametrize(("now", "expected"), [("110", [True]), ("109.99", [False]), ("108", [False]), ("107.99", [])])
def test_a_move_begins_at_the_limit_and_is_over_below_four_fifths_of_it(now: str, expected: list[bool]) -> None:
    judged = judge(figures(now, day_start=level(24, "100")), Rule.MOVE)

    assert judged and [finding.begins for finding in judged.findings] == expected


def test_a_move_says_what_of_it_was_paid_in() -> None:
    told = figures("111", day_start=level(24, "100"), day_flows=Decimal("250"))
    judged = judge(told, Rule.MOVE)

    assert judged and "+250.00 USDT of it paid in or out" in judged.findings[0].body


def test_an_empty_account_ends_what_was_told_of_its_figures() -> None:
    judged = judge_performance(Figures(account_id=1, label="main", performance=None), USUAL, PAGES)

    assert [one.rule for one in judged] == [Rule.BEHIND, Rule.DRAWDOWN, Rule.MOVE]
    assert not any(one.findings for one in judged)


# ------------------------------------------------------------------------------------------------- the measurement


def test_hours_without_a_figure_are_told_from_the_third_on() -> None:
    assert read(reading(hours_without=2, reason="spot: HTTP 503"), Rule.INCOMPLETE) is None

    finding = read(reading(hours_without=3, reason="spot: HTTP 503"), Rule.INCOMPLETE)
    assert finding and "from 2026-05-10 10:00 UTC on" in finding.body and "spot: HTTP 503" in finding.body


def test_a_long_foreign_reason_is_cut_and_stays_on_its_line() -> None:
    finding = read(reading(hours_without=3, reason="x\n" * 1000), Rule.INCOMPLETE)

    assert finding and "\n" not in finding.body and len(finding.body) < 700


def test_what_is_refused_and_may_be_lacking_is_told_with_the_exchanges_words() -> None:
    assert read(reading(reason="P2P orders: no"), Rule.REFUSED) is None

    finding = read(reading(refused=("P2P orders", "options"), reason="P2P orders: HTTP 400, code -9999"), Rule.REFUSED)
    assert finding and finding.title == "main: the exchange refuses P2P orders, options"
    assert "code -9999" in finding.body and "estimates" in finding.body


def test_the_largest_unexplained_hour_is_told_first() -> None:
    hours = [UnexplainedHour(hour=HOUR, residual=Decimal(r), cause="a transfer") for r in ("20", "-500.5", "30")]
    finding = read(reading(unexplained=tuple(hours)), Rule.UNEXPLAINED)

    assert finding and finding.title == "main: -500.50 USDT unexplained"
    assert "Likely: a transfer." in finding.body and "2 more of the last 24 hours" in finding.body


def test_differences_to_the_exchange_are_told_largest_first() -> None:
    found = [Difference(kind="wallet_total", subject=f"W{n}", difference=Decimal(n)) for n in range(1, 6)]
    finding = read(reading(differences=tuple(found)), Rule.DIFFERENCE)

    assert finding and finding.title.endswith("+5.00 USDT")
    assert "wallet total W5 +5.00 USDT" in finding.body and "and 2 more" in finding.body


@pytest.mark.parametrize(("days", "word"), [(15, None), (14, "expires on 2026-05-24"), (-1, "has expired")])
def test_the_end_of_a_key_is_told_two_weeks_ahead(days: int, word: str | None) -> None:
    finding = read(reading(key_expires_at=NOW + timedelta(days=days)), Rule.KEY_EXPIRY)

    assert (finding is None) if word is None else (finding and word in finding.title)


def test_a_key_with_too_many_rights_is_told_with_them() -> None:
    finding = read(reading(is_overpowered=True, key_dangers=("enableWithdrawals",)), Rule.KEY_RIGHTS)

    assert finding and "enableWithdrawals" in finding.body and "account rekey main" in finding.body


def test_missing_hours_are_counted_from_the_newest_measured_one() -> None:
    def judged(hours: int) -> Judgement:
        freshness = Freshness(newest=HOUR - timedelta(hours=hours), has_hours=True)
        judgement = judge_freshness(freshness, USUAL, PAGES, NOW)
        assert judgement
        return judgement

    assert not judged(1).findings
    assert judged(2).findings[0].title == "No hour recorded for 2 hours"


def test_a_rule_that_is_off_says_nothing() -> None:
    off = parse_rules(
        "behind=off drawdown=off move=off unexplained=off incomplete=off refused=off difference=off transfers=off switched=off key-expiry=off key-rights=off stale=off disk=off"
    )
    worst = figures("1", peak=level(9, "100"), day_start=level(9, "100"), period_start=level(9, "100"))

    assert judge_performance(worst, off, PAGES) == []
    assert judge_reading(reading(hours_without=99, is_overpowered=True), off, PAGES, NOW) == []
    assert judge_freshness(Freshness(newest=HOUR - timedelta(days=9), has_hours=True), off, PAGES, NOW) is None
    assert judge_disk(0, off) is None


def test_the_disk_is_nearly_full_below_its_limit_and_not_at_it() -> None:
    low, enough = judge_disk(499_999_999, USUAL), judge_disk(500_000_000, USUAL)

    assert low and low.findings[0].title == "The disk is nearly full: 499 MB left"
    assert enough and not enough.findings
    assert "500 MB are left" in enough.relief


# ------------------------------------------------------------------------------------------------------ thresholds


def test_only_named_limits_change() -> None:
    assert parse_rules("drawdown=12.5, move=off behind-days=7") == Thresholds(
        drawdown=Decimal("12.5"), move=None, behind_days=7
    )
    assert parse_rules("") == USUAL


@pytest.mark.parametrize(
    "text",
    ["drawdown", "drawdown=0", "drawdown=-5", "drawdown=nan", "drawdown=yes", "stale=1.5", "stale=0", "stale=²",
     "key-rights=5", "key_rights=on", "behind-days=off", "losses=5", "move=5 move=6"],
)  # fmt: skip
def test_a_malformed_limit_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="NOTIFY_RULES"):
        read_settings({"NOTIFY_RULES": text})


def test_a_malformed_target_is_refused_without_showing_it() -> None:
    with pytest.raises(SettingsError, match="address 2") as refused:
        read_settings({"NOTIFY_URLS": "json://127.0.0.1/x  tgram:canary"})

    assert "canary" not in str(refused.value)
    assert "canary" not in repr(read_settings({"NOTIFY_URLS": "json://canary"}))


def test_nothing_of_a_targets_address_is_in_what_is_said_of_it() -> None:
    url = Secret("mailtos://owner:p%40ss+word@mail.example?to=me@home.example")
    said = "p@ss p%40ss word owner at mail.example refused owner's mailtos to home.example"

    assert redact(said, url) == "… … … … at … refused …'s mailtos to …"
    (target,) = name_targets([url])
    assert target.name == "mailtos" and "mail.example" not in repr(target)


@pytest.mark.parametrize("said", ["S3cret$x", "S3cret%24x", "s3cret$x", "S3CRET%24X"])
def test_a_targets_secret_is_not_told_in_another_spelling(said: str) -> None:
    assert redact(f"refused: {said}!", Secret("jsons://me:S3cret$x@example.com")) == "refused: …!"
    assert redact(f"refused: {said}!", Secret("jsons://me:S3cret%24x@example.com")) == "refused: …!"


# ----------------------------------------------------------------------------------------------------- quiet hours


@pytest.mark.parametrize(
    ("moment", "is_quiet"),
    [
        ("2026-01-10T20:59+00:00", False),
        ("2026-01-10T21:00+00:00", True),
        ("2026-01-11T05:59+00:00", True),
        ("2026-01-11T06:00+00:00", False),
        ("2026-07-10T20:00+00:00", True),  # summer time
        ("2026-07-11T05:00+00:00", False),
    ],
)
def test_quiet_hours_follow_the_owners_clock_over_midnight_and_in_summer(moment: str, is_quiet: bool) -> None:
    assert parse_quiet("22-7 Europe/Prague").contain(datetime.fromisoformat(moment)) is is_quiet


def test_quiet_hours_within_a_day_and_none() -> None:
    assert parse_quiet("9:30-10:15").contain(datetime(2026, 1, 1, 10, 14, tzinfo=UTC))
    assert not parse_quiet("9:30-10:15").contain(datetime(2026, 1, 1, 10, 15, tzinfo=UTC))
    assert not any(parse_quiet("").contain(NOW + timedelta(hours=n)) for n in range(24))


@pytest.mark.parametrize("text", ["22", "22-7 Europe/Nowhere", "25-7", "22-7 ../etc/passwd", "late"])
def test_malformed_quiet_hours_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="NOTIFY_QUIET"):
        read_settings({"NOTIFY_QUIET": text})


# -------------------------------------------------------------------------------------------------------- episodes

KEYS: list[Watched] = [(1, Rule.DRAWDOWN), (2, Rule.DRAWDOWN), (1, Rule.MOVE)]
# What a rule says of each of two subjects: begins, goes on, nothing; or it can't judge at all.
words = st.one_of(st.none(), st.tuples(*[st.sampled_from(["begins", "goes on", ""])] * 2))
looks = st.lists(st.dictionaries(st.sampled_from(KEYS), words), max_size=30)
Word = tuple[str, ...] | None


def judgements(look: dict[Watched, Word]) -> list[Judgement]:
    return [
        Judgement(
            rule=rule,
            account_id=account_id,
            findings=tuple(
                Finding(subject=str(n), title="t", body="b", begins=word == "begins")
                for n, word in enumerate(said)
                if word
            ),
            relief="fine",
        )
        for (account_id, rule), said in look.items()
        if said is not None
    ]


def follow(episodes: dict[int, Episode], turns: Turns) -> None:
    """The open episodes after the turns."""
    for ended in [*(one.episode for one in turns.ended), *turns.unwatched]:
        del episodes[ended.id]
    for begun in turns.begun:
        number = max(episodes, default=0) + 1
        subject = begun.finding.subject
        episodes[number] = Episode(
            id=number, account_id=begun.account_id, rule=begun.rule, subject=subject, title="t", began_at=NOW
        )


@given(looks)
def test_an_episode_begins_once_and_ends_once_and_never_by_what_is_unknown(looks: list[dict[Watched, Word]]) -> None:
    open_now: dict[int, Episode] = {}
    for look in looks:
        before = {(e.account_id, e.rule, e.subject) for e in open_now.values()}
        follow(open_now, follow_episodes(open_now.values(), judgements(look), KEYS))
        after = {(e.account_id, e.rule, e.subject) for e in open_now.values()}
        assert len(after) == len(open_now)
        for account_id, rule in KEYS:
            said = look.get((account_id, rule))
            for n in range(2):
                key = (account_id, rule, str(n))
                expected = (
                    key in before if said is None else said[n] == "begins" or (said[n] == "goes on" and key in before)
                )
                assert (key in after) is expected


@given(looks)
def test_the_same_look_twice_changes_nothing(looks: list[dict[Watched, Word]]) -> None:
    open_now: dict[int, Episode] = {}
    for look in looks:
        follow(open_now, follow_episodes(open_now.values(), judgements(look), KEYS))
        again = follow_episodes(open_now.values(), judgements(look), KEYS)
        assert again == Turns(begun=(), ended=(), unwatched=())


def test_what_is_not_watched_any_more_ends_without_a_word() -> None:
    episode = Episode(id=1, account_id=1, rule=Rule.MOVE, subject="up", title="t", began_at=NOW)

    assert follow_episodes([episode], [], [(1, Rule.DRAWDOWN)]) == Turns(begun=(), ended=(), unwatched=(episode,))
