from willbuy import pages

PAGE = "Before.\n<!-- list: written by hand -->\n\nold\n\n<!-- end of list -->\nAfter.\n"


def test_a_part_is_placed_between_its_comments_and_nothing_else_changes():
    table = pages.table(("name", "words"), [("`a`", "first"), ("`b`", "")])
    assert table == "| name | words |\n| --- | --- |\n| `a` | first |\n| `b` | |"
    placed = pages.placed(PAGE, {"list": table, "other": "nowhere"})
    assert placed == PAGE.replace("old", table)
    assert pages.placed(placed, {"list": table}) == placed


def test_a_page_is_brought_up_to_date(tmp_path):
    (tmp_path / "page.md").write_text(PAGE)
    pages.write(tmp_path / "page.md", {"list": "new"})
    assert (tmp_path / "page.md").read_text() == PAGE.replace("old", "new")
