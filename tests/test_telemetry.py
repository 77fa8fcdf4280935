"""A build tries no connection off the machine, and writes nothing into the home folder."""

import pytest
from project import in_another_world

pytestmark = pytest.mark.slow


def test_a_real_build_reaches_nobody_and_writes_no_settings(elsewhere):
    home = elsewhere.root.with_name("home")
    seen = elsewhere.root.with_name("log").read_text().splitlines()
    assert sum("ipykernel_launcher" in line for line in seen) == 6, "every kernel should have been watched"
    assert [line for line in seen if line.startswith("outside")] == []
    assert not (home / ".ploomber").exists()


def test_the_watch_sees_an_attempt(tmp_path):
    (tmp_path / "project").mkdir()
    attempt = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    in_another_world(tmp_path).run("-c", attempt)
    assert "outside socket.connect 192.0.2.1" in (tmp_path / "log").read_text()


def test_loading_the_pipeline_turns_telemetry_off(sample):
    load = "from ploomber.spec import DAGSpec; DAGSpec('pipeline.yaml').to_dag()"
    script = f"{load}; import os; print(os.environ['PLOOMBER_STATS_ENABLED'])"
    assert sample.fork("-c", script).wait().stdout.splitlines()[-1] == "false"
