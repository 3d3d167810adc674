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
import stat
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


def find_python() -> str:
    """A Python that every user may start; root's own is often closed to others."""
    for place in (Path(sys.executable).resolve(), Path("/usr/bin/python3")):
        if all(part.stat().st_mode & stat.S_IXOTH for part in (place, *place.parents)):
            return str(place)
    pytest.skip("no Python here may be started by another user than root")


def run_image(root: Path) -> None:
    app, data, scratch = (root / name for name in ("app", "data", "tmp"))
    for folder in (app, data, scratch):
        folder.mkdir()
    os.chown(data, NOBODY.pw_uid, NOBODY.pw_gid)
    os.chown(scratch, NOBODY.pw_uid, NOBODY.pw_gid)
    lay_out(app)
    (install,) = [one.rest for one in read_dockerfile() if one.word == "RUN" and "pip install" in one.rest]
    path = {"PATH": f"{app}/.venv/bin:{os.environ['PATH']}"}
    # Debian's Python brings no pip of its own: ours installs for it.
    install = install.replace("python -m venv", f"{find_python()} -m venv --without-pip").replace(
        ".venv/bin/python -m pip", f"{sys.executable} -m pip --python .venv/bin/python"
    )
    subprocess.run(install, shell=True, check=True, cwd=app)
    written = next(one.rest for one in read_dockerfile() if one.word == "ENV")
    environment = dict(pair.split("=", 1) for pair in written.split()) | path
    environment |= {"DATA_DIR": str(data), "TMPDIR": str(scratch), "MPLCONFIGDIR": str(scratch / "matplotlib")}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (data / "dashboard-password").write_text(hash_password("correct horse battery staple"))
    os.chown(data / "dashboard-password", NOBODY.pw_uid, NOBODY.pw_gid)
    environment |= {"DASHBOARD_PORT": str(port), "DASHBOARD_PASSWORD_HASH_FILE": str(data / "dashboard-password")}
    start = json.loads([one.rest for one in read_dockerfile() if one.word == "CMD"][-1])
    check = next(one.rest for one in read_dockerfile() if one.word == "HEALTHCHECK")
    asking = json.loads(re.sub(r"^.*? CMD ", "", check).replace("8000", str(port)))
    before = sorted(app.rglob("*"))
    user = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": list[int](), "cwd": app, "env": environment}
    program = str(app / ".venv/bin/python")  # Popen looks for a program on our path, not on the one it gives
    running = subprocess.Popen([program, *start[1:]], start_new_session=True, **user)  # type: ignore[call-overload]
    try:
        deadline = time.monotonic() + 120
        while subprocess.run([program, *asking[1:]], **user).returncode:  # type: ignore[call-overload]
            assert time.monotonic() < deadline and running.poll() is None
            time.sleep(1)
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    assert sorted(app.rglob("*")) == before  # it works where it may not write
