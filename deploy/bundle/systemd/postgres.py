"""Debian's PostgreSQL: its cluster, and in it a role and a database of this stack."""

from dataclasses import dataclass

from bundle.errors import BundleError
from bundle.process import Result, capture

HOST = "127.0.0.1"
AS_POSTGRES = ("runuser", "-u", "postgres", "--")


@dataclass(frozen=True)
class Cluster:
    """One line of pg_lsclusters."""

    version: int
    name: str
    port: str
    online: bool


def clusters(listing: str) -> list[Cluster]:
    rows = [line.split() for line in listing.splitlines() if line.strip()]
    found = [Cluster(int(row[0].split(".")[0]), row[1], row[2], row[3].startswith("online")) for row in rows]
    return sorted(found, key=lambda cluster: cluster.version, reverse=True)


def running(port: str = "") -> Cluster:
    """Return the cluster at a port, else the newest that runs; Debian's own start is tried once."""
    online = _online()
    if not online:
        capture(["systemctl", "enable", "--now", "postgresql.service"])
        online = _online()
    if not online:
        raise BundleError(
            "PostgreSQL is installed but no cluster of it runs: look at `pg_lsclusters`, start one (`systemctl start"
            " postgresql`), or give an existing server with DB_HOST; then repeat the command."
        )
    return next((one for one in online if one.port == port), online[0])


def _online() -> list[Cluster]:
    return [one for one in clusters(capture(["pg_lsclusters", "--no-header"]).out) if one.online]


def ensure(cluster: Cluster, *, role: str, database: str, password: str) -> None:
    """Make role and database, or bring the role to its password; data is never touched."""
    result = _psql(cluster, statements(role=role, database=database, password=password))
    if not result.ok:
        raise BundleError(f"PostgreSQL refused to make {role} and {database}: {result.last_words}.")


def drop(cluster: Cluster, *, role: str, database: str) -> None:
    for statement in (
        f"DROP DATABASE IF EXISTS {_name(database)} WITH (FORCE);",
        f"DROP ROLE IF EXISTS {_name(role)};",
    ):
        result = _psql(cluster, statement)
        if not result.ok:
            raise BundleError(f"PostgreSQL refused: {statement} ({result.last_words}).")


def statements(*, role: str, database: str, password: str) -> str:
    """Write SQL that may run again; the password goes through standard input and into no log."""
    make_role = f"CREATE ROLE {_name(role)} LOGIN"
    # Not the cluster's default, which on a minimal system is SQL_ASCII.
    make_database = (
        f"CREATE DATABASE {_name(database)} OWNER {_name(role)} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
    )
    return "\n".join(
        [
            "SET password_encryption = 'scram-sha-256';",
            "SET log_statement = 'none'; SET log_min_error_statement = 'panic';",
            _unless(f"pg_roles WHERE rolname = {_text(role)}", make_role),
            f"ALTER ROLE {_name(role)} LOGIN PASSWORD {_text(password)};",
            _unless(f"pg_database WHERE datname = {_text(database)}", make_database),
            "",
        ]
    )


def _unless(exists: str, statement: str) -> str:
    return f"SELECT {_text(statement)} WHERE NOT EXISTS (SELECT FROM {exists}) \\gexec"  # noqa: S608


def _psql(cluster: Cluster, sql: str) -> Result:
    flags = ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", f"--port={cluster.port}"]
    return capture([*AS_POSTGRES, "psql", *flags, "--dbname=postgres"], text_in=sql)


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
