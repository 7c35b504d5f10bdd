"""Every queue that there is. deploy/stack.toml says which type of worker takes it; a test holds the two together."""

from collections.abc import Iterable

SHARED_QUEUES = (
    "default",
    "high_priority",
    "low_priority",
    "django5_queue",
    "email_queue",
    "report_queue",
    "ml_tasks",
    "sync_tasks",
    "discounts",
    "maintenance",
    "analytics",
)

# Each type of worker: its queues, and how many messages a process of it fetches ahead (4 for short tasks; 1 where a
# message would wait behind a long one). The usual worker takes what no type that runs takes.
WORKER_TYPES = {
    "general": {
        "queues": ("default", "high_priority", "low_priority", "django5_queue", "email_queue"),
        "prefetch": 4,
    },
    "ml": {"queues": ("ml_tasks",), "prefetch": 1},
    "sync": {"queues": ("sync_tasks",), "prefetch": 4},
    "pricing": {"queues": ("discounts", "maintenance", "analytics"), "prefetch": 4},
    "reports": {"queues": ("report_queue",), "prefetch": 1},
}

# By registered name: a pattern over modules would miss every task that was given a name of its own (measured).
ROUTES = {
    "cleanup_old_task_results": {"queue": "maintenance"},
    "cleanup_failed_tasks": {"queue": "maintenance"},
    "cleanup_old_effects": {"queue": "maintenance"},
    "effects.deliver": {"queue": "email_queue"},
    # An alarm must not wait behind what it is about.
    "health_check_tasks": {"queue": "high_priority"},
}
# Those of an app: an installation without it has none of them.
ROUTES_OF = {
    "pricing": {
        "recompute_all_discounts": {"queue": "discounts"},
        "cleanup_expired_discounts": {"queue": "maintenance"},
        "update_price_history": {"queue": "analytics"},
        # By their other names, for who sends them without asking the task.
        "app.tasks.recompute_all_discounts": {"queue": "discounts"},
        "app.tasks.cleanup_expired_discounts": {"queue": "maintenance"},
        "app.tasks.update_price_history": {"queue": "analytics"},
    },
}


def routes(modules: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the routes of an installation that runs these apps."""
    return ROUTES | {name: to for module in modules for name, to in ROUTES_OF.get(module, {}).items()}
