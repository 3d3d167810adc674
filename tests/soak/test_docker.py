"""The Dockerfile's commands without Docker: a fresh environment, an unprivileged user, a folder that he may not write to.

What is left for Docker to show is its own: layers, the base image, the volume. About two minutes.
"""

import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from dashboard.access import hash_password
from tests.deploy.image import lay_out, read_dockerfile

NOBODY = pwd.getpwnam("nobody")


@pytest.mark.soak
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user, who may not write to the program")
def test_the_image_s_commands_make_a_dashboard_that_answers() -> None:
    root = Path(tempfile.mkdtemp(prefix="image-"))
    try:
        root.chmod(0o755)
        run_image(root)
    finally:
        shutil.rmtree(root)


def run_image(root: Path) -> None:
    app, data, scratch = (root / name for name in ("app", "data", "tmp"))
    for folder in (app, data, scratch):
        folder.mkdir()
    os.chown(data, NOBODY.pw_uid, NOBODY.pw_gid)
    os.chown(scratch, NOBODY.pw_uid, NOBODY.pw_gid)
    lay_out(app)
    (install,) = [one.rest for one in read_dockerfile() if one.word == "RUN" and "pip install" in one.rest]
    path = {"PATH": f"{app}/.venv/bin:{os.environ['PATH']}"}
    subprocess.run(install.replace("python -m venv", f"{sys.executable} -m venv"), shell=True, check=True, cwd=app)
    written = next(one.rest for one in read_dockerfile() if one.word == "ENV")
    environment = dict(pair.split("=", 1) for pair in written.split()) | path
    environment |= {"DATA_DIR": str(data), "TMPDIR": str(scratch), "MPLCONFIGDIR": str(scratch / "matplotlib")}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (data / "dashboard-password").write_text(hash_password("correct horse battery staple"))
    (data / "dashboard-password").chmod(0o444)
    environment |= {"DASHBOARD_PORT": str(port), "DASHBOARD_PASSWORD_HASH_FILE": str(data / "dashboard-password")}
    start = json.loads([one.rest for one in read_dockerfile() if one.word == "CMD"][-1])
    check = next(one.rest for one in read_dockerfile() if one.word == "HEALTHCHECK")
    asking = json.loads(re.sub(r"^.*? CMD ", "", check).replace("8000", str(port)))
    before = sorted(app.rglob("*"))
    user = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": list[int](), "cwd": app, "env": environment}
    running = subprocess.Popen(start, start_new_session=True, **user)  # type: ignore[call-overload]
    try:
        deadline = time.monotonic() + 120
        while subprocess.run(asking, **user).returncode:  # type: ignore[call-overload]
            assert time.monotonic() < deadline and running.poll() is None
            time.sleep(1)
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    assert sorted(app.rglob("*")) == before  # it works where it may not write
