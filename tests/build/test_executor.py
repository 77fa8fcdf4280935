import json
import os
from pathlib import Path

import pytest
import yaml
from ploomber import DAG
from ploomber.products import File
from ploomber.tasks import PythonCallable

from willbuy import machine
from willbuy.build.executor import Build, BuildStopped, checked, discard_leftovers, locked

ROOT = Path(__file__).parents[2]


def first(product):
    Path(str(product)).write_text("first")


def second(product, upstream):
    Path(str(product)).write_text("second")


def fails_half_way(product):
    Path(str(product)).write_text("half")
    raise ValueError("on purpose")


def dag(folder: Path, function=first) -> DAG:
    dag = DAG(executor=Build(folder))
    upstream = PythonCallable(function, File(folder / "first.txt"), dag, name="first")
    upstream >> PythonCallable(second, File(folder / "second.txt"), dag, name="second")
    return dag


def ran(dag: DAG) -> list[str]:
    report = dag.build(show_progress=False)
    return [name for name, yes in zip(report["name"], report["Ran?"], strict=True) if yes]


def test_a_build_runs_what_is_out_of_date_and_then_nothing(tmp_path):
    assert ran(dag(tmp_path)) == ["first", "second"]
    assert ran(dag(tmp_path)) == []


def test_what_a_failed_build_left_is_out_of_date_even_when_the_change_is_taken_back(tmp_path):
    dag(tmp_path).build(show_progress=False)
    with pytest.raises(BuildStopped, match="first stopped. on purpose"):
        dag(tmp_path, fails_half_way).build(show_progress=False)
    assert ran(dag(tmp_path)) == ["first", "second"]
    assert (tmp_path / "first.txt").read_text() == "first"


def test_a_second_build_of_the_same_products_is_refused_and_names_the_process(tmp_path):
    with locked(tmp_path), pytest.raises(BuildStopped, match=rf"another build \(process {os.getpid()}\) is at work"):
        dag(tmp_path).build(show_progress=False)
    assert not (tmp_path / "first.txt").exists()


def test_builds_of_other_products_are_not_refused(tmp_path):
    with locked(tmp_path / "a"):
        assert ran(dag(tmp_path / "b")) == ["first", "second"]


def test_the_lock_is_free_again_after_a_failure(tmp_path):
    with pytest.raises(RuntimeError, match="inside"), locked(tmp_path):
        raise RuntimeError("inside")
    with locked(tmp_path), pytest.raises(BuildStopped), locked(tmp_path):
        pass


def test_leftovers_go_and_products_stay(tmp_path):
    kept = [tmp_path / "models/v/model.ubj", tmp_path / "events.parquet", tmp_path / ".events.parquet.metadata"]
    kept += [tmp_path / "notes.tmp", tmp_path / "sample/events.parquet.17.tmp", tmp_path / "sample/.duckdb-x/spill"]
    gone = [tmp_path / "events.parquet.17.tmp", tmp_path / "models/.v.17.tmp/model.ubj", tmp_path / ".duckdb-x/spill"]
    gone.append(tmp_path / ".ingest-x/log/0.parquet")
    for path in [*kept, *gone]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"timestamp": 1}))
    discard_leftovers(tmp_path)
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in gone)
    assert not (tmp_path / "models/.v.17.tmp").exists() and not (tmp_path / ".duckdb-x").exists()


def test_products_that_are_no_folder_stop_the_build(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BuildStopped, match=r"products = '.*file' cannot be written"):
        dag(tmp_path / "file").build(show_progress=False)


def test_parameters_come_alone_or_in_groups_and_the_machine_hears_its_own(tmp_path, monkeypatch):
    values = yaml.safe_load((ROOT / "env.yaml").read_text()) | {"threads": 7, "products": str(tmp_path / "none")}
    monkeypatch.setenv("WILLBUY_THREADS", "3")
    first, rest = dict(list(values.items())[:9]), dict(list(values.items())[9:])
    assert checked(**first, rest=rest).products == tmp_path / "none"
    assert machine.threads() == 7
    assert not (tmp_path / "none").exists()


def test_an_unknown_parameter_of_the_file_is_noticed(tmp_path, monkeypatch):
    (tmp_path / "pipeline.yaml").touch()
    (tmp_path / "env.yaml").write_text((ROOT / "env.yaml").read_text() + "horizn_days: 7\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
    with pytest.raises(BuildStopped, match="horizn_days = 7: there is no such parameter"):
        checked(**yaml.safe_load((ROOT / "env.yaml").read_text()))


@pytest.mark.parametrize(
    ("log", "log_format", "said"),
    [("nowhere.csv", "rees46", "nowhere.csv: no such file"), (str(ROOT / "env.yaml"), "nothing", "is neither a file")],
)
def test_a_log_or_a_mapping_that_is_not_there_stops_before_the_first_task(log, log_format, said):
    values = yaml.safe_load((ROOT / "env.yaml").read_text())
    with pytest.raises(BuildStopped, match=said):
        checked(**values | {"source": "ingest", "log": log, "log_format": log_format})


def test_products_that_a_pipeline_needs_have_to_be_there(tmp_path):
    values = yaml.safe_load((ROOT / "env.yaml").read_text())
    (tmp_path / "events.parquet").touch()
    checked(needs=[str(tmp_path / "events.parquet")], **values)
    with pytest.raises(BuildStopped, match=r"items\.parquet not found: run `ploomber build`"):
        checked(needs=[str(tmp_path / "events.parquet"), str(tmp_path / "items.parquet")], **values)
