"""The site's listening sockets, and whether anything answers there. Without Django: the supervisor stays small."""

import socket
import sys

BACKLOG = 1024  # connections that wait to be taken


def listen(host: str, port: int, number: int) -> list[socket.socket]:
    """Return sockets that listen at this IP address, one for each process that will answer there.

    Linux spreads connections over them. On other systems all processes share one.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sockets = [socket.socket(family) for _ in range(number if sys.platform == "linux" else 1)]
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if len(sockets) > 1:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind((host, port))
        one.listen(BACKLOG)
        one.setblocking(False)
    return sockets


def answers(host: str, port: int) -> bool:
    """Say whether something at this address answers HTTP within two seconds."""
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(request)
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False
