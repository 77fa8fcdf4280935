"""What the parameters' one list says elsewhere: `python -m willbuy.build.documentation` brings it up to date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from willbuy.build.parameters import ALLOWED, Parameters
from willbuy.files import write_text

ENV, PAGE = Path("env.yaml"), Path("docs/pipeline.md")
BEGIN, END = "<!-- parameters: written by `python -m willbuy.build.documentation` -->\n", "<!-- end of parameters -->\n"
LINE = re.compile(r"^(\w+): (\S+|\"[^\"]*\")(?: # .*)?$", re.MULTILINE)


def commented(env: str) -> str:
    """The text of env.yaml with each parameter's meaning as its comment."""
    fields = Parameters.model_fields
    return LINE.sub(
        lambda line: f"{line[1]}: {line[2]} # {fields[line[1]].description}" if line[1] in fields else line[0], env
    )


def table(env: str) -> Iterator[str]:
    """The parameters as a Markdown table, with their values in the text of env.yaml."""
    values = dict(LINE.findall(env))
    yield "| name | default | meaning | allowed |"
    yield "|---|---|---|---|"
    for name, field in Parameters.model_fields.items():
        yield f"| `{name}` | `{values[name]}` | {field.description} | {ALLOWED[name]} |"


def tabled(page: str, env: str) -> str:
    """The text of docs/pipeline.md with the table as it should be."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + "\n".join(table(env)) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    env = commented(ENV.read_text(encoding="utf-8"))
    write_text(env, ENV)
    write_text(tabled(PAGE.read_text(encoding="utf-8"), env), PAGE)
