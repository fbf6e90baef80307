"""Servers on loopback that behave as no web server should."""

import itertools
import socket
import threading
from contextlib import contextmanager

from comments.linkbacks.fetching import Limits

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
BRIEF = Limits(total=0.3, connect=0.3)


@contextmanager
def serving(answer, context=None):
    """A server on loopback: reads a request, then ``answer`` yields what to send, or nothing.

    Yields the address and the list of requests received. The sender ends when the client hangs up.
    """
    requests, stop = [], threading.Event()

    def talk(peer):
        requests.append(peer.recv(65536))
        for part in answer:
            if stop.is_set():
                return
            peer.sendall(part) if part else stop.wait(0.02)

    def serve(listener):
        while not stop.is_set():
            try:
                peer, _ = listener.accept()
                with context.wrap_socket(peer, server_side=True) if context else peer as line:
                    talk(line)
            except OSError:
                continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}", requests
        finally:
            stop.set()
            thread.join()


def dripping(head, drop):
    """``head``, then ``drop`` again and again: each arrives well before a read would time out."""
    return itertools.chain([head], itertools.cycle([drop, b""]))
