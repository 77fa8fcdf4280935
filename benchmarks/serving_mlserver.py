"""MLServer on a port of our choice: it takes its settings from a file only.

python benchmarks/serving_mlserver.py EXECUTABLE FOLDER PORT
"""

import json
import os
import sys
from pathlib import Path

from serving_load import free_port

executable, folder, port = sys.argv[1:]
settings = {
    "debug": False,
    "parallel_workers": 0,
    "http_port": int(port),
    "grpc_port": free_port(),
    "metrics_port": free_port(),
}
(Path(folder) / "settings.json").write_text(json.dumps(settings | {"host": "127.0.0.1"}))
os.environ.pop("PYTHONPATH", None)  # its environment is its own
os.execv(executable, [executable, "start", folder])
