"""`python -m monitor rotate-master-key`: every stored API key sealed anew, with another master key.

Interrupted at any moment, the same command finishes it: the next master key is on disk before a key is sealed with it,
all keys are sealed in one transaction, and only then does it take the old one's place.
"""

import argparse
from datetime import datetime

from monitor.accounts.store.credentials import reseal_credentials
from monitor.database.runs import hold_run_lock
from monitor.settings import Settings
from sql.rows import Db
from sql.vault import open_next_vault, open_vault, put_in_place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command has no arguments: both master keys are settings, or files."""
    parser.set_defaults(run=run_rotation)


def run_rotation(db: Db, settings: Settings, _: argparse.Namespace, now: datetime) -> int:
    """Rotate and print what is left to do; returns 0. Raises CredentialsError, and then no key has changed."""
    hold_run_lock(db)
    vault, next_vault = open_vault(settings), open_next_vault(settings)
    count = reseal_credentials(db, vault, next_vault, now)
    print(f"{count} stored keys are sealed with master key {next_vault.key_id} instead of {vault.key_id}.")
    print(put_in_place(settings, vault.key_id))
    return 0
