"""The stack as frozen dataclasses: what deploy/stack.toml may say, and what each word means.

The `help` of every field is read three times: by people here, by the loader (unknown keys, wrong types) and by
docs/reference/stack.md.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from typing import Any


def about(help_text: str, *, choices: tuple[str, ...] = ()) -> dict[str, Any]:
    """Build the metadata of a key; used by itself where a key is a whole table."""
    return {"help": help_text, "choices": choices}


def key(help_text: str, *, default: Any = MISSING, choices: tuple[str, ...] = ()) -> Any:
    """Declare one key of stack.toml; without a default it is required."""
    return field(default=default, metadata=about(help_text, choices=choices))


def name_of_table() -> Any:
    """Take the value from the table's own name: `[service.redis]` gives "redis"."""
    return field(metadata={"table_name": True})


def tables(help_text: str) -> Any:
    """Declare a family of named tables, `[family.name]`; none is needed."""
    return field(default_factory=dict, metadata=about(help_text))


@dataclass(frozen=True, kw_only=True)
class Times:
    """One number, `task_seconds`, and the margins around it.

    soft limit < hard limit < supervisord's stopwaitsecs < the container's grace < Redis' visibility timeout:
    whoever breaks the chain loses a running task at a stop, or runs it twice.
    """

    task_seconds: int = key("hard limit: the longest that a task may run")
    soft_before: int = key("the soft limit comes this many seconds before the hard one", default=300)
    supervisor_after: int = key("supervisord waits this many seconds longer than the hard limit", default=30)
    grace_after: int = key("a container's stop takes this many seconds longer than the hard limit", default=60)
    visibility_after: int = key("Redis redelivers this many seconds after the hard limit", default=120)

    @property
    def soft_seconds(self) -> int:
        return self.task_seconds - self.soft_before

    @property
    def hard_seconds(self) -> int:
        return self.task_seconds

    @property
    def supervisor_seconds(self) -> int:
        return self.task_seconds + self.supervisor_after

    @property
    def grace_seconds(self) -> int:
        return self.task_seconds + self.grace_after

    @property
    def visibility_seconds(self) -> int:
        return self.task_seconds + self.visibility_after

    def chain(self) -> dict[str, int]:
        """Give the five times in the order in which they must grow."""
        return {
            "soft_seconds": self.soft_seconds,
            "hard_seconds": self.hard_seconds,
            "supervisor_seconds": self.supervisor_seconds,
            "grace_seconds": self.grace_seconds,
            "visibility_seconds": self.visibility_seconds,
        }


@dataclass(frozen=True, kw_only=True)
class Logging:
    """How much log a service may leave on the disk."""

    max_size_mb: int = key("a log file is rotated at this size", default=10)
    max_files: int = key("this many files are kept", default=3)


