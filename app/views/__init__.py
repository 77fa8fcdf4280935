"""The endpoints: a module each, or a few that belong together. A new module here is found; no view imports another."""
