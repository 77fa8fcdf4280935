"""Two builds far apart, in time and place, give the same values in every table."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
from project import Project

CLOCK = Path(__file__).parent / "shifted_clock"


def test_another_date_time_zone_locale_and_hash_seed_give_the_same_tables(project, sample):
    elsewhere = {
        "PYTHONPATH": str(CLOCK),
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "PYTHONHASHSEED": "7",
    }
    shutil.rmtree(project.products)
    Project(project.root, elsewhere).build(check=True)
    assert _built_at(project) - _built_at(sample) > 399 * 86_400, "the clock was not shifted"
    assert project.tables().keys() == sample.tables().keys()
    for name, path in sample.tables().items():
        assert pq.read_table(path).equals(pq.read_table(project.products / name)), name


def _built_at(project) -> float:
    return json.loads((project.products / ".events.parquet.metadata").read_text())["timestamp"]
