"""The only reader of the environment: every value is typed, and a wrong one stops the start with one sentence."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class EnvironmentRefusedError(SystemExit):
    """A variable is missing or wrong: set it as the sentence says and start again.

    It derives from SystemExit so that gunicorn, Celery and manage.py all end with the sentence and exit code 1
    instead of a traceback.
    """


class Environment:
    """Typed access to environment variables; nothing is cached, so read each name once, in `settings`."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def given(self, name: str) -> bool:
        """Tell whether the operator set the variable (an empty string counts as unset)."""
        return bool(self._values.get(name))

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self._values.get(name) or default
        if value is None:
            raise EnvironmentRefusedError(f"{name} is not set: give it a value.")
        return value

    def secret(self, name: str, *, required: bool = True) -> str:
        """Return the value of NAME, or the content of the file that NAME_FILE names; both set is an error."""
        file = self._values.get(f"{name}_FILE")
        if file and self.given(name):
            raise EnvironmentRefusedError(f"{name} and {name}_FILE are both set: keep one of them.")
        value = self._secret_file(f"{name}_FILE", file) if file else self._values.get(name, "")
        if not value and required:
            raise EnvironmentRefusedError(
                f"{name} is not set: mount a secret and name it in {name}_FILE, or set {name}."
            )
        return value

    @staticmethod
    def _secret_file(name: str, file: str) -> str:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise EnvironmentRefusedError(f"{name}={file!r} cannot be read: {error.strerror}.") from None

    def file(self, name: str) -> str:
        """Return the path of a file that can be read, or an empty string when it is unset."""
        path = self._values.get(name, "")
        try:
            if path:
                Path(path).open("rb").close()
        except OSError as error:
            raise EnvironmentRefusedError(f"{name}={path!r} cannot be read: {error.strerror}.") from None
        return path

    def boolean(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name, "").lower() or str(default).lower()
        if value not in TRUE | FALSE:
            raise EnvironmentRefusedError(f"{name}={value!r} is not a yes or no: use True or False.")
        return value in TRUE

    def integer(self, name: str, *, default: int, minimum: int = 0) -> int:
        value = self._values.get(name) or str(default)
        try:
            number = int(value)
        except ValueError:
            number = minimum - 1
        if number < minimum:
            raise EnvironmentRefusedError(f"{name}={value!r} is not accepted: use a whole number of {minimum} or more.")
        return number

    def choice(self, name: str, *, default: str, choices: tuple[str, ...]) -> str:
        value = self._values.get(name) or default
        if value not in choices:
            raise EnvironmentRefusedError(f"{name}={value!r} is not accepted: use one of {', '.join(choices)}.")
        return value

    def items(self, name: str, *, default: tuple[str, ...] = (), choices: tuple[str, ...] = ()) -> list[str]:
        """Split a comma-separated list; blanks around the items and empty items are dropped."""
        value = self._values.get(name)
        items = [item.strip() for item in value.split(",") if item.strip()] if value else list(default)
        if unknown := [item for item in items if choices and item not in choices]:
            raise EnvironmentRefusedError(f"{name} names {unknown[0]!r}: use some of {', '.join(choices)}.")
        return items

    def networks(self, name: str) -> list[IPv4Network | IPv6Network]:
        """Return a comma-separated list of networks, such as 10.0.0.0/8, or of single addresses."""
        try:
            return [ip_network(item) for item in self.items(name)]
        except ValueError as error:
            raise EnvironmentRefusedError(
                f"{name} is not accepted: {error}. Use networks such as 10.0.0.0/8."
            ) from None

    def url(self, name: str, *, schemes: tuple[str, ...]) -> str:
        """Return the address, or an empty string when it is unset. It may hold a password and is never quoted."""
        value = self.secret(name, required=False)
        if value and urlsplit(value).scheme not in schemes:
            accepted = ", ".join(f"{scheme}://" for scheme in schemes)
            raise EnvironmentRefusedError(f"{name} is not an accepted address: begin it with {accepted}.")
        return value
