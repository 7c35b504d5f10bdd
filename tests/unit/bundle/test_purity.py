"""What is rendered depends on deploy/stack.toml alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bundle.render import targets
from tests.checkout import ROOT, STACK
from tests.integration import clock

# Once the source is read, a renderer opens no file, no connection and no program.
RENDER = """
import json, sys
from pathlib import Path
from bundle.load import load
from bundle.render import targets

stack = load(Path(sys.argv[1]))

def refuse(event, arguments):
    if event.split(".")[0] in ("open", "socket", "subprocess", "os", "shutil", "tempfile"):
        raise RuntimeError(f"a renderer did {event}{arguments}")

sys.addaudithook(refuse)
files = targets.files(stack)
sys.stdout.write(json.dumps({str(path): text for path, text in files.items()}))
"""
ELSEWHERE = {
    "another directory": {},
    "another zone": {"TZ": "Pacific/Kiritimati"},
    "another language": {"LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "another home": {"HOME": "/nonexistent", "USER": "nobody", "LOGNAME": "nobody"},
    "another order of sets": {"PYTHONHASHSEED": "1"},
    "yet another order of sets": {"PYTHONHASHSEED": "4711"},
    "another stack at the start": {"STACK_NAME": "zebra", "TAG": "v9", "REGISTRY": "example", "WEB_PORT": "1"},
    "another day": clock.Shift(400 * 86400).environment(clock.library()),
}


@pytest.mark.parametrize("environ", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_every_target_is_rendered_to_the_same_bytes(environ: dict[str, str], tmp_path: Path) -> None:
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "deploy"), "PYTHONDONTWRITEBYTECODE": "1", **environ}

    done = subprocess.run(
        [sys.executable, "-c", RENDER, str(ROOT)], env=given, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {str(path): text for path, text in targets.files(STACK).items()}
