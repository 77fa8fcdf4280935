"""Fourth, reporting: is the log that was read fit to learn from?"""
