"""The pages that a build writes, as Jinja templates, and the one style that they share."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from pygments.formatters import HtmlFormatter

HERE = Path(__file__).parent
TEMPLATES = Environment(loader=FileSystemLoader(HERE), autoescape=False, trim_blocks=True)


def page(name: str, **values: object) -> str:
    """The page `name` (report, index), whole: it fetches nothing."""
    style = (HERE / "page.css").read_text(encoding="utf-8") + HtmlFormatter(style="tango").get_style_defs(".highlight")
    return TEMPLATES.get_template(f"{name}.html.j2").render(style=style, **values)
