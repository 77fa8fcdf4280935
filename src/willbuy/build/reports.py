"""The HTML of an executed notebook, as a page that can be opened without a network."""

from nbconvert.exporters import HTMLExporter
from traitlets import Unicode


class OfflineHTML(HTMLExporter):
    """nbconvert's page without the scripts that it fetches from elsewhere: our notebooks hold tables and pictures only.

    `pipeline.yaml` names it; opening a report contacts no server.
    """

    require_js_url = Unicode("")
    mathjax_url = Unicode("")
    mermaid_js_url = Unicode("")
    mermaid_layout_elk_js_url = Unicode("")
