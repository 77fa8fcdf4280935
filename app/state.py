"""How this server is, for Prometheus: what was built, and whether its store answers."""

from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.online.features import Online


class State(Collector):
    """Looked at when it is asked for."""

    def __init__(self, online: Online):
        self._online = online

    def collect(self) -> Iterator[Metric]:
        """What `prometheus_client` asks of a collector."""
        yield GaugeMetricFamily("willbuy_store_up", "1 if the store answers.", value=self._online.answers())
        build = GaugeMetricFamily("willbuy_build", "The version of this server.", labels=("version",))
        build.add_metric((version("willbuy"),), 1)
        yield build
