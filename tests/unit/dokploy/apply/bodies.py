"""What Dokploy v0.30.2 takes in the body of each request that changes something, and how it refuses the rest."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Row = dict[str, Any]


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.content = status, {"message": message, **more}


def text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def any_text(value: Any) -> bool:
    return isinstance(value, str)


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def port(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536


def one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def shape(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


# RFC 1123: no underscore (domain.create, domain.update).
host = shape(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
SOURCES = one_of("git", "github", "gitlab", "bitbucket", "gitea", "raw")
DOMAIN = {
    "path": text,
    "port": port,
    "https": flag,
    "certificateType": one_of("letsencrypt", "none", "custom"),
    "serviceName": text,
}
# Required fields, and then the optional ones, of each procedure that changes something.
BODIES: Mapping[str, tuple[Mapping[str, Callable[[Any], bool]], Mapping[str, Callable[[Any], bool]]]] = {
    "project.create": ({"name": text}, {"description": any_text, "env": any_text}),
    "environment.create": ({"name": text, "projectId": text}, {"description": any_text}),
    "compose.create": (
        {"name": text, "environmentId": text},
        {
            "appName": shape(r"[a-zA-Z0-9._-]{1,63}"),
            "description": any_text,
            "composeType": one_of("docker-compose", "stack"),
            "composeFile": any_text,
            "sourceType": SOURCES,
        },
    ),
    "compose.update": (
        {"composeId": text},
        {
            "description": any_text,
            "sourceType": SOURCES,
            "composeFile": any_text,
            "customGitUrl": text,
            "customGitBranch": text,
            "composePath": text,
            "env": any_text,
        },
    ),
    "compose.saveEnvironment": ({"composeId": text, "env": any_text}, {"createEnvFile": flag}),
    "compose.import": ({"composeId": text, "base64": text}, {}),
    "compose.deploy": ({"composeId": text}, {"title": any_text, "description": any_text}),
    "domain.create": ({"host": host}, {**DOMAIN, "composeId": text, "domainType": one_of("compose", "application")}),
    "domain.update": ({"domainId": text, "host": host}, DOMAIN),
}


def validate(procedure: str, body: Row) -> None:
    """Answer as zod does: every wrong field at once, each with its place."""
    required, optional = BODIES[procedure]
    wrong = [(name, "Required") for name in required if name not in body]
    known = {**required, **optional}
    wrong += [(name, "Unrecognized key") for name in body if name not in known]
    wrong += [(name, "Invalid input") for name, value in body.items() if name in known and not known[name](value)]
    if wrong:
        issues = [{"path": [name], "message": message} for name, message in wrong]
        raise RefusedError(400, "Input validation failed", code="BAD_REQUEST", issues=issues)
