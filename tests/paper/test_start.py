"""`python -m paper`: what it says before it serves."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from paper.__main__ import main


def test_help_has_the_grammar_of_stories(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["paper", "--help"])
    with pytest.raises(SystemExit):
        main()

    shown = capsys.readouterr().out
    assert "one event a line" in shown
    assert "        buy QUANTITY SYMBOL | buy for AMOUNT SYMBOL  at the minute's price" in shown


STORY = "+0m account Ann on bitget key k secret s passphrase p\n"


@pytest.mark.parametrize("option", ["--port", "--control-port", "--bitget-port"])
def test_a_port_that_is_taken_is_named_with_its_option(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "told.story").write_text(STORY)
    ports = ["--port", "0", "--control-port", "0", "--bitget-port", "0", "--story", str(tmp_path / "told.story")]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setattr("sys.argv", ["paper", *ports, option, port])
        assert main() == 2

    assert f"can't start: {option} {port} can't be had (Address already in use)" in capsys.readouterr().err


def test_each_exchange_that_the_story_names_is_at_the_address_of_the_first_line(tmp_path: Path) -> None:
    (tmp_path / "told.story").write_text(STORY)
    ports = [word for name in ("port", "control-port", "bitget-port") for word in (f"--{name}", "0")]
    command = [sys.executable, "-m", "paper", *ports, "--story", str(tmp_path / "told.story")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as child:
        assert child.stdout
        try:
            words = child.stdout.readline().split()
            asked = [httpx.get(f"{words[2]}/api/v3/time"), httpx.get(f"{words[8]}/api/v2/public/time")]
        finally:
            child.terminate()

    assert [words[:2], words[3], words[5], words[7]] == [["paper", "exchange:"], "control:", "secret:", "bitget:"]
    assert len(words) == 9
    assert [answer.status_code for answer in asked] == [200, 200]
    assert asked[1].json()["code"] == "00000"
