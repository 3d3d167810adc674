"""The owner's word about flows: typed as commands, kept against later readings, and computed through at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.ledger_entries import LedgerEntry, Treatment, revise_ledger
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.__main__ import parse_arguments
from monitor.errors import LedgerError
from monitor.recovery.corrections import Word, add_entry, reclassify_entry, void_entry
from tests.monitor.notation import D, at, flow
from tests.venue import RunningVenue
from tests.worker import Worker

WORD = Word(at=at("2026-05-02 00:00"), note="because")
KEY_OF = (FlowKind.DEPOSIT, "D1")


def told(state: FlowState = FlowState.COUNTED, amount: str = "0.5", completed: bool = True) -> FlowRecord:
    return FlowRecord(
        kind=FlowKind.DEPOSIT,
        exchange_id="D1",
        state=state,
        exchange_status=str(state),
        asset="BTC",
        amount=D(amount),
        fee=D(0),
        requested_at=at("2026-05-01 10:00"),
        completed_at=at("2026-05-01 10:40") if completed and state is FlowState.COUNTED else None,
    )


def known(*records: FlowRecord) -> list[LedgerEntry]:
    """The revisions that these readings leave."""
    revisions: list[LedgerEntry] = []
    for record in records:
        newest = {KEY_OF: revisions[-1]} if revisions else {}
        revisions += revise_ledger(1, newest, [record], at("2026-05-01 12:02"))
    return revisions


def read_again(entry: LedgerEntry, record: FlowRecord) -> tuple[LedgerEntry, ...]:
    return revise_ledger(1, {entry.key: entry}, [record], at("2026-05-03 12:02"))


def test_a_later_reading_never_overrides_what_the_owner_says_a_flow_is() -> None:
    word = reclassify_entry(known(told()), WORD, Treatment.INCOME)

    assert read_again(word, told()) == ()
    (changed,) = read_again(word, told(amount="0.6"))
    assert (changed.treatment, changed.amount, changed.note, changed.revision) == (
        Treatment.INCOME,
        D("0.6"),
        "because",
        3,
    )
    (undone,) = read_again(word, told(FlowState.VOID))
    assert (undone.treatment, undone.quantity) == (Treatment.INCOME, -word.quantity)


def test_a_flow_that_the_owner_denies_stays_void_whatever_is_read() -> None:
    word = void_entry(known(told()), WORD)

    assert read_again(word, told()) == ()
    (changed,) = read_again(word, told(amount="0.6"))
    assert (changed.state, changed.amount, changed.is_denied, changed.note) == (
        FlowState.VOID,
        D("0.6"),
        True,
        "because",
    )
    assert read_again(changed, told(amount="0.6")) == ()


def test_a_void_can_be_taken_back_with_all_that_was_told_before() -> None:
    revisions = known(told())
    revisions.append(void_entry(revisions, WORD))

    again = reclassify_entry(revisions, WORD, Treatment.FLOW)

    assert (again.state, again.occurred_at, again.is_counted, again.revision) == (
        FlowState.COUNTED,
        at("2026-05-01 10:40"),
        True,
        3,
    )
    assert read_again(again, told()) == ()


def test_what_makes_no_sense_is_refused() -> None:
    counted, rejected = known(told()), known(told(FlowState.VOID))

    with pytest.raises(LedgerError, match="void already"):
        void_entry([*counted, void_entry(counted, WORD)], WORD)
    with pytest.raises(LedgerError, match="counted as flow already"):
        reclassify_entry(counted, WORD, Treatment.FLOW)
    with pytest.raises(LedgerError, match="never took effect"):
        reclassify_entry(rejected, WORD, Treatment.INCOME)
    opening = flow("+1 BTC", "2026-05-01 10:00")
    with pytest.raises(LedgerError, match="opening"):
        void_entry([LedgerEntry(**{**_fields(opening), "kind": FlowKind.OPENING})], WORD)


def _fields(entry: LedgerEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__slots__}


def test_the_same_flow_is_not_added_twice_unless_the_first_is_void() -> None:
    arguments = (WORD, 1, FlowKind.MANUAL_IN, (D("0.5"), "BTC"), at("2026-05-01 08:00"))
    first = add_entry([], *arguments)

    with pytest.raises(LedgerError, match="already"):
        add_entry([first], *arguments)
    second = add_entry([void_entry([first], WORD)], *arguments)
    assert first.exchange_id != second.exchange_id
    with pytest.raises(LedgerError, match="future"):
        add_entry([], WORD, 1, FlowKind.MANUAL_IN, (D(1), "BTC"), WORD.at + timedelta(hours=1))


Says = Callable[..., str]


@pytest.fixture
def say(worker: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]) -> Says:
    """Types `flow WORDS` and returns what it prints."""

    def typed(*words: str) -> str:
        arguments = parse_arguments(["flow", *words])
        capsys.readouterr()
        assert arguments.run(worker.db, worker.settings, arguments, venue.now()) == 0
        return capsys.readouterr().out

    return typed


def live(worker: Worker, venue: RunningVenue, *lines: str) -> str:
    """Three hours; `lines` happen half an hour after the first. Returns the time they happened."""
    worker.run(venue.now())
    venue.advance(minutes=30)
    happened = f"{venue.now():%Y-%m-%dT%H:%MZ}"
    for line in lines:
        venue.do(line)
    for minutes in (30, 60):
        venue.advance(minutes=minutes)
        worker.run(venue.now())
    return happened


def figures(worker: Worker, account: int) -> list[tuple[Any, ...]]:
    return [(h["flows"], h["invested"], h["units"], h["unit_price"]) for h in worker.hours(account)]


def number_of(worker: Worker, kind: str) -> str:
    (row,) = worker.rows("select max(id) as id from processed_transactions where kind = %(kind)s", kind=kind)
    return str(row["id"])


def test_a_flow_that_no_history_tells_can_be_added_and_every_later_row_follows(
    say: Says, worker: Worker, venue: RunningVenue
) -> None:
    happened = live(worker, venue, "airdrop 900 USDT")
    gained = worker.hours()[-1]["unit_price"]
    out = say("add", "--account", "test", "--in", "900", "usdt", "--at", happened, "--note", "from my bank")

    first, second, last = worker.hours()
    assert second["flows"] == 900
    assert last["invested"] == first["invested"] + 900
    assert last["unit_price"] < gained * D("0.95")
    assert abs(last["units"] * last["unit_price"] - last["nav"]) < D("1e-9")
    assert "2 hours of history have changed" in out
    for account in (1, 0):
        (change,) = worker.rows("select * from history_changes where account_id = %(a)s", a=account)
        assert (change["since_hour"], change["hours"]) == (second["hour"], 2)
        assert "deposit added by you of 900 USDT" in change["reason"] and "from my bank" in change["reason"]
    assert [h["flows"] for h in worker.hours(0)][1:] == [900, 0]
    benchmarks = worker.rows("select invested from benchmark_history where hour = %(hour)s", hour=last["hour"])
    assert {round(b["invested"], 9) for b in benchmarks} == {round(last["invested"], 9)}


def test_a_void_flow_is_as_if_it_had_never_been_told_and_can_come_back(
    say: Says, worker: Worker, venue: RunningVenue
) -> None:
    live(worker, venue, "deposit 0.02 BTC")
    counted = [figures(worker, a) for a in (1, 0)]
    say("void", number_of(worker, "deposit"), "--note", "my own cold wallet")
    void = [figures(worker, a) for a in (1, 0)]
    venue.advance(hours=1)
    worker.run(venue.now())

    assert [h["flows"] for h in worker.hours()[1:]] == [0, 0, 0]
    assert void[0][2][1] < counted[0][2][1]
    assert len(worker.rows("select * from processed_transactions where kind = 'deposit' and revision > 1")) == 1

    out = say("reclassify", number_of(worker, "deposit"), "--as", "flow", "--note", "it was money after all")
    assert "counted as flow" in out
    assert [figures(worker, a)[:3] for a in (1, 0)] == counted


def test_a_reclassified_flow_is_performance_and_no_flow(say: Says, worker: Worker, venue: RunningVenue) -> None:
    live(worker, venue, "deposit 300 USDT")
    before = worker.hours()[-1]["unit_price"]
    say("reclassify", number_of(worker, "deposit"), "--as", "income", "--note", "a prize")

    assert [h["flows"] for h in worker.hours()[1:]] == [0, 0]
    assert worker.hours()[-1]["unit_price"] > before * D("1.02")
    (row,) = worker.rows("select * from processed_transactions where kind = 'deposit' order by id desc limit 1")
    assert (row["treatment"], row["is_manual"], row["note"], row["state"]) == ("income", True, "a prize", "counted")


@pytest.mark.parametrize(
    ("line", "kind", "effect"), [("deposit 300 USDT", "deposit", "gain"), ("withdraw 300 USDT", "withdrawal", "loss")]
)
def test_what_left_or_entered_the_account_is_not_internal(
    line: str, kind: str, effect: str, say: Says, worker: Worker, venue: RunningVenue
) -> None:
    live(worker, venue, line)
    before = figures(worker, 1)
    with pytest.raises(LedgerError, match=f"not internal: .* as internal it would show as a {effect}"):
        say("reclassify", number_of(worker, kind), "--as", "internal", "--note", "my own wallet")
    say("void", number_of(worker, kind), "--note", "none")
    with pytest.raises(LedgerError, match="not internal"):
        say("reclassify", number_of(worker, kind), "--as", "internal", "--note", "my own wallet")
    say("reclassify", number_of(worker, kind), "--as", "flow", "--note", "it was one")

    assert figures(worker, 1) == before


def test_what_moved_nothing_is_internal(say: Says, worker: Worker, venue: RunningVenue) -> None:
    """As a move between two wallets that are both read, told as money from outside."""
    happened = live(worker, venue)
    say("add", "--account", "test", "--in", "900", "USDT", "--at", happened, "--note", "from my other wallet")
    assert worker.hours()[-1]["unit_price"] < 95
    say("reclassify", number_of(worker, "manual_in"), "--as", "internal", "--note", "both are here")

    assert [h["flows"] for h in worker.hours()[1:]] == [0, 0]
    assert worker.hours()[-1]["unit_price"] > 99
    assert worker.rows("select hour from explanations where residual <> 0") == []


@pytest.mark.usefixtures("first_hour")
def test_a_flow_that_lies_after_the_last_reading_is_not_called_internal_yet(
    say: Says, worker: Worker, venue: RunningVenue
) -> None:
    venue.advance(minutes=30)
    at = f"{venue.now():%Y-%m-%dT%H:%MZ}"
    say("add", "--account", "test", "--in", "900", "USDT", "--at", at, "--note", "from my other wallet")
    with pytest.raises(LedgerError, match="known when complete readings lie before and after it"):
        say("reclassify", number_of(worker, "manual_in"), "--as", "internal", "--note", "both are here")


def test_a_flow_that_is_in_the_ledger_is_not_added_again(say: Says, worker: Worker, venue: RunningVenue) -> None:
    happened = live(worker, venue, "deposit 900 USDT")
    number = number_of(worker, "deposit")
    with pytest.raises(LedgerError, match=f"as number {number}: the readings around it have room for only one"):
        say("add", "--account", "test", "--in", "900", "USDT", "--at", happened, "--note", "from my bank")

    assert worker.rows("select 1 from processed_transactions where kind = 'manual_in'") == []


def test_a_flow_that_may_be_in_the_ledger_is_added_with_a_warning(
    say: Says, worker: Worker, venue: RunningVenue
) -> None:
    """Nothing was read after it yet: only the next reading shows whether there were two."""
    happened = live(worker, venue, "deposit 900 USDT")
    number = number_of(worker, "deposit")
    at = datetime.fromisoformat(happened) + timedelta(hours=2)
    venue.set_clock(at + timedelta(minutes=5))
    out = say("add", "--account", "test", "--in", "900", "USDT", "--at", f"{at:%Y-%m-%dT%H:%MZ}", "--note", "more")

    assert f"flow {number}, may be the same, and both count. If so: python -m monitor flow void" in out


def test_a_coin_without_a_price_and_a_time_before_the_history_are_warned_of(
    say: Says, worker: Worker, venue: RunningVenue
) -> None:
    happened = live(worker, venue)
    add = ("add", "--account", "test", "--in", "0.5")
    typo = say(*add, "BTCC", "--at", happened, "--note", "a typo")
    early = say(*add, "BTC", "--at", "2026-02-01T08:00Z", "--note", "long ago")
    fine = say(*add, "ETH", "--at", happened, "--note", "fine")

    number = worker.rows("select id from processed_transactions where asset = 'BTCC'")[0]["id"]
    assert "Please note: BTCC has no price at 2026-03-01 01:32 UTC: the flow has no value" in typo
    assert f"python -m monitor flow void {number}" in typo
    assert "before the account's first reading of 2026-03-01 01:02 UTC" in early
    assert "python -m monitor backfill --from 2026-02-01" in early
    assert "Please note" not in fine


def test_the_ledger_is_never_edited(say: Says, worker: Worker, venue: RunningVenue) -> None:
    happened = live(worker, venue, "deposit 300 USDT")
    before = worker.rows("select * from processed_transactions order by id")
    say("add", "--account", "test", "--out", "5", "USDT", "--at", happened, "--note", "cash")
    say("void", number_of(worker, "manual_out"), "--note", "no")
    say("reclassify", number_of(worker, "deposit"), "--as", "income", "--note", "yes")

    assert worker.rows("select * from processed_transactions order by id")[: len(before)] == before


def test_the_list_shows_numbers_values_and_notes(say: Says, worker: Worker, venue: RunningVenue) -> None:
    live(worker, venue, "deposit 300 USDT", "withdraw 50 USDT fee 1")
    number = number_of(worker, "deposit")
    say("reclassify", number, "--as", "income", "--note", "a prize")
    lines = say("list", "--account", "test").splitlines()

    (withdrawal,) = [line for line in lines if "withdrawal" in line]
    (deposit,) = [line for line in lines if "a prize" in line]
    assert withdrawal.split()[0] == number_of(worker, "withdrawal")
    assert "-51 USDT" in withdrawal and "-51.00 USDT" in withdrawal and withdrawal.endswith("counted")
    assert "counted as income" in deposit
    assert say("list").splitlines() == lines and lines[0] == "test:"


WRONG = [
    ("add --account nobody --in 1 BTC --at 2026-03-01T00:30Z --note x", "no account 'nobody'"),
    ("add --account test --in many BTC --at 2026-03-01T00:30Z --note x", "'many' is not an amount"),
    ("add --account test --in -1 BTC --at 2026-03-01T00:30Z --note x", "'-1' is not an amount"),
    ("add --account test --in NaN BTC --at 2026-03-01T00:30Z --note x", "'NaN' is not an amount"),
    ("add --account test --in 1 BTC --at 2027-03-01T00:30Z --note x", "in the future"),
    ("void 4711 --note x", "no flow 4711"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_word_is_refused_with_a_reason_and_stores_nothing(
    words: str, message: str, say: Says, worker: Worker
) -> None:
    with pytest.raises(LedgerError, match=message):
        say(*words.split())

    assert worker.rows("select * from processed_transactions") == []


def test_a_manual_flow_is_matched_by_its_own_minutes_price(say: Says, worker: Worker, venue: RunningVenue) -> None:
    happened = live(worker, venue, "airdrop 0.02 BTC")
    say("add", "--account", "test", "--in", "0.02", "BTC", "--at", happened, "--note", "a present")

    (row,) = worker.rows(
        "select v.* from flow_valuations v join processed_transactions t on t.id = v.transaction_id"
        " where t.kind = 'manual_in' and v.account_id = 1"
    )
    price: Decimal = row["price"]
    assert price == venue.exchange.venue.price("BTCUSDT", datetime.fromisoformat(happened))
    assert row["value"] == price * D("0.02")
