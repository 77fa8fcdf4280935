"""A version is taken whole or not at all, whatever has happened to its files."""

import json
import random
import shutil
from hashlib import sha256

import numpy as np
import pytest
import small_model
from small_model import FIRST

from app.model.served import ServedModel
from willbuy.features.definitions import NAMES
from willbuy.models.versions import BASELINES, CARD, DIGESTS, TREES, DamagedModelError, write_digests

DAMAGES = 120
REFUSALS = (DamagedModelError, FileNotFoundError, IsADirectoryError)


@pytest.fixture
def version(products):
    return products / "models" / FIRST


def flip(path, random):
    content = bytearray(path.read_bytes())
    for _ in range(random.randint(1, 20)):
        content[random.randrange(len(content))] ^= random.randint(1, 255)
    path.write_bytes(content)


def truncate(path, random):
    path.write_bytes(path.read_bytes()[: random.randrange(path.stat().st_size)])


def grow(path, random):
    path.write_bytes(path.read_bytes() + random.randbytes(random.randint(1, 99)))


def swap_pieces(path, random):
    content, cut = path.read_bytes(), random.randrange(1, path.stat().st_size)
    path.write_bytes(content[cut:] + content[:cut])


def remove(path, random):
    path.unlink()


def become_a_folder(path, random):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("number", range(DAMAGES))
def test_a_damaged_directory_is_refused(version, number):
    chance = random.Random(number)
    path = chance.choice(sorted(version.iterdir()))
    before = path.read_bytes()
    chance.choice([flip, flip, truncate, grow, swap_pieces, remove, become_a_folder])(path, chance)
    assert not path.is_file() or path.read_bytes() != before
    with pytest.raises(REFUSALS, match=r"\w"):
        ServedModel.load(version)


def loaded_with_right_digests(version):
    """The damaged model, as whoever can write digests too leaves it; None if it is refused."""
    (version / DIGESTS).unlink()
    write_digests(version)
    try:
        return ServedModel.load(version)
    except REFUSALS:
        return None


@pytest.mark.parametrize("number", range(60))
def test_damage_with_right_digests_is_refused_or_harmless(version, number):
    """Somebody who can write digests too: arrays, card and golden rows still have to fit together."""
    chance = random.Random(number)
    path = version / chance.choice([CARD, TREES])
    chance.choice([flip, flip, flip, truncate, swap_pieces])(path, chance)
    if (model := loaded_with_right_digests(version)) is None:
        return
    rows = [row.features for row in model.card.golden]
    matrix = model.rows.matrix(model.rows.reader.decode(json.dumps({"features": rows}).encode()).features)
    assert np.isfinite(model.probabilities(matrix)).all()


def test_logistic_regression_gives_the_bits_of_its_build(tmp_path):
    made = small_model.save_logistic(tmp_path)
    served = ServedModel.load(tmp_path / "models" / small_model.LOGISTIC)
    matrix = small_model.ENCODING.matrix(small_model.table(500, seed=5))
    assert served.probabilities(matrix).tobytes() == made.predict_matrix(matrix).tobytes()
    assert np.array_equal(served.predictor.contributions(matrix), made.contributions(matrix))
    assert served.card.kind == made.kind


@pytest.mark.parametrize("number", range(40))
def test_a_damaged_logistic_regression_is_refused_or_harmless(tmp_path_factory, number, logistic_version):
    version = shutil.copytree(logistic_version, tmp_path_factory.mktemp("damaged") / small_model.LOGISTIC)
    chance = random.Random(number)
    chance.choice([flip, flip, flip, truncate, swap_pieces])(version / chance.choice([CARD, BASELINES]), chance)
    if (model := loaded_with_right_digests(version)) is None:
        return
    assert np.isfinite(model.probabilities(np.zeros((1, len(model.names)), np.float32))).all()


@pytest.fixture(scope="module")
def logistic_version(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logistic")
    small_model.save_logistic(folder)
    return folder / "models" / small_model.LOGISTIC


def rewrite(version, change):
    """Change the card, and make the digests those of the new one."""
    (version / CARD).write_text(json.dumps(change(json.loads((version / CARD).read_text()))))
    (version / DIGESTS).unlink()
    write_digests(version)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "xgboost_20990101_000000"}, "version"),
        ({"threshold": 2}, "threshold"),
        ({"threshold": "high"}, "threshold"),
        ({"features": []}, "features"),
        ({"levels": {"nobody": ["a"]}}, "levels"),
        ({"levels": {}}, "golden"),
        ({"golden": []}, "golden"),
        ({"session_gap_minutes": 0}, "gap inside a session"),
        ({"calibration": {"method": "x", "margins": [1, 0], "probabilities": [0, 1]}}, "rising"),
        ({"calibration": {"method": "x", "margins": [0, 1], "probabilities": [0, 2]}}, "rising"),
        ({"calibration": {"method": "x", "margins": [], "probabilities": []}}, "rising"),
        ({"calibration": {"method": "x", "margins": [-9, 9], "probabilities": [0, 1]}}, "golden"),
    ],
)
def test_a_card_that_does_not_fit_is_refused_by_name(version, change, said):
    rewrite(version, lambda card: card | change)
    with pytest.raises(DamagedModelError, match=said):
        ServedModel.load(version)


def test_a_card_without_the_gap_inside_a_session_is_refused_and_not_guessed(version):
    rewrite(version, lambda card: {name: value for name, value in card.items() if name != "session_gap_minutes"})
    with pytest.raises(DamagedModelError, match="session_gap_minutes"):
        ServedModel.load(version)


def test_trees_of_another_version_are_refused_by_the_golden_rows(version):
    shutil.copy(version.parent / small_model.SECOND / TREES, version / TREES)
    (version / DIGESTS).unlink()
    write_digests(version)
    with pytest.raises(DamagedModelError, match="golden"):
        ServedModel.load(version)


def test_the_digests_are_those_of_sha256sum(version):
    lines = dict(reversed(line.split("  ")) for line in (version / DIGESTS).read_text().splitlines())
    assert lines[CARD] == sha256((version / CARD).read_bytes()).hexdigest()
    assert set(lines) == {p.name for p in version.iterdir()} - {DIGESTS}


class NeverAsked(list):
    """Categories that may be looked up, and not gone through."""

    def __iter__(self):
        raise AssertionError("all categories were gone through")


def test_a_category_costs_the_same_however_many_there_are(version):
    model = ServedModel.load(version)
    (name, levels), *_ = model.card.levels.items()
    categories = NeverAsked([*(f"other {n}" for n in range(1000)), *levels])
    features = np.zeros((len(NAMES), 4))
    features[NAMES.index(name)] = [1000, np.nan, 5, 1000 + len(levels) - 1]
    column = model.encoded(features, categories, [{}] * 4)[:, model.names.index(name)]
    assert np.array_equal(column, np.array([0, np.nan, np.nan, len(levels) - 1], np.float32), equal_nan=True)
