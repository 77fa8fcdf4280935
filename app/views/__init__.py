"""One module an endpoint, or a few that belong together. No view imports another."""
