"""`make bench-runs`: the ledger beside Celery as it comes and beside dramatiq; ends with 1 when a reach is missed."""

import os
import secrets
import shutil
import signal
import sys
from pathlib import Path
from statistics import median

from benchmarks import DIRECTORY
from benchmarks.reach import percentile
from benchmarks.report import machine, progress
from benchmarks.runs.rounds import NAMES, Seen, measure
from benchmarks.serving import SETTINGS
from benchmarks.tables import tables_migrate
from tests import servers

ROUNDS, TASKS = (1, 500) if os.environ.get("QUICK") else (3, 2000)
REACH = 1.5


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    user, password = os.environ["DB_USER"], os.environ["DB_PASSWORD"]
    secret = secrets.token_urlsafe(16)
    try:
        with (
            servers.postgres(DIRECTORY, user=user, password=password, settings=SETTINGS),
            servers.redis_server(DIRECTORY, password=secret) as socket,
        ):
            os.environ |= _addresses(socket, secret)
            return 0 if _compare() else 1
    finally:
        shutil.rmtree(DIRECTORY, ignore_errors=True)


def _addresses(socket: Path, password: str) -> dict[str, str]:
    return {
        "REDIS_HOST": str(socket),
        "REDIS_PASSWORD": password,
        "BENCH_STOCK_URL": f"redis+socket://:{password}@{socket}?virtual_host=8",
        "BENCH_REDIS_URL": f"unix://:{password}@{socket}?db=9",
        "BENCH_DONE": str(DIRECTORY / "done"),
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "json",
        "HEARTBEAT_FILE": str(DIRECTORY / "heartbeat"),
    }


def _compare() -> bool:
    seen = Seen()
    progress("migrations")
    tables_migrate()
    for step in measure(seen, rounds=ROUNDS, tasks=TASKS, done=DIRECTORY / "done"):
        progress(step)
    progress("")
    print(machine())
    return _report(seen)


def _report(seen: Seen) -> bool:
    print(f"\n{ROUNDS} rounds of {TASKS:,} tasks that do nothing; 2 worker processes; medians")
    form = "{:<10} {:>8} {:>8} {:>9} {:>10} {:>10}   {:>7} {:>9} {:>11}"
    print(form.format("", "asked/s", "done/s", "both, ms", "idle p50", "idle p99", "worker", "children", "PostgreSQL"))
    for name in NAMES:
        asked, drained = median(seen.asked[name]), median(seen.drained[name])
        whole = 1000 / asked + 1000 / drained
        idle = [f"{percentile(seen.idle[name], part) * 1000:.1f} ms" for part in (50, 99)]
        used = [f"{median(part) * 1000:.2f} ms" for part in zip(*seen.processor[name], strict=True)]
        print(form.format(name, f"{asked:,.0f}", f"{drained:,.0f}", f"{whole:.2f}", *idle, *used))
    print("worker, children, PostgreSQL: the processor's time per task, from its message to its end")
    ledger, stock, tuned = (median(seen.drained[name]) for name in ("ledger", "stock", "tuned"))
    print(f"\nledger over tuned, done per second: {ledger / tuned:.2f}")
    ratio = ledger / stock
    print(f"{'PASS' if ratio >= REACH else 'MISS'}: ledger over stock, done per second: {ratio:.2f} (reach {REACH})")
    return ratio >= REACH or bool(os.environ.get("QUICK"))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("benchmarks: interrupted; the servers and their data are removed.")
