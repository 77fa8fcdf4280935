"""The table of parameters in docs/pipeline.md, and the comments of env.yaml."""

import re

from willbuy.build.parameters import ALLOWED, Parameters
from writing import pages

ENV = pages.DOCS.parent / "env.yaml"
MEANING = {name: field.description for name, field in Parameters.model_fields.items()}
LINE = re.compile(r"^(\w+): (\S+|\"[^\"]*\")(?: # .*)?$", re.MULTILINE)


def commented(env: str) -> str:
    """The text of env.yaml with each parameter's meaning as its comment."""
    return LINE.sub(lambda line: f"{line[1]}: {line[2]} # {MEANING[line[1]]}" if line[1] in MEANING else line[0], env)


def parts() -> dict[str, dict[str, str]]:
    """The parameters with their values in env.yaml."""
    values = dict(LINE.findall(ENV.read_text(encoding="utf-8")))
    lines = ((f"`{name}`", f"`{values.get(name)}`", MEANING[name], ALLOWED[name]) for name in MEANING)
    return {"pipeline.md": {"parameters": pages.table(("name", "default", "meaning", "allowed"), lines)}}