@dataclass(frozen=True, kw_only=True)
class Image:
    """What a container is made of: built here (`dockerfile`, `script`) or taken as it is (`reference`)."""

    name: str = name_of_table()
    uid: int = key("user and group id of the process; files that it writes belong to it")
    dockerfile: str | None = key("path in this tree; the image is then <product>/<name>:<TAG>", default=None)
    script: str | None = key("program in this tree that makes it, where no Dockerfile could", default=None)
    reference: str | None = key("an image of somebody else, with its tag", default=None)
    entrypoint: tuple[str, ...] = key("in the place of the image's own; the command follows as $0 and $@", default=())
    arguments: tuple[str, ...] = key("words after the service's command, which only this image needs", default=())
    volume: str | None = key("where it takes the service's volume, if not where the service says", default=None)
    idle_volume: str | None = key(
        "where it declares a volume that nobody uses: an empty directory in memory stands there, or each container"
        " would leave an anonymous volume behind",
        default=None,
    )
    builds_on: tuple[str, ...] = key("images that its build needs, given as <NAME>_IMAGE build arguments", default=())


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network of the containers."""

    name: str = name_of_table()
    internal: bool = key("true: no way out of it, and no port published through it", default=False)
    outbound: bool = key("true: a way out alone, through which no port is published", default=False)


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Data that survives `make down`."""

    name: str = name_of_table()
    description: str = key("what is lost with it")


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A file made by `make secrets`, mounted at /run/secrets/<name>; it never has a default."""

    name: str = name_of_table()
    description: str = key("what it opens")
    opens_data: bool = key("data that was made with it is of no use without it", default=False)
    given: bool = key("true: only the operator knows it, so its file is made empty, which means unset", default=False)


@dataclass(frozen=True, kw_only=True)
class Area:
    """Variables that belong together, and who reads them."""

    name: str = name_of_table()
    title: str = key("heading in docs/reference/environment.md")
    read_by: tuple[str, ...] = key("services; or 'make' (the commands), or 'host' (the host runtime's programs)")


TYPES = ("text", "integer", "boolean", "choice", "items", "url", "path")


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One environment variable."""

    name: str = name_of_table()
    area: str = key("the area that it belongs to")
    description: str = key("one sentence for whoever sets it")
    type: str = key("what is accepted", default="text", choices=TYPES)
    choices: tuple[str, ...] = key("the accepted words of a 'choice'", default=())
    default: str | None = key("what the program takes when the variable is unset", default=None)
    required: bool = key("true: the program refuses to start without it", default=False)
    secret: str | None = key("the secret whose file is handed over as <NAME>_FILE", default=None)
    sensitive: bool = key("true: never shown, and <NAME>_FILE is accepted; set for every secret", default=False)
    read_by: tuple[str, ...] = key("readers, where they differ from the area's", default=())
    value: str | None = key(
        "what every target hands over; {stack}, {NAME} and {hard_seconds} are replaced", default=None
    )
    container_value: str | None = key("the same for targets with containers; elsewhere `up` sets it", default=None)
    unit_value: str | None = key(
        "the same for systemd; {unit} is the unit's name, and systemd's own %t, %H and %i are replaced there",
        default=None,
    )
    domain_value: str | None = key(
        "what the target's form is filled in with where it gives the web a domain (Dokploy); {domain} is that domain",
        default=None,
    )
    tunable: bool = key("true: the value of the shell or .env that starts the stack wins", default=False)


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a service may use at most."""

    memory_mb: int = key("memory, in MiB; settings given in percent are shares of it")
    pids: int = key("processes and threads")
    cpus: float | None = key("processors, as 1.5", default=None)
    shm_mb: int | None = key("size of /dev/shm, in MiB", default=None)
    reserved_memory_mb: int | None = key("memory that is kept for it when the host runs short, in MiB", default=None)
    reserved_cpus: float | None = key("processors that a host must have free to take it", default=None)


@dataclass(frozen=True, kw_only=True)
class Health:
    """A probe, run inside the container."""

    command: tuple[str, ...] = key("exit code 0 means healthy; words, no shell")
    interval_seconds: int = key("between two probes; the first comes after one interval", default=5)
    timeout_seconds: int = key("a probe that takes longer has failed", default=3)
    retries: int = key("failures in a row until the service counts as unhealthy", default=6)
    start_period_seconds: int = key("failures do not count this long after the start", default=30)


@dataclass(frozen=True, kw_only=True)
class Port:
    """A published port; <NAME>_PORT and <NAME>_BIND choose another port and address at the start."""

    name: str = name_of_table()
    container: int = key("where the process listens")
    published: int = key("where the host listens")
    bind: str = key("address of the host", default="127.0.0.1")


@dataclass(frozen=True, kw_only=True)
class Tmpfs:
    """A directory in memory, for a service whose root is read-only."""

    path: str = key("where")
    size_mb: int = key("at most, in MiB; it counts as the service's memory")
    mode: str = key("permissions, octal", default="0700")
    owned: bool = key("true: it belongs to the image's uid, else to root", default=True)


@dataclass(frozen=True, kw_only=True)
class Service:
    """One container, or one unit of any target."""

    name: str = name_of_table()
    like: str | None = key("another service, whose keys and variables it takes where it has none itself", default=None)
    image: str = key("a name from [image.*]: this one line swaps it")
    description: str = key("one sentence for docs/reference/services.md")
    runbook: str = key("file in docs/runbooks for when it is unhealthy or has failed")
    resources: Resources = field(metadata=about("limits"))
    command: tuple[str, ...] = key("words; a path into entrypoints/ is found wherever the code lies")
    setting_form: tuple[str, ...] = key("how one setting becomes arguments, with {name} and {value}", default=())
    settings: Mapping[str, str] = tables("arguments of the server; '25%' is that share of memory_mb")
    health: Health | None = field(default=None, metadata=about("how it is asked"))
    environment: Mapping[str, str] = tables("values of variables that it reads, in the place of the variables' own")
    networks: tuple[str, ...] = key("names from [network.*]")
    needs: Mapping[str, str] = tables("services that must come first: 'healthy' or 'completed'")
    volumes: Mapping[str, str] = tables("where each volume of [volume.*] is mounted")
    tmpfs: tuple[Tmpfs, ...] = key("directories in memory", default=())
    port: Mapping[str, Port] = tables("published ports")
    one_shot: bool = key("true: it runs once per deploy and ends with 0", default=False)
    runs_tasks: bool = key("true: its stop time comes from [times]", default=False)
    profile: str | None = key("an optional service: it is started only with this profile", default=None)
    scalable: bool = key("true: several may run, so it has no fixed container name", default=False)
    stop_seconds: int | None = key("how long it may take to stop", default=None)
    stop_signal: str = key("how it is asked to stop", default="SIGTERM")
    init: bool = key("true: an init process stands before a program that would ignore signals as PID 1", default=False)
    debian_unit: str | None = key("Debian's unit in its place; {stack} is replaced", default=None)


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """A variation of the containers, chosen by OVERLAY; deploy/compose/compose.<name>.yaml holds what differs."""

    name: str = name_of_table()
    description: str = key("one sentence for docs/reference/targets.md")
    images: Mapping[str, str] = tables("services, and the image of [image.*] that each takes instead")
    without: tuple[str, ...] = key("services that are left out", default=())
    networks: Mapping[str, str] = tables("services, and the network of [network.*] that each joins too")
    values: Mapping[str, str] = tables("variables, and what their readers are given instead")
    tunable: tuple[str, ...] = key("variables that the start may give", default=())
    required: tuple[str, ...] = key("what the start must give: variables, or <NAME>_FILE of a secret", default=())
    source: tuple[str, ...] = key("services that run this checkout's code, mounted over the image's", default=())
    wrapper: tuple[str, ...] = key("script before the command of those of them that keep running", default=())
    development: bool = key("true: never for production; published on loopback only, and said aloud", default=False)
    not_with: tuple[str, ...] = key("overlays that contradict it", default=())
    runbook: str | None = key("file in docs/runbooks for what only this overlay can suffer", default=None)


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process of a target without containers."""

    name: str = name_of_table()
    service: str = key("the service that it stands for")
    command: tuple[str, ...] = key("words; a path into entrypoints/ is found in the checkout")
    group: str = key("programs that are started together", choices=("data", "app"))
    settings: bool = key("true: the service's settings follow as arguments", default=False)


