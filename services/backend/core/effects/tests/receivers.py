"""Real receivers: an SMTP server that keeps what it takes, an HTTP server that answers as it was told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.servers import free_port

LOOPBACK = [ip_network("127.0.0.0/8")]


@dataclass
class Mailbox:
    """What came. `refused` is answered to the addresses that it names."""

    mails: list[Message] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answer: str = "250 taken"
    port: int = 0

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content))
            self.recipients.append(list(envelope.rcpt_tos))
        return self.answer

    @classmethod
    @contextmanager
    def open(cls, *, host: str = "127.0.0.1", **options: Any) -> Iterator["Mailbox"]:
        """Serve until the block ends; the options are aiosmtpd's."""
        box = cls(port=free_port())
        controller = Controller(box, hostname=host, port=box.port, **options)
        controller.start()
        try:
            yield box
        finally:
            controller.stop()


@dataclass
class Call:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What was posted, and what of it was answered with yes. Answers are given in turn, the last one for ever."""

    calls: list[Call] = field(default_factory=list)
    taken: list[Call] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=lambda: [(204, {})])
    before_answer: Callable[[], None] = lambda: None
    url: str = ""

    def take(self, call: Call) -> tuple[int, dict[str, str]]:
        self.calls.append(call)
        self.before_answer()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer[0] < 300:
            self.taken.append(call)
        return answer

    @classmethod
    @contextmanager
    def open(
        cls, *, wrap: Callable[[Any], Any] | None = None, scheme: str = "http", host: str = "127.0.0.1"
    ) -> Iterator["Receiver"]:
        receiver = cls()
        server = ThreadingHTTPServer((host, 0), _handler(receiver))
        if wrap:
            server.socket = wrap(server.socket)
        receiver.url = f"{scheme}://{host}:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = receiver.take(Call(self.path, dict(self.headers), body))
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
