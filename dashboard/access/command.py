"""`python -m dashboard password`: the hash of the owner's password, printed as the setting or written to a file."""

import getpass
import os
import sys
from pathlib import Path

from dashboard.access.password import find_fault, hash_password
from sql.errors import UsageFault

SETTING = "DASHBOARD_PASSWORD_HASH"


def make_password(file: Path | None) -> None:
    """Ask for a password twice, at a prompt or in two lines of standard input, and give its hash away.

    Raises UsageFault when it can't be taken, or the file can't be written; then nothing was changed.
    """
    hashed = hash_password(_read_password())
    if file is None:
        print(f"{SETTING}={hashed}")
        print("Put this line into .env (mode 0600) and start the dashboard again: every session ends.", file=sys.stderr)
        return
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
            written.write(f"{hashed}\n")
        unfinished.rename(file)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise UsageFault(f"The hash can't be written to {file} ({error.strerror}).") from None
    print(f"Written to {file}. Set {SETTING}_FILE to it and start the dashboard again: every session ends.")


def _read_password() -> str:
    ask = getpass.getpass if sys.stdin.isatty() else _read_line
    password = ask("New password for the dashboard: ")
    if fault := find_fault(password):
        raise UsageFault(f"This password can't be used. {fault}")
    if ask("Once more: ") != password:
        raise UsageFault("The two were not the same. Nothing was changed; give the command again.")
    return password


def _read_line(_: str) -> str:
    """The next line of standard input, which nobody is asked for."""
    return sys.stdin.readline().rstrip("\n")
