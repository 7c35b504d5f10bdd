"""What the server should hold: the texts that deploy/stack.toml renders, and what this call asks for."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from bundle.dokploy import checks
from bundle.dokploy.checks.submission import FOLDER, Submission
from bundle.dokploy.imitation import yaml12
from bundle.dokploy.settings import Settings
from bundle.errors import BundleError
from bundle.model import Stack
from bundle.render import dokploy
from bundle.render.dokploy_compose import host_name

# Where the text that builds the images lies in the repository.
GIT_COMPOSE = f"./deploy/dokploy/{dokploy.GIT_COMPOSE}"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`pasted` is what the import takes; `built` stands in the repository under the name `committed`.

    The values of `open_names` may be shown: they are no secrets.
    """

    settings: Settings
    title: str
    committed: str
    open_names: frozenset[str]
    compose: str
    built: str
    pasted: str
    template: Mapping[str, Any]

    @cached_property
    def services(self) -> Sequence[str]:
        return services_in(self.compose)

    @property
    def front(self) -> Mapping[str, Any]:
        """Give the service and the port that the domain leads to."""
        front: Mapping[str, Any] = self.template["config"]["domains"][0]
        return front


def build(stack: Stack, settings: Settings) -> Wanted:
    """Render for the name that was asked for; what Dokploy would not take is refused here."""
    named = replace(stack, name=settings.service)
    files = dokploy.render(named)
    names = tuple(host_name(named, service) for service in named.service)
    if problems := checks.problems(Submission(files, named.name, names)):
        raise BundleError(*(f"{FOLDER}/{sentence}" for sentence in problems))
    return Wanted(
        settings=settings,
        title=stack.listing.title,
        committed=stack.name,
        open_names=frozenset(one.name for one in stack.variable.values() if not (one.secret or one.sensitive)),
        compose=files[dokploy.COMPOSE],
        built=files[dokploy.GIT_COMPOSE],
        pasted=files[dokploy.IMPORT].strip(),
        template=tomllib.loads(files[dokploy.TEMPLATE]),
    )


def services_in(compose: str) -> Sequence[str]:
    """Name the services of a Compose text; of one that is none there are none."""
    try:
        document = yaml12.load(compose)
    except yaml12.YamlRefusedError:
        return ()
    services = document.get("services") if isinstance(document, dict) else None
    return tuple(services) if isinstance(services, dict) else ()
