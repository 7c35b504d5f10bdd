"""Dokploy's HTTP interface: one procedure per call, each failure one sentence, and the key never in any of them."""

import json
import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from bundle.dokploy.settings import KEY
from bundle.errors import BundleError

TIMEOUT = httpx.Timeout(60, connect=10)
HIDDEN = "<hidden>"
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+(?=@)")


class DokployError(BundleError):
    """Dokploy refused a request, or something else answered: do what the sentence says and repeat the command."""


class UnreachableError(DokployError):
    """Nobody answered: check address, network and certificate, then repeat the command."""


class Api:
    """Call `<router>.<procedure>`: queries by GET, everything else by POST with a JSON body."""

    def __init__(self, url: str, key: str, trace: Callable[[str], None] = lambda _: None) -> None:
        self._url = url
        self._key = key
        self._trace = trace
        # The certificates that this machine trusts (SSL_CERT_FILE too). A redirect is never followed: the key
        # would go with it.
        self._client = httpx.Client(
            base_url=f"{url}/api/",
            headers={"x-api-key": key, "accept": "application/json"},
            timeout=TIMEOUT,
            verify=ssl.create_default_context(),
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, procedure: str, **parameters: str) -> Any:
        self._trace(shown_query(procedure, parameters))
        return self._call("GET", procedure, params=parameters)

    def post(self, procedure: str, body: Mapping[str, Any]) -> Any:
        return self._call("POST", procedure, json=body)

    def _call(self, method: str, procedure: str, **content: Any) -> Any:
        try:
            answer = self._client.request(method, procedure, **content)
        except httpx.TransportError as error:
            raise UnreachableError(self._unreachable(error)) from None
        return self._read(f"{method} /api/{procedure}", answer)

    def _unreachable(self, error: httpx.TransportError) -> str:
        reason = self._safe(str(error)) or type(error).__name__
        if isinstance(error, httpx.TimeoutException):
            return f"{self._url} did not answer in time: check DOKPLOY_URL and the network, then repeat the command."
        if "[SSL" in reason:
            return (
                f"{self._url} has no TLS certificate that this machine trusts ({reason}): correct the address,"
                " or name the file of your own authority in SSL_CERT_FILE."
            )
        return f"{self._url} cannot be reached ({reason}): check DOKPLOY_URL and the network, then repeat the command."

    def _read(self, request: str, answer: httpx.Response) -> Any:
        if answer.is_redirect:
            where = self._safe(answer.headers.get("location", "elsewhere"))
            raise DokployError(f"{self._url} sends us to {where} ({request}): give that address in DOKPLOY_URL.")
        try:
            content = answer.json()
        except ValueError:
            content = None
        if content is None or (answer.status_code == httpx.codes.NOT_FOUND and not _is_refusal(content)):
            raise DokployError(
                f"{self._url} does not answer as a Dokploy does ({answer.status_code} to {request}):"
                " give DOKPLOY_URL the address of its dashboard."
            )
        if answer.is_success:
            return content
        raise DokployError(self._refusal(request, answer.status_code, content))

    def _refusal(self, request: str, status: int, content: Any) -> str:
        said = self._safe(_message(content))
        match status:
            case 401:
                return f"{self._url} refuses the key in {KEY} ({request}: {said}): make a new one, or ask its owner."
            case 403:
                return f"The key in {KEY} may not do this ({request}: {said}): use one of an owner or admin."
            case 404:
                return f"Dokploy does not find what {request} asks for ({said}): repeat the command."
            case 400:
                return f"Dokploy refuses {request}: {said}."
            case _:
                return f"Dokploy failed at {request} ({status}: {said}): look at its own log, then repeat the command."

    def _safe(self, text: str) -> str:
        """Take out what nobody may read: the answer of a stranger can hold what we sent."""
        return CREDENTIALS.sub(HIDDEN, text.replace(self._key, HIDDEN) if self._key else text)


def shown_query(procedure: str, parameters: Mapping[str, str]) -> str:
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"GET  /api/{procedure}{'?' if query else ''}{query}"


def _is_refusal(content: Any) -> bool:
    return isinstance(content, dict) and "message" in content


def _message(content: Any) -> str:
    """Give Dokploy's own words: a message, and for each wrong field its name and what was wanted."""
    if not isinstance(content, dict):
        return "no reason given"
    message = str(content.get("message") or "no reason given")
    issues = content.get("issues") or _issues_in(message)
    if not issues:
        return " ".join(message.split()).rstrip(".")
    return "; ".join(_issue(issue) for issue in issues)


def _issues_in(message: str) -> list[Any]:
    """Read the list of issues that newer versions write into the message."""
    try:
        found = json.loads(message)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _issue(issue: Any) -> str:
    if not isinstance(issue, dict):
        return str(issue)
    path: Sequence[Any] = issue.get("path") or []
    place = ".".join(map(str, path))
    return f"{place}: {issue.get('message', '')}" if place else str(issue.get("message", ""))
