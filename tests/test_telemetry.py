"""A build tries no connection off the machine, and writes nothing into the home folder."""

from pathlib import Path

from project import Project, ran

WATCHED = Path(__file__).parent / "watched"


def _watched(project, tmp_path, **environment) -> tuple[Project, Path]:
    log, home = tmp_path / "log", tmp_path / "home"
    home.mkdir()
    quiet = {"PYTHONPATH": str(WATCHED), "WATCH_LOG": str(log), "HOME": str(home), **environment}
    return Project(project.root, quiet), log


def test_a_real_build_reaches_nobody_and_writes_no_settings(project, tmp_path):
    watched, log = _watched(project, tmp_path)
    build = watched.build("--force", "--env--notebook_executor", "papermill", check=True)
    assert len(ran(build)) == 6
    seen = log.read_text().splitlines()
    assert sum("ipykernel_launcher" in line for line in seen) == 6, "every kernel should have been watched"
    assert [line for line in seen if line.startswith("outside")] == []
    assert not (tmp_path / "home/.ploomber").exists()


def test_the_watch_sees_an_attempt(project, tmp_path):
    watched, log = _watched(project, tmp_path)
    watched.run("-c", "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))")
    assert "outside socket.connect 192.0.2.1" in log.read_text()


def test_loading_the_pipeline_turns_telemetry_off(sample):
    load = "from ploomber.spec import DAGSpec; DAGSpec('pipeline.yaml').to_dag()"
    script = f"{load}; import os; print(os.environ['PLOOMBER_STATS_ENABLED'])"
    assert sample.run("-c", script, check=True).stdout.splitlines()[-1] == "false"
