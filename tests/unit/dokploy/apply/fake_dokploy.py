"""A Dokploy for the tests: somebody else's server, so it is strict where that one is, and stricter where it forgives.

A real HTTP server on a port of its own. It answers as Dokploy v0.30.2 was seen to answer; each rule below says which
one it imitates. Two things differ on purpose: an unknown field is refused (Dokploy drops it without a word, and a
field that vanishes is a mistake of ours), and the deployment is only played: what Compose and PostgreSQL would refuse
is refused.
"""

import json
import re
import secrets
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bundle.dokploy.imitation import compose as converted
from bundle.dokploy.imitation import dotenv, template
from tests.unit.dokploy.apply import bodies
from tests.unit.dokploy.apply.bodies import RefusedError, Row

KEY = "dokploy-test-key-5d41402abc4b2a76"
QUERIES: Mapping[str, tuple[str, ...]] = {
    "project.all": (),
    "compose.one": ("composeId",),
    "compose.getConvertedCompose": ("composeId",),
    "domain.byComposeId": ("composeId",),
    "deployment.allByCompose": ("composeId",),
}


class DiedError(Exception):
    """The server is gone in the middle of a request."""


class FakeDokploy:
    """What the server holds, and what it was asked."""

    def __init__(self) -> None:
        self.projects: list[Row] = []
        self.environments: list[Row] = []
        self.services: list[Row] = []
        self.domains: list[Row] = []
        self.mounts: list[Row] = []
        self.deployments: list[Row] = []
        self.writes: list[tuple[str, Row]] = []
        self.reads: list[str] = []
        # What the last deployment started, and the password that the database's volume was made with.
        self.running: Row = {}
        self.volume_password = ""
        # "before" or "after" doing the write of this number the server dies; 0 never.
        self.dies_at, self.dies = 0, "before"
        self.dead = False
        # After this many questions a queued deployment starts, and after as many more it ends.
        self.patience = 1
        self.forgets: set[str] = set()
        self._numbers = count(1)

    # Answers

    def answer(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Any:
        parts = urlsplit(path)
        procedure = parts.path.removeprefix("/api/")
        if headers.get("x-api-key") != KEY:
            # validateRequest answers before anything is looked up.
            raise RefusedError(401, "Unauthorized")
        if method == "GET" and procedure in QUERIES:
            self.reads.append(procedure)
            return self._query(procedure, dict(parse_qsl(parts.query)))
        if method == "POST" and procedure in bodies.BODIES:
            return self._change(procedure, headers, content)
        raise RefusedError(404, "Not found", code="NOT_FOUND")

    def _query(self, procedure: str, parameters: Mapping[str, str]) -> Any:
        if tuple(parameters) != QUERIES[procedure]:
            raise RefusedError(400, "Input validation failed", code="BAD_REQUEST", issues=[{"message": "Required"}])
        return getattr(self, procedure.replace(".", "_"))(*parameters.values())

    def _change(self, procedure: str, headers: Mapping[str, str], content: bytes) -> Any:
        if headers.get("content-type") != "application/json":
            raise RefusedError(415, "Unsupported content-type", code="PARSE_ERROR")
        body = json.loads(content)
        bodies.validate(procedure, body)
        self.writes.append((procedure, body))
        dies = len(self.writes) == self.dies_at
        if dies and self.dies == "before":
            self.dead = True
            raise DiedError
        result = getattr(self, procedure.replace(".", "_"))(**body)
        if dies:
            self.dead = True
            raise DiedError
        return result

    # Queries

    def project_all(self) -> list[Row]:
        return [{**one, "environments": self._environments(one["projectId"])} for one in self.projects]

    def _environments(self, project_id: str) -> list[Row]:
        return [
            {
                "environmentId": one["environmentId"],
                "name": one["name"],
                "isDefault": one["isDefault"],
                "compose": [
                    {key: row[key] for key in ("composeId", "name", "composeStatus")}
                    for row in self.services
                    if row["environmentId"] == one["environmentId"]
                ],
            }
            for one in self.environments
            if one["projectId"] == project_id
        ]

    def compose_one(self, compose_id: str) -> Row:
        return {**self._service(compose_id), "deployments": self.deployments, "mounts": self.mounts}

    def domain_byComposeId(self, compose_id: str) -> list[Row]:  # noqa: N802 - Dokploy's name
        return [one for one in self.domains if one["composeId"] == compose_id]

    def compose_getConvertedCompose(self, compose_id: str) -> str | None:  # noqa: N802
        """A text of a repository is there only when a deployment has fetched it."""
        service = self._service(compose_id)
        source = service["composeFile"] if service["sourceType"] == "raw" else self.running.get("fetched")
        return converted.converted(source, service["appName"], self._enabled(compose_id)) if source else "null\n"

    def deployment_allByCompose(self, compose_id: str) -> list[Row]:  # noqa: N802
        """The queue moves on with every question; rows come newest first."""
        for one in self.deployments:
            one["questions"] += 1
            if one["status"] == "running" and one["questions"] > 2 * self.patience:
                self._end(one)
        shown = [one for one in self.deployments if one["composeId"] == compose_id and one["questions"] > self.patience]
        return [
            {key: row[key] for key in ("deploymentId", "title", "status", "errorMessage")} for row in reversed(shown)
        ]

    # Changes

    def project_create(self, name: str, description: str = "", env: str = "") -> Row:
        """Dokploy lets two projects have one name, and makes "production" with each."""
        project = {"projectId": self._id("project"), "name": name, "description": description, "env": env}
        self.projects.append(project)
        return {"project": project, "environment": self._environment("production", project["projectId"], default=True)}

    def environment_create(self, name: str, projectId: str, description: str = "") -> Row:  # noqa: N803
        if name == "production":
            raise RefusedError(400, "You cannot create a environment with the name 'production'", code="BAD_REQUEST")
        return self._environment(name, projectId)

    def _environment(self, name: str, project_id: str, *, default: bool = False) -> Row:
        row = {"environmentId": self._id("environment"), "name": name, "projectId": project_id, "isDefault": default}
        self.environments.append(row)
        return row

    def compose_create(self, name: str, environmentId: str, appName: str = "compose", **more: Any) -> Row:  # noqa: N803
        """The source is GitHub unless said otherwise, and every appName gets a suffix."""
        service = {
            "composeId": self._id("compose"),
            "name": name,
            "appName": f"{appName}-{secrets.token_hex(3)}",
            "environmentId": environmentId,
            "description": None,
            "composeType": "docker-compose",
            "sourceType": "github",
            "composeFile": "",
            "env": None,
            "createEnvFile": True,
            "composePath": "./docker-compose.yml",
            "customGitUrl": None,
            "customGitBranch": None,
            "repository": None,
            "composeStatus": "idle",
            **more,
        }
        self.services.append(service)
        return service

    def compose_update(self, composeId: str, **columns: Any) -> Row:  # noqa: N803
        service = self._service(composeId)
        service.update({name: value for name, value in columns.items() if name not in self.forgets})
        return service

    def compose_saveEnvironment(self, composeId: str, env: str, createEnvFile: bool = True) -> bool:  # noqa: N802, N803
        self._service(composeId).update(env=env, createEnvFile=createEnvFile)
        return True

    def compose_import(self, composeId: str, base64: str) -> Row:  # noqa: N803
        """Delete mounts and domains, make new secrets, then make domains without a certificate: three steps."""
        service = self._service(composeId)
        self.domains, self.mounts = [one for one in self.domains if one["composeId"] != composeId], []
        imported = template.import_text(base64, service["appName"])
        service.update(composeFile=imported.compose, env=imported.environment, sourceType="raw")
        if self.dies == "halfway" and len(self.writes) == self.dies_at:
            self.dead = True
            raise DiedError
        for row in imported.domains:
            self._domain(composeId=composeId, **{**row, "certificateType": "none"})
        return {"success": True, "message": "Template imported successfully"}

    def domain_create(self, **columns: Any) -> Row:
        columns.pop("domainType", None)
        if columns.get("https") and "certificateType" not in columns:
            raise RefusedError(
                400, "Input validation failed", issues=[{"path": ["certificateType"], "message": "Required"}]
            )
        return self._domain(**columns)

    def _domain(self, **columns: Any) -> Row:
        defaults = {"port": 3000, "path": "/", "https": False, "certificateType": "none", "enabled": True}
        row = {"domainId": self._id("domain"), **defaults, **columns}
        self.domains.append(row)
        return row

    def domain_update(self, domainId: str, **columns: Any) -> Row:  # noqa: N803
        row = next((one for one in self.domains if one["domainId"] == domainId), None)
        if row is None:
            raise RefusedError(404, "Domain not found", code="NOT_FOUND")
        row.update(columns)
        return row

    def compose_deploy(self, composeId: str, title: str = "Manual deployment", description: str = "") -> Row:  # noqa: N803
        """Only queued: the row and its result come later."""
        self._service(composeId)
        self.deployments.append(
            {
                "deploymentId": self._id("deployment"),
                "composeId": composeId,
                "title": title,
                "status": "running",
                "errorMessage": None,
                "questions": 0,
            }
        )
        return {"success": True, "message": "Deployment queued", "composeId": composeId}

    # The play of a deployment

    def _end(self, deployment: Row) -> None:
        service = self._service(deployment["composeId"])
        try:
            self._start(service)
            deployment["status"] = service["composeStatus"] = "done"
        except (ValueError, converted.DeployRefusedError) as error:
            deployment["status"] = service["composeStatus"] = "error"
            deployment["errorMessage"] = str(error)

    def _start(self, service: Row) -> None:
        """Do what Compose does with `${NAME:?}`, and PostgreSQL with a password that its volume was not made with."""
        tab = dotenv.parse(service["env"] or "")
        fetched = self.repository if service["sourceType"] == "git" else None
        text = fetched or service["composeFile"]
        if empty := [name for name in re.findall(r"(?<!\$)\$\{(\w+):\?", text) if not tab.get(name)]:
            raise ValueError(f"required variable {empty[0]} is missing a value")
        self.volume_password = self.volume_password or tab["DB_PASSWORD"]
        if tab["DB_PASSWORD"] != self.volume_password:
            raise ValueError("password authentication failed for user postgres")
        domains = self._enabled(service["composeId"])
        self.running = {
            "text": converted.converted(text, service["appName"], domains),
            "tab": tab,
            "fetched": fetched,
            "hosts": [(one["host"], one["https"]) for one in domains],
        }

    # What a repository holds that Dokploy can fetch.
    repository = ""

    def _enabled(self, compose_id: str) -> list[Row]:
        return [one for one in self.domain_byComposeId(compose_id) if one["enabled"]]

    def _service(self, compose_id: str) -> Row:
        found = next((one for one in self.services if one["composeId"] == compose_id), None)
        if found is None:
            raise RefusedError(404, "Compose not found", code="NOT_FOUND")
        return found

    def _id(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"


class Server:
    """Serve one FakeDokploy on a free port of this machine."""

    def __init__(self) -> None:
        self.dokploy = FakeDokploy()
        handler = type("Bound", (Handler,), {"dokploy": self.dokploy})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request; a dead server closes the connection without a word."""

    dokploy: FakeDokploy

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.dokploy.dead:
            return
        try:
            self._send(200, self.dokploy.answer(method, self.path, self.headers, content))
        except RefusedError as refused:
            self._send(refused.status, refused.content)
        except DiedError:
            return

    def _send(self, status: int, content: Any) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_words: Any) -> None:
        """Keep quiet."""
