"""Every example runs as it stands, in a folder of its own, and leaves nothing beside itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.surroundings import ROOT

EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(path for path in [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*/main.py")] if not path.name.startswith("_"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.relative_to(EXAMPLES)))
def test_an_example_runs_and_prints_what_it_did(script, tmp_path):
    run = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()


def test_every_example_is_listed():
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert [script.name for script in SCRIPTS if str(script.relative_to(EXAMPLES)) not in listed] == []
