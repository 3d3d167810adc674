"""`python -m monitor account …` as a user types it."""

from collections.abc import Iterator

import pytest

from monitor.checkup.check_report import COMPLETE
from sql.connect import connect
from sql.rows import Db
from tests.commands import OTHER_KEY, OTHER_SECRET, TWO_LINES, Commands
from tests.postgres import Database
from tests.venue import KEY, SECRET, RunningVenue

OTHER_LINES = f"{OTHER_KEY}\n{OTHER_SECRET}\n"
RESTRICTIONS = "/sapi/v1/account/apiRestrictions"


@pytest.fixture
def db(database: Database) -> Iterator[Db]:
    with connect(database.worker_url, name="test") as opened:
        yield opened


def count(db: Db) -> tuple[int, int]:
    """Accounts beside the combined row, and stored keys."""
    row = db.execute(
        "select (select count(*) from accounts where id > 0) as accounts, (select count(*) from api_credentials) as keys"
    ).fetchone()
    assert row
    return row["accounts"], row["keys"]


def account(db: Db, label: str = "main") -> dict[str, object]:
    row = db.execute("select * from accounts where label = %(label)s", {"label": label}).fetchone()
    assert row
    return row


def test_an_account_is_added_with_two_lines_of_standard_input(
    command: Commands, db: Db, present_venue: RunningVenue
) -> None:
    told = command("account", "add", "main", stdin=TWO_LINES)

    assert (told.code, told.err) == (0, "")
    assert "'main' is tracked from the next run on." in told.out
    assert "its past is rebuilt from the exchange's records, the newest month first" in told.out
    assert "Permissions: reading\n" in told.out and "Address list: set" in told.out
    for wallet in ("spot", "funding", "earn_flexible", "earn_locked", "usd_m_futures"):
        assert f"Wallet {wallet}: read, " in told.out
    row = account(db)
    assert row["uid"] == str(present_venue.truth()["uid"])
    assert (row["key_state"], row["overpowered"], row["key_dangers"]) == ("accepted", False, [])
    assert count(db) == (1, 1)


def test_what_is_stored_shows_nothing_of_the_key(command: Commands, db: Db) -> None:
    told = command("account", "add", "main", stdin=TWO_LINES)
    stored = repr(db.execute("select * from api_credentials").fetchall()) + repr(account(db))

    for secret in (KEY, SECRET):
        assert secret not in stored + told.out + told.err


def test_a_key_that_may_trade_or_withdraw_is_refused_and_nothing_is_stored(
    command: Commands, db: Db, present_venue: RunningVenue
) -> None:
    present_venue.do("permit enableWithdrawals")
    present_venue.do("permit enableSpotAndMarginTrading")
    told = command("account", "add", "main", stdin=TWO_LINES)

    assert told.code == 2
    assert "enableSpotAndMarginTrading, enableWithdrawals" in told.err and "--accept-trading-key" in told.err
    assert count(db) == (0, 0)


def test_a_permission_that_nobody_knows_is_refused(command: Commands, db: Db, present_venue: RunningVenue) -> None:
    present_venue.do("permit enableSomethingOfTomorrow")
    told = command("account", "add", "main", stdin=TWO_LINES)

    assert (told.code, count(db)) == (2, (0, 0))
    assert "enableSomethingOfTomorrow" in told.err


