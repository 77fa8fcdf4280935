"""What the one list of parameters says elsewhere: `python -m willbuy.build.documentation` writes it there."""

from __future__ import annotations

import re
from pathlib import Path

from willbuy import pages
from willbuy.build.parameters import ALLOWED, Parameters
from willbuy.files import write_text

ENV, PAGE = Path("env.yaml"), Path("docs/pipeline.md")
MEANING = {name: field.description for name, field in Parameters.model_fields.items()}
LINE = re.compile(r"^(\w+): (\S+|\"[^\"]*\")(?: # .*)?$", re.MULTILINE)


def commented(env: str) -> str:
    """The text of env.yaml with each parameter's meaning as its comment."""
    return LINE.sub(lambda line: f"{line[1]}: {line[2]} # {MEANING[line[1]]}" if line[1] in MEANING else line[0], env)


def parts(env: str) -> dict[str, str]:
    """The table of parameters, with their values in the text of env.yaml."""
    values = dict(LINE.findall(env))
    lines = ((f"`{name}`", f"`{values[name]}`", MEANING[name], ALLOWED[name]) for name in MEANING)
    return {"parameters": pages.table(("name", "default", "meaning", "allowed"), lines)}


if __name__ == "__main__":
    env = commented(ENV.read_text(encoding="utf-8"))
    write_text(env, ENV)
    pages.write(PAGE, parts(env))
