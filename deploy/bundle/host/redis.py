"""Ask a Redis on a unix socket whether it is ready."""

import socket
from pathlib import Path

TIMEOUT_SECONDS = 2


def ready(path: Path, password: str) -> bool:
    """Log in and ping; False while the server is loading or not there."""
    request = f"AUTH {password}\r\nPING\r\n".encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(TIMEOUT_SECONDS)
            connection.connect(str(path))
            connection.sendall(request)
            return _answer(connection) == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False


def _answer(connection: socket.socket) -> bytes:
    answer = b""
    while answer.count(b"\r\n") < 2:
        part = connection.recv(256)
        if not part:
            break
        answer += part
    return answer
