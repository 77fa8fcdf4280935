import os
import subprocess
import sys
from pathlib import Path

import yaml
from limits import limited

from willbuy import machine

ENV = yaml.safe_load((Path(__file__).parents[1] / "env.yaml").read_text())


def test_what_is_announced_holds_here_and_in_what_is_started():
    with limited(threads=5, memory_limit="700MB"):
        assert (machine.threads(), machine.memory_limit(), machine.bucket_events()) == (5, "700MB", 250_000)
        asked = "from willbuy import machine; print(machine.threads(), machine.memory_limit())"
        said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, env=os.environ, check=True)
    assert said.stdout.split() == ["5", "700MB"]


def test_without_an_announcement_the_values_of_the_file_hold(monkeypatch):
    for name in machine.DEFAULTS:
        monkeypatch.delenv(f"WILLBUY_{name.upper()}", raising=False)
        assert getattr(machine, name)() == ENV[name]


def test_xgboosts_threads_sleep_while_they_wait_unless_somebody_wants_otherwise(monkeypatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    with limited():
        assert os.environ["OMP_WAIT_POLICY"] == "passive"
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    with limited():
        assert os.environ["OMP_WAIT_POLICY"] == "active"