@dataclass(frozen=True, kw_only=True)
class Share:
    """The part of a service's limits that one of its units gets."""

    memory_mb: int = key("memory, in MiB")
    pids: int = key("processes and threads")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One unit of systemd: `<stack>-<name>.service`."""

    name: str = name_of_table()
    runs: str = key("a name of [program.*], or a service that runs once")
    description: str = key("what `systemctl status` says first")
    arguments: tuple[str, ...] = key("words after its command; {unit} as in a variable's unit_value", default=())
    nodes: bool = key("true: a template, `<stack>-<name>@1.service` is its first node", default=False)
    notifies: bool = key("true: it tells systemd when it is ready", default=False)
    socket: bool = key("true: systemd holds its port, so that a restart refuses nobody", default=False)
    watchdog_seconds: int | None = key("it is restarted when it is silent for so long", default=None)
    watchdog_stop_seconds: int | None = key(
        "how long a restart of the watchdog waits for it, asked to stop; else it is ended at once", default=None
    )
    runbook: str | None = key("file in docs/runbooks for an upgrade that it made fail", default=None)
    after: tuple[str, ...] = key("units that it starts behind, when they start at all", default=())
    wants: tuple[str, ...] = key("units that are started with it; of a template the first node", default=())
    outbound: bool = key("true: it calls other machines, wherever they are, as its service may", default=False)
    share: Share | None = field(default=None, metadata=about("its part, where a service has several units"))
    stop_seconds: int | None = key("how long it may take to stop, where no task is waited for", default=None)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Where a target may not say the same as the others; the equivalence test fails on any other difference."""

    name: str = name_of_table()
    target: str = key("a folder in deploy/, as in systemd")
    services: tuple[str, ...] = key("names from [service.*]; none means all", default=())
    aspects: tuple[str, ...] = key("what differs, as in image or environment.DB_HOST: docs/reference/targets.md")
    reason: str = key("why it cannot be the same there, in one sentence")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """How a list of templates shows the stack (Dokploy's, or a site of one's own)."""

    title: str = key("heading")
    version: str = key("release of the product; the images carry it as a label")
    description: str = key("one sentence for who looks for it")
    tags: tuple[str, ...] = key("words to find it by, in small letters")
    website: str = key("address of the product; empty: none is shown", default="")
    source: str = key("address of the source code; empty: none is shown", default="")
    docs: str = key("address of the documentation; empty: none is shown", default="")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Everything that deploy/stack.toml says."""

    name: str = key("default of STACK_NAME: prefix of every container, network and volume")
    product: str = key("prefix of the images that are built here")
    code_path: str = key("where the images hold this tree")
    memory_mb: int = key("budget: the limits of all services that keep running fit into it")
    times: Times = field(metadata=about("the invariant of times"))
    logging: Logging = field(metadata=about("log rotation"))
    listing: Listing = field(metadata=about("how a list of templates shows it"))
    image: Mapping[str, Image] = tables("images")
    network: Mapping[str, Network] = tables("networks")
    volume: Mapping[str, Volume] = tables("volumes")
    secret: Mapping[str, Secret] = tables("secrets")
    area: Mapping[str, Area] = tables("areas of variables")
    variable: Mapping[str, Variable] = tables("environment variables")
    service: Mapping[str, Service] = tables("services")
    overlay: Mapping[str, Overlay] = tables("variations of the containers")
    program: Mapping[str, Program] = tables("programs of the targets without containers")
    unit: Mapping[str, Unit] = tables("units of systemd")
    difference: Mapping[str, Difference] = tables("declared differences between the targets")
