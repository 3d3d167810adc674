"""The program's version, which all of its programs say."""

import argparse

VERSION = "0.3.0"


def add_version(parser: argparse.ArgumentParser) -> None:
    """Let a program say its version and end."""
    parser.add_argument("--version", action="version", version=f"portfolio-monitor {VERSION}")
