import os

from willbuy.ingest.fingerprint import of_log


def test_it_changes_with_the_log_its_mapping_and_nothing_else(bench, header, rows, mapping):
    log, described = bench.write(header + rows(3)), bench.write(mapping, "m.yaml")
    first = of_log(log, described)
    assert of_log(str(log), str(described)) == first
    described.write_text("# a comment\n" + mapping)
    assert of_log(log, described) == first, "what a mapping says counts, not how it is laid out"
    described.write_text(mapping + "timezone: Europe/Berlin\n")
    second = of_log(log, described)
    os.utime(log, (0, 0))
    third = of_log(log, described)
    bench.write(header + rows(4))
    os.utime(log, (0, 0))
    assert len({first, second, third, of_log(log, described)}) == 4


def test_an_item_file_counts(bench, header, rows):
    log = bench.write(header + rows(3), "events.csv")
    first = of_log(log, "retailrocket")
    bench.write("timestamp,itemid,property,value\n", "item_properties_part1.csv")
    assert of_log(log, "retailrocket") != first


def test_what_is_not_there_has_one_too(tmp_path):
    assert of_log("", "rees46") != of_log(tmp_path / "nope.csv", "rees46") != of_log("", "nope")
