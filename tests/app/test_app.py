"""What `create_app` has done once it is there."""

import os
import subprocess
import sys

import pytest
from server import ROOT

pytestmark = pytest.mark.slow

KERNELS = """
import json, sys
from numba.core.registry import CPUDispatcher
from app import create_app

def compiled():
    loaded = [m for name, m in sys.modules.items() if name.startswith("willbuy")]
    kernels = {f for m in loaded for f in vars(m).values() if isinstance(f, CPUDispatcher)}
    return {f"{f.__module__}.{f.__name__}": len(f.signatures) for f in kernels}

client = create_app().test_client()
before = compiled()
happened = {"user_id": "u", "item_id": "i", "event_type": "view", "timestamp": "2024-01-01T00:00:00Z", "price": 1.0}
asked = {"user_id": "u", "item_id": "i", "timestamp": "2024-01-02T00:00:00Z"}
body = {"features": [asked, {"view_count_7d": 3}], "explain": 3, "return_features": True}
answers = [
    client.put("/items", json={"items": [{"item_id": "i", "category": "Books", "base_price": 2.0, "price": 1.0}]}),
    client.post("/events", json={"events": [happened, happened | {"user_id": "v"}]}),
    client.post("/predict", json=body),
    client.post("/predict", json=body),
    client.post("/rank", json={"user_id": "u", "items": ["i", "j"]}),
    client.get("/features?user_id=u&item_id=i"),
]
assert all(answer.status_code == 200 for answer in answers), [answer.json for answer in answers]
after = compiled()
print(json.dumps({name: count for name, count in after.items() if count != before.get(name)}))
"""


def test_every_kernel_is_compiled_before_the_first_request(products, tmp_path):
    environment = os.environ | {"WILLBUY_PRODUCTS": str(products), "WILLBUY_STATE": str(tmp_path / "state")}
    done = subprocess.run([sys.executable, "-c", KERNELS], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "{}"
