import fcntl

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.metrics import OTHER, VERSIONS, Metrics

ROUTES = ("/a", "/b")


def samples(metrics):
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {(s.name, *_labels(s)): s.value for family in families for s in family.samples}


def _labels(sample):
    return [value for _, value in sorted(sample.labels.items(), key=lambda label: label[0] == "le")]


def test_requests_are_counted_by_route_and_status(tmp_path):
    metrics = Metrics(tmp_path, ROUTES)
    metrics.count_request("/a", 200, 0.0006)
    metrics.count_request("/a", 200, 0.5)
    metrics.count_request(None, 418, 9.0)
    found = samples(metrics)
    assert found["willbuy_requests_total", "/a", "200"] == 2
    assert found["willbuy_requests_total", OTHER, OTHER] == 1
    assert found["willbuy_request_seconds_bucket", "/a", "0.0005"] == 0
    assert found["willbuy_request_seconds_bucket", "/a", "0.001"] == 1
    assert found["willbuy_request_seconds_bucket", "/a", "+Inf"] == 2
    assert found["willbuy_request_seconds_sum", "/a"] == pytest.approx(0.5006)
    assert not any(key[1:2] == ("/b",) for key in found)


def test_scores_are_a_histogram_for_each_version_one_row_or_many_alike(tmp_path):
    one, many = Metrics(tmp_path, ROUTES), np.array([0.0005, 0.001, 0.03, 1.0])
    for p in many:
        one.count_scores("xgboost_1", np.array([p]))
    one.count_scores("xgboost_2", many)
    found = samples(one)
    buckets = {k[2]: v for k, v in found.items() if k[:2] == ("willbuy_probability_bucket", "xgboost_1")}
    assert buckets == {k[2]: v for k, v in found.items() if k[:2] == ("willbuy_probability_bucket", "xgboost_2")}
    assert (buckets["0.001"], buckets["0.05"], buckets["1.0"]) == (2, 3, 4)
    assert found["willbuy_rows_total", "xgboost_2"] == 4


def test_rows_that_lack_a_feature_are_counted_by_version(tmp_path):
    metrics = Metrics(tmp_path, ROUTES)
    metrics.count_scores("xgboost_1", np.array([0.5, 0.6, 0.7]), 2)
    metrics.count_scores("xgboost_1", np.array([0.5]), 1)
    metrics.count_scores("xgboost_2", np.array([0.5]))
    found = samples(metrics)
    assert (found["willbuy_rows_total", "xgboost_1"], found["willbuy_incomplete_rows_total", "xgboost_1"]) == (4, 3)
    assert found["willbuy_incomplete_rows_total", "xgboost_2"] == 0


def test_unknown_users_and_items_are_counted(tmp_path):
    metrics = Metrics(tmp_path, ROUTES)
    metrics.count_unknown([["user_id", "item_id"], [], ["item_id"]])
    found = samples(metrics)
    assert (found["willbuy_unknown_users_total",], found["willbuy_unknown_items_total",]) == (1, 2)


def test_what_a_killed_worker_had_begun_is_not_in_flight(tmp_path):
    first, second = Metrics(tmp_path, ROUTES), Metrics(tmp_path, ROUTES)
    for metrics in (first, second, second):
        metrics.begin()
    second.end()
    assert samples(first)["willbuy_requests_in_flight",] == 2
    fcntl.flock(second._file, fcntl.LOCK_UN)  # as the system does when a process dies
    assert samples(first)["willbuy_requests_in_flight",] == 1
    assert samples(Metrics(tmp_path, ROUTES))["willbuy_requests_in_flight",] == 1


def test_versions_without_end_share_the_last_place(tmp_path):
    metrics = Metrics(tmp_path, ROUTES)
    for number in range(VERSIONS + 10):
        metrics.count_scores(f"v{number}", np.array([0.5]))
    found = samples(metrics)
    assert found["willbuy_rows_total", "v0"] == 1
    assert found["willbuy_rows_total", OTHER] == 11


def test_workers_are_summed_and_the_counts_of_a_dead_one_stay(tmp_path):
    first, second = Metrics(tmp_path, ROUTES), Metrics(tmp_path, ROUTES)
    first.count_request("/a", 200, 0)
    second.count_request("/a", 200, 0)
    fcntl.flock(first._file, fcntl.LOCK_UN)  # as the system does when a process dies
    third = Metrics(tmp_path, ROUTES)
    third.count_request("/a", 200, 0)
    assert len(list(tmp_path.glob("metrics-*"))) == 2
    assert samples(second)["willbuy_requests_total", "/a", "200"] == 3


def test_loads_and_refusals_are_counted(tmp_path):
    metrics = Metrics(tmp_path, ROUTES)
    for worked in (True, True, False):
        metrics.count_load(worked)
    found = samples(metrics)
    assert (found["willbuy_model_loads_total",], found["willbuy_model_load_failures_total",]) == (2, 1)
