"""The usual way to serve such a model: FastAPI, pydantic, a pandas frame, and XGBoost's scikit-learn wrapper.

python benchmarks/serving_fastapi.py PORT VERSION_DIRECTORY
"""

import json
import sys
from pathlib import Path

import pandas as pd
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, create_model
from xgboost import XGBClassifier

from willbuy.models.calibration import Calibration


def make_app(version: Path) -> FastAPI:
    """One route that answers what willbuy's /predict answers, each step by the library at hand for it."""
    card = json.loads((version / "model.json").read_text())
    knots = card["calibration"]
    calibration = Calibration(knots["method"], knots["margins"], knots["probabilities"])
    names, levels = [f["name"] for f in card["features"]], card["levels"]
    numbers = [name for name in names if name not in levels]
    model = XGBClassifier(n_jobs=1)
    model.load_model(version / "model.ubj")
    request_type = _request_type(names, levels)
    app = FastAPI()

    @app.post("/predict")
    def predict(request: request_type):
        frame = pd.DataFrame([row.model_dump() for row in request.features])
        features = frame[numbers].astype("float32")
        for name, values in levels.items():
            features[name] = pd.Categorical(frame[name], categories=values)
        margins = model.predict(features[names], output_margin=True)
        frame["probability"] = calibration(margins)
        frame["prediction"] = (frame.probability >= card["threshold"]).astype(int)
        answer = frame[["user_id", "item_id", "prediction", "probability"]]
        return {"predictions": answer.to_dict("records"), "model_version": card["version"]}

    return app


def _request_type(names: list[str], levels: dict) -> type[BaseModel]:
    fields = {name: ((str if name in levels else float) | None, None) for name in names}
    ids = dict.fromkeys(("user_id", "item_id"), (str | None, None))
    row = create_model("Row", **fields, **ids, __config__=ConfigDict(extra="forbid"))
    return create_model("Request", features=(list[row], ...))


if __name__ == "__main__":
    uvicorn.run(make_app(Path(sys.argv[2])), port=int(sys.argv[1]), log_level="warning", access_log=False)
