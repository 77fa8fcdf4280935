"""The notebooks as JupyterLab opens and saves them: with the parameters of this build in a cell that is not saved."""

from __future__ import annotations

from jupytext.contentsmanager import TextFileContentsManager
from ploomber.jupyter.manager import derive_class
from ploomber.sources.notebooksource import _cleanup_rendered_nb


class Contents(derive_class(TextFileContentsManager)):  # type: ignore[misc]  # Ploomber makes the class
    """Jupytext opens a .py as a notebook, and Ploomber injects the cell of parameters."""

    def save(self, model, path=""):
        """Write a file, without the injected cell.

        Ploomber's would forget the products of the task too, which are as the last build left them.
        """
        if model.get("type") == "notebook" and "content" in model:
            model["content"] = _cleanup_rendered_nb(model["content"])
        return TextFileContentsManager.save(self, model, path)
