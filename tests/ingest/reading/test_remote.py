import http.server
import threading
from functools import partial

import pytest

from willbuy.ingest import IngestError
from willbuy.ingest.fingerprint import of_log
from willbuy.ingest.reading.remote import AUTHORIZATION, is_remote


class Pages(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/secret") and self.headers["Authorization"] != "Bearer key":
            return self.send_error(401)
        return super().do_GET()

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "site").mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=tmp_path / "site"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path / "site", f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_page_is_a_log(site, bench, header, rows, mapping):
    folder, address = site
    (folder / "log.csv").write_text(header + rows(5) + "x\n")
    assert bench.read(f"{address}/log.csv?token=secret", mapping).events == 5
    assert bench.values("quarantine", "file") == [f"{address}/log.csv"], "and not what may be secret"
    assert of_log(f"{address}/log.csv", "rees46") != of_log(f"{address}/nope.csv", "rees46")


def test_credentials_come_from_the_environment(site, bench, header, rows, mapping, monkeypatch):
    folder, address = site
    (folder / "secret.csv").write_text(header + rows(5))
    with pytest.raises(IngestError, match=f"^{address}/secret.csv: cannot be fetched: .*401"):
        bench.read(f"{address}/secret.csv", mapping)
    monkeypatch.setenv(AUTHORIZATION, "Bearer key")
    assert bench.read(f"{address}/secret.csv", mapping).events == 5


def test_what_is_not_there(bench, mapping):
    with pytest.raises(IngestError, match="^https://localhost:9/log.csv: cannot be fetched"):
        bench.read("https://localhost:9/log.csv", mapping)


@pytest.mark.parametrize("part", ["log.csv", "/a:b/log.csv", "C:/log.csv", "day=1:2/log", ""])
def test_what_is_here(part):
    assert not is_remote(part)