def test_a_key_taken_with_its_risk_is_flagged_everywhere(
    command: Commands, db: Db, present_venue: RunningVenue
) -> None:
    present_venue.do("permit enableWithdrawals")
    told = command("account", "add", "main", "--accept-trading-key", stdin=TWO_LINES)

    assert told.code == 0 and "enableWithdrawals (DANGEROUS)" in told.out
    assert (account(db)["overpowered"], account(db)["key_dangers"]) == (True, ["enableWithdrawals"])
    for words in (("account", "list"), ("run",)):
        assert "WARNING: The key may do more than read (enableWithdrawals)" in command(*words).out


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        (f"{KEY}\nsecret-of-somebody-else\n", "The secret does not belong to the key"),
        (f"key-that-nobody-has-ever-seen-0123\n{SECRET}\n", "-2015"),
    ],
    ids=["secret", "key"],
)
def test_a_wrong_key_is_told_without_showing_it(stdin: str, said: str, command: Commands, db: Db) -> None:
    told = command("account", "add", "main", stdin=stdin)

    assert (told.code, count(db)) == (4, (0, 0))
    assert "Reading the" in told.err and said in told.err and "API Management" in told.err
    assert told.err.endswith("\nNothing was stored.\n")
    for word in (*stdin.split(), "Traceback", "signature="):
        assert word not in told.err + told.out


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        (("main",), "", "two lines"),
        (("main",), f"{KEY}\n", "two lines"),
        (("main",), f"{KEY}\n-----BEGIN PRIVATE KEY-----\n", "HMAC"),
        (("main",), f"кey\n{SECRET}\n", "HMAC"),
        (("x" * 61,), TWO_LINES, "1 to 60"),
        (("",), TWO_LINES, "1 to 60"),
        (("a\nb",), TWO_LINES, "printable"),
        (("main", "--benchmark", "BTC=50 ETH=40"), TWO_LINES, "does not add up to 100"),
    ],
)
def test_what_is_typed_wrong_is_told_before_the_exchange_is_asked(
    words: tuple[str, ...], stdin: str, said: str, command: Commands, db: Db, present_venue: RunningVenue
) -> None:
    told = command("account", "add", *words, stdin=stdin)

    assert told.code == 2 and said in told.err and "Traceback" not in told.err
    assert count(db) == (0, 0) and present_venue.requests() == []


def test_one_account_is_not_tracked_twice(command: Commands, db: Db, present_venue: RunningVenue) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    again = command("account", "add", "again", stdin=TWO_LINES)
    present_venue.control("/requests", method="DELETE")
    same = command("account", "add", "main", stdin=OTHER_LINES)

    assert again.code == same.code == 2
    assert "count twice" in again.err and str(account(db)["uid"]) in again.err
    assert "rekey main" in same.err and present_venue.requests() == []
    assert count(db) == (1, 1)


def test_its_own_benchmark_is_kept(command: Commands, db: Db) -> None:
    command("account", "add", "main", "--benchmark", "BTC=60 ETH=30 BNB=10", stdin=TWO_LINES)

    rows = db.execute(
        "select name, assets, weights from benchmark_configs where account_id = %(id)s order by 1",
        {"id": account(db)["id"]},
    ).fetchall()
    assert [row["name"] for row in rows] == ["hold", "monthly"]
    assert all([f"{w:.2f}" for w in row["weights"]] == ["0.60", "0.30", "0.10"] for row in rows)


def test_check_says_what_the_key_may_do_and_which_wallets_it_reads(
    command: Commands, present_venue: RunningVenue
) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    present_venue.fault("/sapi/v1/asset/get-funding-asset", {"status": 500, "body": "oops"})
    told = command("account", "check", "main")

    assert told.code == 0
    assert "Permissions: reading\n" in told.out and "Wallet spot: read, 3 assets" in told.out
    assert "Wallet funding: FAILED: " in told.out and "HTTP 500" in told.out


def test_check_tells_a_missing_address_list_and_when_a_permission_ends(
    command: Commands, db: Db, present_venue: RunningVenue
) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    body = (
        '{"ipRestrict": false, "enableReading": true, "enableWithdrawals": false,'
        ' "tradingAuthorityExpirationTime": 1893456000000}'
    )
    present_venue.fault(RESTRICTIONS, {"status": 200, "body": body})
    told = command("account", "check", "main")

    assert "Address list: not set" in told.out and "2030-01-01 00:00 UTC" in told.out
    assert f"{account(db)['key_expires_at']:%Y-%m-%d}" == "2030-01-01"


def test_check_refuses_and_flags_a_key_that_has_got_more_rights_since(
    command: Commands, db: Db, present_venue: RunningVenue
) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    present_venue.do("permit enableFutures")
    refused = command("account", "check", "main")
    accepted = command("account", "check", "main", "--accept-trading-key")

    assert refused.code == 2 and "enableFutures" in refused.err and account(db)["overpowered"]
    assert accepted.code == 0 and "enableFutures (DANGEROUS)" in accepted.out

    present_venue.do("forbid enableFutures")
    assert command("account", "check", "main").code == 0 and not account(db)["overpowered"]


