"""Ctrl-C, as it comes from a terminal: it ends a command at once, without a word of Python."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import TWO_LINES, Commands

HERE = Path(__file__).parents[2]
CTRL_C = b"\x03"
IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@pytest.mark.parametrize(("action", "presses"), [("add new", 1), ("rekey test", 2)])
def test_ctrl_c_at_a_prompt_ends_the_command(action: str, presses: int, command: Commands) -> None:
    command("account", "add", "test", stdin=TWO_LINES)
    typed = [sys.executable, "-m", "monitor", "account", *action.split()]
    with subprocess.Popen(
        [sys.executable, "-c", IN_A_TERMINAL, *typed], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin and child.stdout
        said = b""
        while not said.endswith(b"API key: ") and (letter := child.stdout.read(1)):
            said += letter
        child.stdin.write(CTRL_C * presses)
        child.stdin.flush()
        said += child.communicate(timeout=20)[0]

    assert child.returncode == 4
    assert said.decode().split() == ["API", "key:", "Interrupted.", "Nothing", "is", "half-written."]
