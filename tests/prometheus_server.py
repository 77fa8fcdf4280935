"""A Prometheus of the test's own: the shipped configuration, in seconds where it says minutes."""

import json
import shutil
import subprocess
from urllib.parse import quote

import pytest
import yaml
from server import ROOT, ask, free_port, wait_for

SHIPPED = ROOT / "deploy" / "prometheus"
GROUPS = yaml.safe_load((SHIPPED / "rules.yml").read_text())["groups"]
ALERTS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}
# Alerts fire at once, and what looks back over hours looks back over seconds.
SHORTER = {"[5m]": "[10s]", "[1h]": "[5s]", "[1d] offset 1h": "[20s] offset 5s", "[30m]": "[5s]", "> 1000": "> 10"}


class PrometheusServer:
    """Scrapes the servers on `ports` of this machine each second, its data in `folder`."""

    def __init__(self, folder, ports):
        self.port = free_port()
        (folder / "rules.yml").write_text(json.dumps(_at_once(yaml.safe_load(_shorter()))))
        (folder / "prometheus.yml").write_text(json.dumps(_each_second(ports)))
        options = {"config.file": folder / "prometheus.yml", "storage.tsdb.path": folder / "data"}
        options["web.listen-address"] = f"127.0.0.1:{self.port}"
        command = ["prometheus", *(f"--{name}={value}" for name, value in options.items())]
        self._log = (folder / "log").open("w")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        wait_for(lambda: self._is_ready() and len(self.values("up")) == len(ports), (folder / "log").read_text)
        wait_for(lambda: "WillbuyDown" not in self.firing())  # as it did when nothing had been scraped

    def values(self, query):
        """The values that the query answers with now."""
        status, _, answer = ask(self.port, "GET", f"/api/v1/query?query={quote(query)}")
        assert status == 200, answer
        return [float(one["value"][1]) for one in answer["data"]["result"]]

    def firing(self):
        """The names of the alerts that fire now."""
        _, _, answer = ask(self.port, "GET", "/api/v1/alerts")
        return {alert["labels"]["alertname"] for alert in answer["data"]["alerts"] if alert["state"] == "firing"}

    def stop(self):
        self._process.terminate()
        self._process.wait(30)
        self._log.close()

    def _is_ready(self):
        try:
            return ask(self.port, "GET", "/-/ready")[0] == 200
        except OSError:
            return False


def started(folder, ports):
    """One that is ready; skips the test where Prometheus is not installed."""
    if not shutil.which("prometheus"):
        pytest.skip("prometheus is not installed; on Debian: apt-get install prometheus")
    folder.mkdir()
    return PrometheusServer(folder, ports)


def _shorter():
    text = (SHIPPED / "rules.yml").read_text()
    for long, short in SHORTER.items():
        assert long in text
        text = text.replace(long, short)
    return text


def _at_once(rules):
    for group in rules["groups"]:
        for rule in group["rules"]:
            rule.pop("for", None)
    return rules


def _each_second(ports):
    shipped = yaml.safe_load((SHIPPED / "prometheus.yml").read_text())
    shipped["global"] = dict.fromkeys(shipped["global"], "1s")
    (willbuy,) = shipped["scrape_configs"]
    willbuy["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
    del willbuy["dns_sd_configs"]
    return shipped