@pytest.mark.parametrize("action", ["check", "rekey", "disable", "enable"])
def test_an_account_that_does_not_exist_is_told(action: str, command: Commands) -> None:
    told = command("account", action, "nobody", stdin=TWO_LINES)

    assert told.code == 2 and "There is no account 'nobody'" in told.err and "account list" in told.err


def test_list_tells_the_accounts(command: Commands) -> None:
    assert "Add one" in command("account", "list").out
    command("account", "add", "main", stdin=TWO_LINES)
    command("account", "add", "second", stdin=OTHER_LINES)
    command("account", "disable", "second")
    command("run")
    first, second = command("account", "list").out.splitlines()

    assert first.split()[:4] == ["main", "binance", "tracked", "key"] and "1 hour, last 2" in first
    assert second.split()[:3] == ["second", "binance", "disabled"] and "0 hours" in second


def test_a_disabled_account_is_not_read_until_it_is_enabled(command: Commands, present_venue: RunningVenue) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    disabled = command("account", "disable", "main")
    present_venue.control("/requests", method="DELETE")
    run = command("run")

    assert disabled.code == 0 and "history and its sealed key stay" in disabled.out
    assert run.code == 3 and "no accounts" in run.err and present_venue.requests() == []
    assert command("account", "check", "main").code == 2
    assert command("account", "enable", "main").code == 0
    assert command("run").code == 0


def test_enabling_a_twin_is_refused(command: Commands) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    command("account", "disable", "main")
    command("account", "add", "again", stdin=TWO_LINES)
    told = command("account", "enable", "main")

    assert told.code == 2 and "count twice" in told.err and "Traceback" not in told.err


def test_a_new_key_of_the_same_account_replaces_the_old_one(
    command: Commands, db: Db, present_venue: RunningVenue
) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    before = db.execute("select * from api_credentials").fetchall()
    present_venue.exchange.venue.accounts["test"].key = new = "a-new-key-of-the-test-account-0123"
    told = command("account", "rekey", "main", stdin=f"{new}\n{SECRET}\n")

    assert told.code == 0 and "'main' has its new key. Delete the old one" in told.out
    after = db.execute("select * from api_credentials").fetchall()
    assert len(after) == 1 and after[0]["sealed_key"] != before[0]["sealed_key"]
    assert command("run").code == 0


def test_nobody_is_told_to_delete_the_only_key(command: Commands) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    told = command("account", "rekey", "main", stdin=TWO_LINES)

    assert told.code == 0 and "'main' has the key it had before." in told.out and "Delete" not in told.out


def test_wallets_that_an_account_does_not_have_are_no_alarm(command: Commands) -> None:
    told = command("account", "add", "main", stdin=TWO_LINES)

    assert "Wallet options: not opened\n" in told.out and "-2015" not in told.out


def test_the_key_of_another_account_does_not_go_on_with_the_history(command: Commands, db: Db) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    before = db.execute("select * from api_credentials").fetchall()
    told = command("account", "rekey", "main", stdin=OTHER_LINES)

    assert told.code == 2 and f"'main' is the history of account {account(db)['uid']}" in told.err
    assert db.execute("select * from api_credentials").fetchall() == before


def test_an_account_from_the_environment_has_a_row_and_no_stored_key(command: Commands, db: Db) -> None:
    command.setting("BINANCE_API_KEY", KEY)
    command.setting("BINANCE_API_SECRET", SECRET)
    command.setting("BINANCE_LABEL", "mine")
    checked, run = command("account", "check", "mine"), command("run")

    assert (checked.code, run.code) == (0, 0)
    assert count(db) == (1, 0) and account(db, "mine")["key_state"] == "accepted"


