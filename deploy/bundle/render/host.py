"""deploy/host/supervisord.conf: the stack as plain processes of one machine, no Docker and no root.

Nothing in it depends on the machine: supervisord finds the checkout by %(here)s and reads places from its environment.
"""

import shlex

from bundle import control, environment, programs
from bundle.model import Program, Service, Stack
from bundle.render import arguments, origin

Section = dict[str, str]

CHECKOUT = "%(here)s/../.."
SOCKET = f"%(ENV_STACK_SOCKET_DIR)s/{control.SOCKET}"
LOGIN = {"username": control.USERNAME, "password": "%(ENV_SUPERVISOR_PASSWORD)s"}
# supervisord starts low priorities first and, at its own end, stops high ones first, each group when the one
# before is gone: the programs that use the data servers go first.
PRIORITIES = {"data": 100, "app": 200}
# Longer than Python and Django need to fail at their start; only a program that dies sooner is given up.
START_SECONDS = 5
START_RETRIES = 10
HEADER = f"""\
; {origin.LINE}
;
; `make up RUNTIME=host` starts supervisord with this file and then the programs in order, which is why none starts by
; itself: group `data` (each server only when no address of an existing one is given), the migration, group `app`.
; supervisord's environment holds STACK_RUN_DIR (with logs/ in it), STACK_SOCKET_DIR and SUPERVISOR_PASSWORD; whatever
; else the programs read (docs/reference/environment.md) they inherit from it. A server's own flags, its data directory
; and its socket, are added by the script that starts it; the settings from deploy/stack.toml follow as arguments.
"""


def render(stack: Stack) -> dict[str, str]:
    sections = {
        "supervisord": _supervisord(),
        "unix_http_server": {"file": SOCKET, "chmod": "0700", **LOGIN},
        "supervisorctl": {"serverurl": f"unix://{SOCKET}", **LOGIN},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        **{f"program:{name}": _program(stack, program) for name, program in stack.program.items()},
        **{f"group:{group}": _group(stack, group) for group in PRIORITIES},
    }
    return {"supervisord.conf": HEADER + "".join(_text(name, keys) for name, keys in sections.items())}


def _text(name: str, keys: Section) -> str:
    return f"\n[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


def _supervisord() -> Section:
    # No log file of its own: with nodaemon it writes to its standard output, and the starter keeps that.
    return {
        "nodaemon": "true",
        "logfile": "/dev/null",
        "logfile_maxbytes": "0",
        "pidfile": "%(ENV_STACK_RUN_DIR)s/supervisord.pid",
        "childlogdir": "%(ENV_STACK_RUN_DIR)s/logs",
    }


def _program(stack: Stack, program: Program) -> Section:
    service = programs.service(stack, program.name)
    given = _environment(stack, service)
    return {
        "command": _command(program, service),
        "directory": CHECKOUT,
        **({"environment": given} if given else {}),
        "priority": str(PRIORITIES[program.group]),
        "autostart": "false",
        # Nobody outside restarts these programs, whatever their exit code was.
        "autorestart": "true",
        "startsecs": str(START_SECONDS),
        "startretries": str(START_RETRIES),
        "stopsignal": service.stop_signal.removeprefix("SIG"),
        "stopwaitsecs": str(programs.stop_seconds(stack, program.name)),
        # Only the main process is asked to stop: a signalled child drops its task (celery/celery#4795).
        "stopasgroup": "false",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": "%(ENV_STACK_RUN_DIR)s/logs/%(program_name)s.log",
        "stdout_logfile_maxbytes": f"{stack.logging.max_size_mb}MB",
        "stdout_logfile_backups": str(stack.logging.max_files - 1),
    }


def _command(program: Program, service: Service) -> str:
    """Quote the path, for a checkout below a directory with a blank in its name."""
    script, *words = program.command
    given = [*words, *(arguments.settings(service) if program.settings else [])]
    return " ".join([f'"{CHECKOUT}/{script}"', *(shlex.quote(word).replace("%", "%%") for word in given)])


def _environment(stack: Stack, service: Service) -> str:
    """Hand over what is the same in every target and not the user's to change."""
    given = {
        variable.name: environment.substitute(stack, variable.value, name="%(ENV_STACK_NAME)s")
        for variable in environment.read_by(stack, service.name)
        if variable.value is not None and not variable.tunable
    }
    return ",".join(f'{name}="{value}"' for name, value in given.items())


def _group(stack: Stack, group: str) -> Section:
    return {"programs": ",".join(programs.in_group(stack, group)), "priority": str(PRIORITIES[group])}
