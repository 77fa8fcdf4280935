"""Every part of a page that comes from the code is what the code says now."""

import pytest
from writing import pages, parameters, written

PAGE = "Before.\n<!-- list: written by hand -->\n\nold\n\n<!-- end of list -->\nAfter.\n"
PARTS = [(name, part) for name, parts in written().items() for part in parts]


def test_a_part_is_placed_between_its_comments_and_nothing_else_changes():
    table = pages.table(("name", "words"), [("`a`", "first"), ("`b`", "")])
    assert table == "| name | words |\n| --- | --- |\n| `a` | first |\n| `b` | |"
    placed = pages.placed(PAGE, {"list": table, "other": "nowhere"})
    assert placed == PAGE.replace("old", table)
    assert pages.placed(placed, {"list": table}) == placed


@pytest.mark.parametrize(("name", "part"), PARTS)
def test_every_part_is_in_its_page_as_it_should_be(name, part):
    text = written()[name][part]
    assert f"-->\n\n{text}\n\n<!-- end of {part} -->" in (pages.DOCS / name).read_text(), "run `make docs`"


def test_the_comments_of_the_parameters_are_what_the_code_says():
    text = parameters.ENV.read_text()
    assert parameters.commented(text) == text, "run `make docs`"
