"""The programs of a target without containers: which they are, and how long they may take."""

from bundle.model import Service, Stack


def in_group(stack: Stack, group: str) -> list[str]:
    return [name for name, program in stack.program.items() if program.group == group]


def of_service(stack: Stack, service: str) -> list[str]:
    return [name for name, program in stack.program.items() if program.service == service]


def service(stack: Stack, program: str) -> Service:
    return stack.service[stack.program[program].service]


def stop_seconds(stack: Stack, program: str) -> int:
    """Give the time until supervisord kills it: a running task is waited for."""
    served = service(stack, program)
    return stack.times.supervisor_seconds if served.runs_tasks else served.stop_seconds or 0


def patience_seconds(stack: Stack, program: str) -> int:
    """Give the time until its health check, were it a container's, would call it unhealthy after the start."""
    health = service(stack, program).health
    return health.start_period_seconds + health.interval_seconds * health.retries if health else 0
