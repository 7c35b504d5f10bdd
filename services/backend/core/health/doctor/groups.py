"""The groups, in the order in which one fault explains the next."""

from collections.abc import Iterator

from core.clock import database_now
from core.health.doctor import memory, schedules, servers, tasks
from core.health.doctor.examination import Examination, Questions, examine
from core.health.findings import Finding
from core.health.looks import nodes as node_rules
from core.health.nodes import NodeState, node_states

DATABASE = ("database", "Does PostgreSQL answer, is it migrated, has it connections left?", servers.database)
REDIS = ("redis", "Does Redis answer, and does it keep what it is told?", servers.redis_server)
MEMORY = ("memory", "Is there enough of it where this command runs?", memory.memory)


def examinations() -> Iterator[Examination]:
    """Look at everything; what needs a database that does not answer is not waited for a second time."""
    database = examine(*DATABASE)
    yield database
    yield examine(*REDIS)
    yield examine(*MEMORY)
    for group, asks, questions in NEED_DATABASE:
        if database.unseen or any(problem.subject == "database" for problem in database.problems):
            yield Examination(group, asks, unseen="it needs the database")
        else:
            yield examine(group, asks, questions)


def workers() -> Iterator[Finding | str]:
    now = database_now()
    for node in node_states(now):
        age = max(0, round((now - node.seen_at).total_seconds()))
        yield f"{node.name}: {_words(node)}, last stamp {age} s ago"
    yield from node_rules.look(now)


def _words(node: NodeState) -> str:
    takes = "every queue" if node.queues is None else ", ".join(sorted(node.queues)) or "no queue"
    return f"{'at work' if node.is_alive else 'SILENT'}, {node.busy} of {node.processes or '?'} busy, takes {takes}"


NEED_DATABASE: tuple[tuple[str, str, Questions], ...] = (
    ("workers", "Does a worker start, and does each still work?", workers),
    ("tasks", "Are tasks known, sent to a queue that somebody takes, and done?", tasks.tasks),
    ("schedules", "Is every schedule sent in time?", schedules.schedules),
)
