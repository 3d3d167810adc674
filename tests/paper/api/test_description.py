"""The OpenAPI description, and what schemathesis finds when it asks everything that it allows, and what it forbids."""

import subprocess
import sys
from pathlib import Path

from paper.api.app import OPERATIONS
from tests.paper.api.site import Site

CONFIGURATION = """
[checks]
positive_data_acceptance.enabled = false  # a name of characters that can't be shown is refused, too
unsupported_method.enabled = false  # other methods of a path have operations of their own
ignored_auth.enabled = false  # a walk of all routes by all kinds of tokens does that
"""


def test_schemathesis_finds_nothing(served: tuple[Site, str], tmp_path: Path) -> None:
    site, address = served
    token = site.sign_in(site.join("ann@example.com")).access
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    asked = [f"{address}/api/openapi.json", "--max-examples=2", "--phases=coverage,fuzzing", "--seed=1"]
    asked += ["--generation-database=none", "-H", f"Authorization: Bearer {token}"]
    asked += ["--exclude-path=/api/users/logout", "--exclude-path=/api/users/register"]  # as POST /api/users
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", *asked], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_every_operation_is_described() -> None:
    site = Site()
    told = site.ask("GET", "/api/openapi.json").json()
    site.close()

    assert {(path, method.upper()) for path, methods in told["paths"].items() for method in methods} == {
        (one.path, one.method) for one in OPERATIONS
    }
    assert all(method["summary"] for methods in told["paths"].values() for method in methods.values())
