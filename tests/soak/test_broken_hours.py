"""Every path that an hour asks of Bitget, Gate and MEXC x every bad answer: a right NAV or none, and nothing lost."""

import pytest

from tests.exchanges.broken import PERSONS, begin
from tests.worker import Opener

pytestmark = pytest.mark.soak


@pytest.mark.parametrize(("name", "bad"), [(name, bad) for name, person in PERSONS.items() for bad in person.bad])
def test_no_bad_answer_of_any_path_becomes_a_number(
    name: str, bad: str, open_worker: Opener, capsys: pytest.CaptureFixture[str]
) -> None:
    found = []
    with begin(PERSONS[name], open_worker) as life:
        for path in life.list_paths():
            hour = life.live_with(path, bad)
            found.append(f"{hour['status'][0]} {path}")
        life.recover()
    with capsys.disabled():
        print(f"\n{name}, {bad}:", *found, sep="\n  ")
