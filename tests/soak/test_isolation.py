"""Errors at 300 sites of a run and 1,000 mutated answers of one account: the others' hours, NAV and the next run.

SOAK_SITES, SOAK_MUTATIONS and SOAK_SEED say how many, and which.
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.endtoend.isolation import Verdict, break_code, choose_sites, list_paths, list_places, mutate_answers
from tests.endtoend.three import Three, prepare
from tests.postgres import Server

SITES, MUTATIONS = int(os.environ.get("SOAK_SITES", "300")), int(os.environ.get("SOAK_MUTATIONS", "1000"))
FIRST_SEED = int(os.environ.get("SOAK_SEED", "1"))


@pytest.fixture(scope="module")
def three(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """Three accounts, two hours long."""
    with prepare(server, tmp_path_factory.mktemp("three")) as prepared:
        yield prepared


def tell(outcomes: Counter[str], wanted: int, verdict: Verdict, attempted: object) -> None:
    """Print what is wrong at once, and a table after every hundred attempts and the last: they take an hour."""
    for sentence in verdict.wrong:
        print(f"WRONG {attempted}: {sentence}", flush=True)
    if (done := outcomes.total()) % 100 == 0 or done == wanted:
        print(f"After {done}:", *(f"{count:5} {name}" for name, count in outcomes.most_common()), sep="\n", flush=True)


@pytest.mark.timeout(7200)
def test_what_breaks_anywhere_costs_one_account_and_heals(three: Three) -> None:
    outcomes: Counter[str] = Counter()
    wrong = []
    for site in choose_sites(list_places(three), SITES, FIRST_SEED):
        verdict = break_code(three, site)
        outcomes[verdict.outcome] += 1
        wrong += [f"{site}: {sentence}" for sentence in verdict.wrong]
        tell(outcomes, SITES, verdict, site)

    assert wrong == []


@pytest.mark.timeout(7200)
def test_mutated_answers_of_one_account_never_pass_and_cost_no_other(three: Three) -> None:
    outcomes: Counter[str] = Counter()
    paths, wrong = list_paths(three), []
    for seed in range(FIRST_SEED, FIRST_SEED + MUTATIONS):
        mutation, verdict = mutate_answers(three, paths, seed)
        outcomes[verdict.outcome] += 1
        wrong += [f"{mutation}: {sentence}" for sentence in verdict.wrong]
        tell(outcomes, MUTATIONS, verdict, mutation)

    assert wrong == []