def test_another_accounts_key_in_the_environment_is_not_booked_under_the_old_name(command: Commands, db: Db) -> None:
    command.setting("BINANCE_API_KEY", KEY)
    command.setting("BINANCE_API_SECRET", SECRET)
    command("account", "check", "main")
    command.setting("BINANCE_API_KEY", OTHER_KEY)
    command.setting("BINANCE_API_SECRET", OTHER_SECRET)
    told = command("run")

    assert told.code == 1 and "main: PARTIAL" in told.out and "is the history of account" in told.out
    assert db.execute("select 1 from processed_transactions").fetchall() == []
    assert db.execute("select 1 from holdings").fetchall() == []


def test_no_account_is_added_under_a_wrong_clock(command: Commands, present_venue: RunningVenue) -> None:
    present_venue.advance(days=1)
    told = command("account", "add", "main", stdin=f"{present_venue.key}\n{present_venue.secret}\n")

    assert told.code == 4
    assert "Comparing clocks: this machine says" in told.err and "Nothing was stored." in told.err
    assert "No accounts yet" in command("account", "list").out


def test_adding_ends_with_what_every_hour_will_be(command: Commands, present_venue: RunningVenue) -> None:
    assert command("account", "add", "main", stdin=TWO_LINES).out.endswith(f"\n{COMPLETE}\n")

    present_venue.fault("/sapi/v1/fiat/orders", {"status": 403, "body": "<html>a wall</html>"})
    told = command("account", "add", "other", stdin=OTHER_LINES)
    assert told.code == 0
    assert "\nWhat stands in the way of complete hours:\n- fiat orders: Reading fiat orders" in told.out


def test_a_check_shows_a_table_and_a_report_shows_nothing_private(
    command: Commands, present_venue: RunningVenue
) -> None:
    command("account", "add", "Grandma's savings", stdin=TWO_LINES)
    present_venue.fault("/eapi/*", {"status": 404, "body": "<html>gone</html>"})
    told = command("account", "check", "Grandma's savings")
    report = command("account", "check", "Grandma's savings", "--report")

    assert (told.code, report.code, report.err) == (0, 0, "")
    assert "Account number: " in told.out and told.out.endswith(f"\n{COMPLETE}\n")
    (row,) = [line.split() for line in told.out.splitlines() if "/eapi/v1/marginAccount" in line]
    assert row == ["GET", "/eapi/v1/marginAccount", "no", "404", "page", "none"]
    assert report.out.endswith(f"\n{COMPLETE}\n") and "[{asset: text" in report.out
    for private in ("Grandma", KEY, SECRET, str(present_venue.truth()["uid"]), "Account number"):
        assert private not in report.out


def test_nothing_is_asked_while_the_exchange_asks_for_silence(command: Commands, present_venue: RunningVenue) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    busy = {"status": 429, "headers": {"Retry-After": "900"}, "body": ""}
    present_venue.fault("/sapi/v1/asset/assetDividend", busy)
    assert "asks us to wait" in " ".join(command("account", "check", "main").out.split())
    present_venue.control("/requests", method="DELETE")

    for words in (("check", "main"), ("check", "main", "--report"), ("add", "other")):
        told = command("account", *words, stdin=OTHER_LINES)
        assert told.code == 4 and "Nobody calls before" in told.err
    assert present_venue.requests() == []


def test_a_total_counts_by_command_and_ends_by_command(command: Commands) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    command("run")
    counted = command("account", "count-total", "main", "trading_bots")
    assert (counted.code, "'Trading Bots' counts at the exchange's own total" in counted.out) == (0, True)
    assert "python -m monitor account count-total main 'Trading Bots' --off" in counted.out
    assert "'Options' counts" in command("account", "count-total", "main", "options").out

    ended = command("account", "count-total", "main", "Trading Bots", "--off")
    assert (ended.code, "'Trading Bots' does not count any more" in ended.out) == (0, True)
    again = command("account", "count-total", "main", "Trading Bots", "--off")
    assert (again.code, "does not count at the exchange's total" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("name", "said"),
    [("loans", "is no wallet that the exchange has a total of"), ("portfolio_margin", "stands under several totals")],
)
def test_what_has_no_total_of_its_own_can_not_count_by_one(name: str, said: str, command: Commands) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    told = command("account", "count-total", "main", name)

    assert (told.code, said in told.err) == (2, True)
