"""What is so of every account of a portfolio is said once, without their names."""

from typing import Any

from dashboard.pages.holdings import group_states
from dashboard.pages.hour import name_nothing


def wallet(label: str, name: str, **changed: Any) -> dict[str, Any]:
    return {"label": label, "wallet": name, "state": "enabled", "is_empty": False, "message": ""} | changed


def test_accounts_whose_wallets_are_read_alike_share_a_line() -> None:
    alike = [wallet(label, name) for label in ("one", "two", "three") for name in ("spot", "funding")]
    found = group_states([*alike, wallet("two", "margin", state="refused", message="no right")])

    said = [(group["labels"], group["wallets"], group["message"]) for group in found]
    assert said == [([], ("spot", "funding"), ""), (["two"], ("margin",), "no right")]


def test_what_is_nothing_of_every_account_names_none() -> None:
    def check(label: str, subject: str, ours: int = 0, within: bool = True) -> dict[str, Any]:
        return {"label": label, "subject": subject, "ours": ours, "theirs": 0, "within": within}

    checks = [check("one", "margin"), check("two", "margin"), check("one", "earn"), check("two", "earn", 5, False)]
    assert name_nothing(checks) == {"margin": [], "earn": ["one"]}
