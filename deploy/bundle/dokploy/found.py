"""What exists on the server, as far as it concerns us: read before each round of requests."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from bundle.dokploy.api import Api, DokployError
from bundle.dokploy.settings import Settings

# The environment that Dokploy makes with each project, and that nobody else can make.
PRODUCTION = "production"
# One of these is filled in when the text comes from a provider that Dokploy is logged in to.
PROVIDERS = ("repository", "gitlabRepository", "bitbucketRepository", "giteaRepository")


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A row of the Domains tab."""

    id: str
    host: str
    service: str
    port: int
    path: str
    https: bool
    certificate: str
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class Service:
    """A Compose service."""

    id: str
    name: str
    app_name: str
    description: str = ""
    kind: str = "docker-compose"
    source: str = "raw"
    compose: str = ""
    tab: str = ""
    env_file: bool = True
    git_url: str = ""
    git_branch: str = ""
    git_path: str = ""
    connected: bool = False
    status: str = "idle"
    attempts: int = 0
    mounts: int = 0
    domains: tuple[Domain, ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing was imported yet: an import writes text and Environment tab in one step."""
        return not self.compose.strip() and not self.tab.strip()

    @property
    def importable(self) -> bool:
        """An import would destroy nothing: it deletes what domains and files there are."""
        return self.empty and not self.domains and not self.mounts

    @property
    def deployed(self) -> bool:
        """A deploy was tried: even one that failed may have made the database's volume."""
        return self.status != "idle" or self.attempts > 0

    def digest(self) -> str:
        """Tell one state of this service from another: what a deploy would start."""
        source = self.compose if self.source == "raw" else [self.git_url, self.git_branch, self.git_path]
        state = [self.source, source, self.tab, sorted(map(astuple, self.domains))]
        return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:12]


@dataclass(frozen=True, kw_only=True)
class Found:
    """One project, one environment, one service; empty where there is none yet."""

    project_id: str = ""
    environment_id: str = ""
    service: Service | None = None


def read(api: Api, settings: Settings) -> Found:
    try:
        return _read(api, settings)
    except (KeyError, TypeError, AttributeError):
        raise DokployError(
            f"{settings.url} answers, but not as Dokploy v0.30 does: check DOKPLOY_URL, or update Dokploy."
        ) from None


def _read(api: Api, settings: Settings) -> Found:
    project = _only("projects", settings.project, api.get("project.all"), "use DOKPLOY_PROJECT to name another")
    if project is None:
        return Found()
    environment = _only("environments", settings.environment, project["environments"], "rename one of them")
    if environment is None:
        return Found(project_id=project["projectId"])
    row = _only("Compose services", settings.service, environment["compose"], "rename those that are not ours")
    return Found(
        project_id=project["projectId"],
        environment_id=environment["environmentId"],
        service=_service(api, row["composeId"]) if row else None,
    )


def _service(api: Api, compose_id: str) -> Service:
    row = api.get("compose.one", composeId=compose_id)
    return Service(
        id=compose_id,
        name=row["name"],
        app_name=row["appName"],
        description=row.get("description") or "",
        kind=row["composeType"],
        source=row["sourceType"],
        compose=row.get("composeFile") or "",
        tab=row.get("env") or "",
        # Versions before 0.30 have no such switch: they always write the file.
        env_file=row.get("createEnvFile", True),
        git_url=row.get("customGitUrl") or "",
        git_branch=row.get("customGitBranch") or "",
        git_path=row.get("composePath") or "",
        connected=any(row.get(column) for column in PROVIDERS),
        status=row.get("composeStatus", "idle"),
        attempts=len(row.get("deployments") or ()),
        mounts=len(row.get("mounts") or ()),
        domains=tuple(_domain(one) for one in api.get("domain.byComposeId", composeId=compose_id)),
    )


def _domain(row: Mapping[str, Any]) -> Domain:
    return Domain(
        id=row["domainId"],
        host=row["host"],
        service=row.get("serviceName") or "",
        port=row["port"],
        path=row.get("path") or "/",
        https=row["https"],
        certificate=row["certificateType"],
        enabled=row.get("enabled", True),
    )


def _only(kind: str, name: str, rows: Sequence[Mapping[str, Any]], remedy: str) -> Mapping[str, Any] | None:
    """Find the one of this name; Dokploy lets several have it, and then we touch none."""
    named = [row for row in rows if row["name"] == name]
    if len(named) > 1:
        raise DokployError(f"There are {len(named)} {kind} named {name!r} in Dokploy, and one is ours: {remedy}.")
    return named[0] if named else None
