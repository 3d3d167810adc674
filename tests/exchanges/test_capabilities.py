"""What an exchange can't say of an account, in the sentences that its owner reads."""

from datetime import timedelta

import pytest

from finance.exchanges import NAMES
from monitor.exchanges import EXCHANGES
from monitor.exchanges.adapters import load_adapter
from monitor.exchanges.capabilities import MONTH, NONE, PER_PAIR, Capabilities, Capability, Scope


def test_what_is_told_in_full_needs_no_sentence() -> None:
    assert Capabilities().describe("Gate.io", ()) == ()


def test_limits_that_are_alike_are_one_sentence() -> None:
    given = Capabilities(
        flows=Capability(back=timedelta(days=90)),
        ledger=NONE,
        fills=Capability(scope=Scope.PER_PAIR, back=MONTH),
        orders=PER_PAIR,
        open_orders=PER_PAIR,
        totals=NONE,
    )

    assert given.describe("MEXC", ("Earn", "trading bots", "copy trading")) == (
        "MEXC shows deposits and withdrawals of the past 90 days only.",
        "MEXC does not show a ledger of everything that moved or a total of its own to compare with.",
        "MEXC shows trades of the past month only, pair by pair.",
        "MEXC shows orders and open orders pair by pair.",
        "Money in Earn, trading bots and copy trading can't be seen: MEXC lets no program read it.",
    )


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_orders_are_read(exchange: str) -> None:
    assert load_adapter(exchange).open_account(None).order_markets  # type: ignore[arg-type]


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_every_exchange_says_what_it_can_not(exchange: str) -> None:
    assert exchange in NAMES
    account = load_adapter(exchange).open_account(None)  # type: ignore[arg-type]
    said = account.capabilities_of("").describe(NAMES[exchange], account.unseen)
    assert said[-1].startswith("Money in ")


@pytest.mark.parametrize(
    ("exchange", "system", "other", "sentence"),
    [
        (
            "bitget",
            "classic",
            "unified",
            "trades of the past 90 days only, pair by pair; those of contracts all at once",
        ),
        (
            "bitget",
            "unified",
            "classic",
            "a total of its own to compare with; of funding, Earn, bots and loans there is none",
        ),
        ("gate", "portfolio", "classic", "in a unified account its balances don't prove that no row is missing"),
    ],
)
def test_what_an_exchange_can_not_say_depends_on_the_account_system(
    exchange: str, system: str, other: str, sentence: str
) -> None:
    account = load_adapter(exchange).open_account(None)  # type: ignore[arg-type]
    own, others = (" ".join(account.capabilities_of(one).describe(NAMES[exchange], ())) for one in (system, other))

    assert sentence in own and sentence not in others
