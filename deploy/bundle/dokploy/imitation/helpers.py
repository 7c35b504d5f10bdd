"""The `${...}` of template.toml: helpers that generate values, and references to variables."""

import base64
import re
import secrets
import string
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

REFERENCE = re.compile(r"\$\{([^}]+)\}")
# What Dokploy's own services write at deploy: ${{project.NAME}}.
OF_DOKPLOY = re.compile(r"\$\{\{[^{}]+\}\}")
SMALL = string.ascii_lowercase + string.digits
# The address of the server stands in each generated domain; this one is for documentation only (RFC 5737).
ADDRESS = "192-0-2-1"

Helper = Callable[[int], str]
# With a number, as in ${hash:64}; the number given here is Dokploy's default.
SIZED: Mapping[str, tuple[int, Helper]] = {
    "password": (16, lambda size: "".join(secrets.choice(SMALL) for _ in range(size))),
    "hash": (8, lambda size: secrets.token_hex(size)[:size]),
    "base64": (32, lambda size: base64.b64encode(secrets.token_bytes(size)).decode()),
}
PLAIN: Mapping[str, Callable[[], str]] = {
    "uuid": lambda: str(uuid.uuid4()),
    "randomPort": lambda: str(secrets.randbelow(65535)),
    "timestamp": lambda: str(time.time_ns() // 1_000_000),
    "timestampms": lambda: str(time.time_ns() // 1_000_000),
    "timestamps": lambda: str(int(time.time())),
    "username": lambda: f"user{secrets.token_hex(3)}",
    "email": lambda: f"user{secrets.token_hex(3)}@example.com",
}
# Helpers that are not imitated: `jwt` takes the names of two variables, and a date may follow `timestampms:`.
NAMES = {*SIZED, *PLAIN, "domain", "jwt"}


def helper_of(reference: str) -> str:
    """Give the helper's name in `hash:64`."""
    return reference.partition(":")[0]


def imitated(reference: str) -> bool:
    name, colon, size = reference.partition(":")
    if name in SIZED:
        return not colon or size.isdecimal()
    return not colon and (name in PLAIN or name == "domain")


@dataclass
class Values:
    """The variables of one import, by name."""

    app_name: str
    by_name: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """Replace every reference that is known; what was put in is not looked at again."""
        return REFERENCE.sub(self._value, text)

    def _value(self, found: "re.Match[str]") -> str:
        reference = found[1]
        if imitated(reference):
            return self.generate(reference)
        return self.by_name.get(reference) or found[0]

    def generate(self, reference: str) -> str:
        name, _, size = reference.partition(":")
        if name in SIZED:
            default, helper = SIZED[name]
            return helper(int(size or default))
        return PLAIN[name]() if name in PLAIN else self._domain()

    def _domain(self) -> str:
        return f"{self.app_name[:40]}-{secrets.token_hex(3)}-{ADDRESS}.sslip.io"
