"""What the ledger costs: tasks per second and latency, beside the same app as Celery comes, and beside dramatiq."""
