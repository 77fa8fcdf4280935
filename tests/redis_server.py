"""A Redis of the test's own: a process on a free port of loopback, its data in a folder of the test's."""

import shutil
import subprocess

import pytest
import redis
from server import free_port, wait_for


class RedisServer:
    """Starts at once; `stop` and `start` again as a test likes. Every write is on the disk before it is answered."""

    def __init__(self, folder):
        self._folder, self.port = folder, free_port()
        self.start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        options += ["--appendonly", "yes", "--appendfsync", "always"]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        wait_for(self._answers)

    def stop(self):
        """As if the machine had failed."""
        self.process.kill()
        self.process.wait()

    def empty(self):
        redis.Redis(port=self.port).flushall()

    def holds(self, what):
        """Whether its files hold these bytes."""
        return any(what in path.read_bytes() for path in self._folder.rglob("*") if path.is_file())

    def await_rewritten(self):
        with redis.Redis(port=self.port) as client:
            wait_for(lambda: not client.info("persistence")["aof_rewrite_in_progress"])

    def _answers(self):
        try:
            return redis.Redis(port=self.port).ping()
        except redis.ConnectionError:
            return False


def started(folder):
    """A server with its data in `folder`; skips the test where Redis is not installed."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed; on Debian: apt-get install redis-server")
    return RedisServer(folder)
