"""A shop's log in S3, read through a server of the test's own."""

import re
import socket

import pytest
from pyarrow import fs

from willbuy.ingest import IngestError
from willbuy.ingest.fingerprint import of_log
from willbuy.ingest.reading import s3


@pytest.fixture(scope="module")
def server():
    moto = pytest.importorskip("moto.server", reason="needs pip install 'moto[s3,server]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = moto.ThreadedMotoServer("127.0.0.1", port, verbose=False)
    running.start()
    yield f"http://127.0.0.1:{port}"
    running.stop()


@pytest.fixture
def bucket(server, monkeypatch):
    """Puts objects into a bucket: name and text."""
    environment = {"AWS_ENDPOINT_URL": server, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    for name, value in (environment | {"AWS_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"}).items():
        monkeypatch.setenv(name, value)
    client = fs.S3FileSystem(
        access_key="key", secret_key="secret", endpoint_override=server.removeprefix("http://"), scheme="http",
        allow_bucket_creation=True, allow_bucket_deletion=True,
    )  # fmt: skip
    client.create_dir("shop")

    def put(name: str, text: str) -> None:
        with client.open_output_stream(f"shop/{name}") as stream:
            stream.write(text.encode())

    yield put
    client.delete_dir("shop")


def test_an_object_a_glob_and_a_folder(bucket, bench, header, rows, mapping):
    for name, text in {"logs/day=1/a.csv": header + rows(5), "logs/day=2/b.csv": header + rows(5, 5) + "x\n"}.items():
        bucket(name, text)
    bucket("logs/_SUCCESS", "")
    bucket("logs/day=2/notes.txt", "x")
    for log in (
        "s3://shop/logs/*/*.csv",
        "s3://shop/logs/**.csv",
        ["s3://shop/logs/day=1/a.csv", "s3://shop/logs/day=2/b.csv"],
    ):
        assert bench.read(log, mapping).events == 10
        assert bench.values("quarantine", "file", "line") == [("s3://shop/logs/day=2/b.csv", 7)]
    assert bench.read("s3://shop/logs/day=1", mapping).events == 5
    assert bench.read("s3://shop/logs/day=1/", mapping).events == 5


def test_a_change_shows_in_the_fingerprint(bucket, bench, header, rows, mapping):
    bucket("a.csv", header + rows(5))
    bench.write(mapping, "mapping.yaml")
    first = of_log("s3://shop/a.csv", bench.folder / "mapping.yaml")
    assert of_log("s3://shop/a.csv", bench.folder / "mapping.yaml") == first
    bucket("a.csv", header + rows(6))
    assert of_log("s3://shop/a.csv", bench.folder / "mapping.yaml") != first


@pytest.mark.parametrize("name", ["s3://shop/nope.csv", "s3://shop/nope*.csv", "s3://nowhere/a.csv"])
def test_what_is_not_there(bucket, bench, mapping, name):
    with pytest.raises(IngestError, match=r"^s3://.*: (no such object|cannot be read)"):
        bench.read(name, mapping)


def test_an_error_names_the_address(bucket, bench, mapping):
    bucket("a.csv", "user,item\nu,i\n")
    with pytest.raises(IngestError, match=r"^s3://shop/a.csv: the mapping names the columns"):
        bench.read("s3://shop/a.csv", mapping)


@pytest.mark.parametrize(
    ("glob", "fits", "fails"),
    [
        ("b/*.csv", "b/a.csv", "b/x/a.csv"),
        ("b/**/a.csv", "b/x/y/a.csv", "b/a.csv.gz"),
        ("b/a?.c[1]", "b/ab.c[1]", "b/ab.c1"),
    ],
)
def test_globs(glob, fits, fails):
    assert re.fullmatch(s3._pattern(glob), fits) and not re.fullmatch(s3._pattern(glob), fails)
