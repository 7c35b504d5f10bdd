"""The heartbeat's task and queue by name: beat sends by them, the worker listens to them, the log leaves them out."""

TASK = "heartbeat.tasks.stamp"


def queue_of(node: str) -> str:
    """Name the queue that only this node's own worker takes."""
    return f"heartbeat.{node}"
