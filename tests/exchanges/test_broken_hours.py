"""One path of Bitget, Gate or MEXC answers badly for an hour: the worst of it; all answers of all paths: make soak."""

import pytest

from tests.exchanges.broken import PERSONS, begin
from tests.worker import Opener

# Each path without which an hour can have no figure, and one answer that it must not believe.
HARDEST = {
    "bitget classic": {
        "v2/spot/account/assets": "too fast",
        "v2/mix/account/accounts": "no numbers",
        "v2/spot/wallet/deposit-records": "a page",
    },
    "bitget unified": {
        "v3/account/settings": "an empty object as data",
        "v3/account/assets": "no data",
        "v3/account/withdrawal-records": "cut",
        "v2/earn/account/assets": "an empty list as data",  # the only total is the pool's
    },
    "gate classic": {
        "spot/accounts": "a text code",
        "futures/usdt/accounts": "too fast",
        "wallet/deposits": "a redirect",
    },
    "gate portfolio": {
        "unified/unified_mode": "a page",
        "unified/accounts": "no numbers",
        "wallet/withdrawals": "null",
    },
    "mexc": {
        "v3/account": "no success",
        "v1/private/account/assets": "an empty list as data",  # well-formed, and no total would contradict it
        "v3/ticker/price": "an empty list",
        "v3/capital/deposit/hisrec": "a page",
    },
}
BASES = {"bitget": "/api/", "gate": "/api/v4/", "mexc": "/api/"}


@pytest.mark.parametrize("name", PERSONS)
def test_no_bad_answer_becomes_a_number_and_nothing_is_lost_by_it(name: str, open_worker: Opener) -> None:
    person = PERSONS[name]
    with begin(person, open_worker) as life:
        for path, bad in HARDEST[name].items():
            hour = life.live_with(BASES[person.exchange] + path, bad)
            assert hour["nav"] is None and hour["status"] in ("PARTIAL", "SUSPECT"), (path, bad)
        life.recover()
