"""The yardstick: a Flask route that returns a constant, under the very server that `make serve` starts.

python benchmarks/serving_noop.py PORT
"""

import sys

from flask import Flask

from app.__main__ import server
from app.settings import Listening


def create_app() -> Flask:
    """One route, one constant."""
    app = Flask(__name__)
    app.add_url_rule("/predict", view_func=lambda: "ok")
    return app


if __name__ == "__main__":
    server("benchmarks.serving_noop:create_app", Listening.from_environment({"PORT": sys.argv[1]})).serve()
