# JupyterLab for this project. `pip install -e .` puts this folder into etc/jupyter of the environment, so that plain
# `jupyter lab` finds it.
import os

os.environ["PLOOMBER_STATS_ENABLED"] = "false"

c = get_config()  # noqa: F821 (Jupyter defines it)

# A .py of the pipeline opens as a notebook with the parameters of this build in it; they are taken out again on save.
c.ServerApp.contents_manager_class = "willbuy.build.contents.Contents"
c.ServerApp.jpserver_extensions = {
    "ploomber": False,  # its part is in our contents manager
    # The first interface of Jupyter: it greets each start with a plan to leave it.
    "nbclassic": False,
    # Offers to post notebooks to a cloud, and writes an id to the home folder.
    "ploomber_extension": False,
}

# Nothing leaves the machine: no news, no look for updates, no list of extensions from a registry.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
