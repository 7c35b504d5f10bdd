"""PostgreSQL and Redis that are not the stack's: our images, with TLS and certificates of a CA made for the test.

They stand in a network of their own and are reached through this machine's address in it, as a server elsewhere is
reached through a router. The certificates name that address; the machine has another one, which they do not name.
"""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.models.containers import Container

from tests.waiting import poll

# Two CAs; the key of the server twice, because each server wants its own uid to own it.
CERTIFICATES = """
cd /tls
new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
use=keyUsage=critical,keyCertSign,cRLSign # Python 3.13 refuses a CA without
for ca in ca other; do
  openssl req -x509 $new -days 2 -subj "/CN=$ca" -addext "$use" -keyout $ca.key -out $ca.pem
done
openssl req $new -subj /CN=server -keyout server.key -out server.csr
printf '%s\n' "subjectAltName=IP:$ADDRESS" authorityKeyIdentifier=keyid >names
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem
for uid in 10002 10003; do install -o $uid -g $uid -m 0600 server.key $uid.key; done
chmod 0644 *.pem
"""
TMPFS = {"/tmp": "mode=1777", "/run/postgresql": "uid=10003,gid=10003,mode=0750"}  # noqa: S108


@dataclass
class Servers:
    """Where the servers are, what opens them, and which CA vouches for them."""

    database: Container
    broker: Container
    address: str
    unnamed: str
    password: str
    directory: Path

    @property
    def ca(self) -> str:
        return str(self.directory / "ca.pem")

    @property
    def other_ca(self) -> str:
        return str(self.directory / "other.pem")

    def port(self, server: Container, inside: str) -> str:
        (port,) = {one["HostPort"] for one in server.ports[inside] if one["HostIp"] == self.address}
        return str(port)

    def given(self, database: str) -> dict[str, str]:
        """Return what `make up OVERLAY=external` is given, with a database of its own for each stack."""
        self.sql(f"CREATE DATABASE {database}")
        return {
            "DB_HOST": self.address,
            "DB_PORT": self.port(self.database, "5432/tcp"),
            "DB_NAME": database,
            "DB_PASSWORD_FILE": str(self.directory / "password"),
            "DB_CA_FILE": self.ca,
            "REDIS_HOST": self.address,
            "REDIS_PORT": self.port(self.broker, "6380/tcp"),
            "REDIS_PASSWORD_FILE": str(self.directory / "password"),
            "REDIS_CA_FILE": self.ca,
        }

    def sql(self, statement: str) -> str:
        words = ["psql", "-XAt", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-c", statement]
        code, output = self.database.exec_run(words)
        assert code == 0, output.decode()
        return str(output.decode().strip())


@contextmanager
def serving(client: DockerClient, tag: str, directory: Path) -> Iterator[Servers]:
    """Run both servers for the block."""
    name = f"deskbeat-test-{secrets.token_hex(4)}"
    password = secrets.token_urlsafe(16)
    (directory / "password").write_text(f"{password}\n")
    (directory / "password").chmod(0o444)
    with ExitStack() as stack:
        address, unnamed = (stack.enter_context(_network(client, name + end)) for end in ("", "-unnamed"))
        volume = client.volumes.create(name)
        stack.callback(volume.remove, force=True)
        _certify(client, f"deskbeat/postgres:{tag}", name, address, directory)

        def run(image: str, command: list[str], port: str, **environment: str) -> Container:
            places: Any = {port: [(address, None), (unnamed, None)]}
            options = {"network": name, "tmpfs": TMPFS, "environment": environment, "volumes": [f"{name}:/tls:ro"]}
            container = client.containers.run(
                f"deskbeat/{image}:{tag}", command, name=f"{name}-{image}", detach=True, ports=places, **options
            )
            stack.callback(container.remove, force=True, v=True)
            return container

        database = run("postgres", POSTGRES, "5432/tcp", POSTGRES_PASSWORD=password)
        broker = run("redis", REDIS, "6380/tcp", REDIS_PASSWORD=password)
        for server in (database, broker):
            poll(lambda server=server: _healthy(server), what=f"a healthy {server.name}")
        yield Servers(database, broker, address, unnamed, password, directory)


POSTGRES = ["postgres", "-c", "ssl=on", "-c", "ssl_cert_file=/tls/server.pem", "-c", "ssl_key_file=/tls/10003.key"]
# Its plain port, 6379, is for the image's own probe, and is not published.
REDIS = ["redis-server", "--tls-port", "6380", "--tls-auth-clients", "no"]
REDIS += ["--tls-cert-file", "/tls/server.pem", "--tls-key-file", "/tls/10002.key", "--tls-ca-cert-file", "/tls/ca.pem"]


@contextmanager
def _network(client: DockerClient, name: str) -> Iterator[str]:
    """Make a network and give this machine's address in it."""
    network = client.networks.create(name, driver="bridge")
    try:
        network.reload()
        yield str(network.attrs["IPAM"]["Config"][0]["Gateway"])
    finally:
        network.remove()


def _certify(client: DockerClient, image: str, volume: str, address: str, directory: Path) -> None:
    """Make the certificates where openssl is, and bring the CAs' here."""
    options: dict[str, Any] = {
        "entrypoint": ["bash", "-euc"],
        "user": "0:0",
        "network_mode": "none",
        "environment": {"ADDRESS": address},
        "volumes": [f"{volume}:/tls"],
        # In memory: docker-py removes a container and leaves the volume that the image asks for.
        "tmpfs": {"/var/lib/postgresql/data": ""},
        "remove": True,
    }
    client.containers.run(image, [CERTIFICATES], **options)
    for ca in ("ca.pem", "other.pem"):
        (directory / ca).write_bytes(client.containers.run(image, [f"cat /tls/{ca}"], **options))
        (directory / ca).chmod(0o444)


def _healthy(container: Container) -> bool:
    container.reload()
    return bool(container.attrs["State"]["Health"]["Status"] == "healthy")
