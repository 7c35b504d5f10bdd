"""A request as a person may read it: method, path and body, without what is secret and without what is long."""

import json
from collections.abc import Mapping
from typing import Any

from bundle.dokploy.api import CREDENTIALS, HIDDEN
from bundle.dokploy.environment_tab import name_of
from bundle.dokploy.request import Request
from bundle.dokploy.wanted import Wanted

LONG = 200


def request(one: Request, wanted: Wanted) -> str:
    return post(one.procedure, {name: _value(name, value, wanted) for name, value in one.body.items()})


def post(procedure: str, body: Mapping[str, Any]) -> str:
    return f"POST /api/{procedure} {json.dumps(body, indent=2, ensure_ascii=False)}"


def _value(name: str, value: Any, wanted: Wanted) -> Any:
    match name:
        case "env":
            return [_line(line, wanted) for line in value.splitlines()]
        case "base64":
            return f"<deploy/dokploy/import.base64.txt: {len(value)} characters>"
    if not isinstance(value, str):
        return value
    return f"<{len(value)} characters>" if len(value) > LONG else CREDENTIALS.sub(HIDDEN, value)


def _line(line: str, wanted: Wanted) -> str:
    """Show a value that is known to be no secret; of anything else only the name."""
    name = name_of(line)
    return line if name in wanted.open_names else f"{name}={HIDDEN}" if name else HIDDEN
