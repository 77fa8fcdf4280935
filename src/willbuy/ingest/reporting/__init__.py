"""Fourth, reporting: what a real log shows, for whoever decides whether to trust it."""
