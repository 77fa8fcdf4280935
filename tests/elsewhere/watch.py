"""Writes down, in WATCH_LOG, whom this process wants to reach."""

import os
import sys

LOCAL = ("127.", "::1", "localhost", "0.0.0.0")


def watch(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    else:
        return
    with open(os.environ["WATCH_LOG"], "a") as log:
        kind = "local" if host is None or str(host).startswith(LOCAL) else "outside"
        print(kind, event, host, file=log)


sys.addaudithook(watch)
with open(os.environ["WATCH_LOG"], "a") as log:
    print("watching", *sys.orig_argv, file=log)
