"""Rules are right by Prometheus's own word, and each alert has its fault and its paragraph."""

import re
import shutil
import subprocess

import pytest
import yaml
from prometheus_server import ALERTS, SHIPPED
from server import ROOT

PROMTOOL = pytest.mark.skipif(
    not shutil.which("promtool"), reason="promtool is not installed: apt-get install prometheus"
)


@PROMTOOL
@pytest.mark.parametrize(
    "command", ["check config prometheus.yml", "check rules rules.yml", "test rules rules.test.yml"]
)
def test_promtool_says_they_are_right(command):
    done = subprocess.run(["promtool", *command.split()], cwd=SHIPPED, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_is_made_to_fire_by_a_unit_test():
    tests = yaml.safe_load((SHIPPED / "rules.test.yml").read_text())["tests"]
    fired = {case["alertname"] for test in tests for case in test.get("alert_rule_test", []) if case.get("exp_alerts")}
    assert fired == ALERTS.keys()


def test_each_alert_has_a_paragraph_in_the_runbook_that_says_who_is_woken():
    runbook = (ROOT / "deploy" / "runbook.md").read_text()
    told = dict(re.findall(r"^## (\w+)\n\n(\w+)\. ", runbook, re.MULTILINE))
    assert told == {name: rule["labels"]["severity"].capitalize() for name, rule in ALERTS.items()}
