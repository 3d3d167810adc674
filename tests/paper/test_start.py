"""`python -m paper`: what it says before it serves."""

import socket

import pytest

from paper.__main__ import main


def test_help_has_the_grammar_of_stories(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["paper", "--help"])
    with pytest.raises(SystemExit):
        main()

    shown = capsys.readouterr().out
    assert "one event a line" in shown
    assert "        buy QUANTITY SYMBOL | buy for AMOUNT SYMBOL  at the minute's price" in shown


@pytest.mark.parametrize("option", ["--port", "--control-port"])
def test_a_port_that_is_taken_is_named_with_its_option(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setattr("sys.argv", ["paper", "--port", "0", "--control-port", "0", option, port])
        assert main() == 2

    assert f"can't start: {option} {port} can't be had (Address already in use)" in capsys.readouterr().err
