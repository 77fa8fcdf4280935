"""What can be configured, computed or left behind appears in the documentation, as it is."""

import re
from pathlib import Path

import pytest
import yaml

from willbuy.features.definitions import FEATURES

ROOT = Path(__file__).parents[1]
PIPELINE = (ROOT / "docs/pipeline.md").read_text()
ENV = (ROOT / "env.yaml").read_text()
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text() for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")]}


@pytest.mark.parametrize("pipeline", ["pipeline.yaml", "pipeline.backtest.yaml"])
@pytest.mark.parametrize("name", [name for name in yaml.safe_load(ENV) if name != "products"])
def test_each_pipeline_names_each_parameter_once(name, pipeline):
    # `products` begins every path.
    assert len(re.findall(rf"{{{{{name}}}}}", (ROOT / pipeline).read_text())) == 1


@pytest.mark.parametrize("feature", FEATURES, ids=lambda f: f.name)
def test_every_feature_is_in_the_dictionary(feature):
    assert f"`{feature.name}`" in TEXTS["docs/features.md"]


def products() -> list[str]:
    specs = [ROOT / "pipeline.yaml", ROOT / "pipeline.backtest.yaml", *(ROOT / "notebooks").glob("*.yaml")]
    loaded = [yaml.safe_load(path.read_text()) for path in specs]
    tasks = [task for spec in loaded for task in (spec["tasks"] if isinstance(spec, dict) else spec)]
    return sorted({path.removeprefix("{{products}}/") for task in tasks for path in task["product"].values()})


@pytest.mark.parametrize("product", [path for path in products() if not path.startswith("reports/")])
def test_every_product_is_documented(product):
    assert f"`{product}`" in PIPELINE


def test_every_command_of_the_makefile_explains_itself():
    targets = re.findall(r"^\.PHONY: (\S+)\n\1:.*## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert len(targets) == (ROOT / "Makefile").read_text().count(".PHONY: ")


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", TEXTS[name]):
        assert (ROOT / name).parent.joinpath(target).exists(), target
