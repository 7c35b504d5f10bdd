"""What `make dokploy-apply` was asked: read once, typed, refused before the first request.

What is not given stays as it is on the server, so that `make dokploy-apply TAG=1.4.0` changes the tag and nothing else.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bundle.errors import BundleError
from bundle.invocation import Invocation

REGISTRY, GIT = "registry", "git"
KEY = "DOKPLOY_API_KEY"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A name of at least two labels: no certificate is ever issued for one with an underscore.
HOST = re.compile(rf"(?:{LABEL}\.)+{LABEL}")
# Where images are: a host, perhaps with a port, and a path, as in registry.example.org:5000/team.
PLACE = re.compile(r"[a-z0-9][a-z0-9.-]*(?::[0-9]+)?(?:/[a-z0-9._-]+)*")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
ADDRESS = re.compile(r"(?:https?|ssh)://\S+|[\w.-]+@[\w.-]+:\S+")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One call; an empty text, or None, means "as it is on the server"."""

    url: str
    key: str = field(repr=False)
    project: str
    environment: str
    service: str
    domain: str
    https: bool | None
    source: str
    registry: str
    tag: str
    git_url: str
    git_branch: str
    deploy: bool
    dry_run: bool
    wait_seconds: int


def read(asked: Invocation) -> Settings:
    """Refuse what is wrong in one sentence each."""
    dry_run = asked.yes("DRY_RUN")
    url = _url(asked, needed=not dry_run)
    return Settings(
        url=url,
        key=_key(asked) if url else "",
        project=asked.environ.get("DOKPLOY_PROJECT") or asked.stack,
        environment=_default(asked, "DOKPLOY_ENVIRONMENT"),
        service=asked.stack,
        domain=_domain(asked),
        https=asked.yes("HTTPS") if asked.environ.get("HTTPS") else None,
        source=_source(asked),
        registry=_registry(asked),
        tag=_tag(asked),
        git_url=_git_url(asked),
        git_branch=asked.environ.get("GIT_BRANCH", ""),
        deploy=asked.yes("DEPLOY"),
        dry_run=dry_run,
        wait_seconds=_seconds(asked, "DOKPLOY_WAIT_SECONDS"),
    )


def _url(asked: Invocation, *, needed: bool) -> str:
    value = asked.environ.get("DOKPLOY_URL", "").rstrip("/").removesuffix("/api")
    if not value:
        if needed:
            raise BundleError(
                "DOKPLOY_URL is not set: give the address of Dokploy's dashboard, as in https://dokploy.example.org."
            )
        return ""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise BundleError("DOKPLOY_URL is not the address of a dashboard: write it as https://dokploy.example.org.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not asked.yes("ALLOW_HTTP"):
        raise BundleError(
            f"DOKPLOY_URL={value} would send the API key unencrypted: use https://,"
            " or ALLOW_HTTP=1 in a network that you trust."
        )
    return value


def _key(asked: Invocation) -> str:
    """Take the key from the environment or from a file; whatever is wrong with it, it is not shown."""
    value, file = asked.environ.get(KEY, "").strip(), asked.environ.get(f"{KEY}_FILE", "")
    if f"{KEY}=" in asked.environ.get("MAKEFLAGS", ""):
        raise BundleError(
            f"{KEY} stood on the command line, where every user of this machine sees it: export it in the shell,"
            f" or name a file in {KEY}_FILE; and make a new key."
        )
    if value and file:
        raise BundleError(f"{KEY} and {KEY}_FILE are both set: keep one of them.")
    value = _content(file) if file else value
    if not value:
        raise BundleError(
            f"{KEY} is not set: make a key in Dokploy (Settings, Profile, API/CLI keys) and export it,"
            f" or name a file that holds it in {KEY}_FILE."
        )
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise BundleError(f"{KEY} holds characters that no key has: copy it once more.")
    return value


def _content(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text"
        raise BundleError(f"{KEY}_FILE={file!r} cannot be read: {reason}.") from None


def _domain(asked: Invocation) -> str:
    value = asked.environ.get("DOMAIN", "").lower()
    if value and not (HOST.fullmatch(value) and len(value) < 254):
        raise BundleError(f"DOMAIN={value!r} is not a host name: write it bare, as in desk.example.org.")
    return value


def _source(asked: Invocation) -> str:
    value, choices = asked.environ.get("DOKPLOY_SOURCE", ""), (REGISTRY, GIT)
    if value and value not in choices:
        raise BundleError(f"DOKPLOY_SOURCE={value!r} is not accepted: use {' or '.join(choices)}.")
    return value


def _registry(asked: Invocation) -> str:
    value = asked.environ.get("REGISTRY", "").rstrip("/")
    if value and not PLACE.fullmatch(value):
        raise BundleError(f"REGISTRY={value!r} is not a place of images: write it as registry.example.org/team.")
    return value


def _tag(asked: Invocation) -> str:
    value = asked.environ.get("TAG", "")
    if value == "latest" or (value and not TAG.fullmatch(value)):
        raise BundleError(f"TAG={value!r} does not say which release: write it as 1.4.0.")
    return value


def _git_url(asked: Invocation) -> str:
    value = asked.environ.get("GIT_URL", "")
    if value and not ADDRESS.fullmatch(value):
        # Not shown: it may hold a token.
        raise BundleError("GIT_URL is not an address of a repository: write it as https://git.example.org/desk.git.")
    return value


def _seconds(asked: Invocation, name: str) -> int:
    value = _default(asked, name)
    if not value.isdecimal() or int(value) == 0:
        raise BundleError(f"{name}={value!r} is not a time: use whole seconds, as in 1800.")
    return int(value)


def _default(asked: Invocation, name: str) -> str:
    return asked.environ.get(name) or asked.source.variable[name].default or ""
