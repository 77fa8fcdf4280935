import os
import signal
import subprocess
import sys

from willbuy.scratch import scratch

HOLD = """
import sys, time
from willbuy.scratch import scratch
with scratch(".s-", sys.argv[1]) as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_it_goes_with_the_block(tmp_path):
    with scratch(".s-", tmp_path / "new") as folder:
        assert folder.is_dir()
    assert not list((tmp_path / "new").iterdir())


def test_that_of_a_killed_process_goes_with_the_next_and_that_of_a_living_one_stays(tmp_path):
    (tmp_path / ".s-other").mkdir()
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        left = process.stdout.readline().strip()
        with scratch(".s-", tmp_path):
            assert os.path.exists(left), "it lives"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert os.path.exists(left)
    with scratch(".s-", tmp_path):
        assert not os.path.exists(left)
    assert [path.name for path in tmp_path.iterdir()] == [".s-other"], "without a lock: not ours"
