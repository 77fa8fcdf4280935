"""The server needs no package of the pipeline: it starts where nothing else can be imported."""

import subprocess
import sys
from importlib.metadata import distributions, packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from server import ROOT

LINES = (ROOT / "deploy" / "requirements-serve.txt").read_text().splitlines()
NAMED = [line for line in LINES if not line.startswith("#")]
START = """
import sys
blocked = set(sys.argv[1:])
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in blocked:
            raise ModuleNotFoundError(f"{name} is not in the image")
sys.meta_path.insert(0, Blocked())
import app, app.__main__, app.worker
app.create_app()
"""


def needed(names):
    """These packages and whatever they ask for."""
    found, left = set(), [canonicalize_name(name) for name in names]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            asked = [Requirement(line) for line in requires(name) or []]
            left += [canonicalize_name(r.name) for r in asked if r.marker is None or r.marker.evaluate({"extra": ""})]
    return found


def start(names, tmp_path):
    kept = needed(names) | {"willbuy"}
    of = {module: {canonicalize_name(owner) for owner in owners} for module, owners in packages_distributions().items()}
    blocked = [module for module, owners in of.items() if not owners & kept]
    environment = {"WILLBUY_PRODUCTS": str(tmp_path), "WILLBUY_STATE": str(tmp_path / "state")}
    environment["PYTHONPATH"] = f"{ROOT}:{ROOT / 'src'}"
    return subprocess.run([sys.executable, "-c", START, *blocked], env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_the_server_starts_with_these_packages_alone(tmp_path):
    assert {canonicalize_name(d.name) for d in distributions()} > needed(NAMED)
    done = start(NAMED, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["granian", "scipy", "redis"])
def test_a_package_that_is_left_out_is_missed(name, tmp_path):
    done = start([other for other in NAMED if other != name], tmp_path)
    assert f"{name} is not in the image" in done.stderr
