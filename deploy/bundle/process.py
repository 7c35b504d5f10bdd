"""The one place where the bundle starts other programs."""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

# What a shell answers when a program is missing, and `timeout` when it took too long.
NOT_FOUND = 127
TOO_LONG = 124
# After Ctrl-C the child, which got the signal too, may tidy up this long.
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Result:
    """How a captured program ended."""

    code: int
    out: str = ""
    err: str = ""

    @property
    def ok(self) -> bool:
        return self.code == 0

    @property
    def last_words(self) -> str:
        """Give the last line that it wrote, most often the reason."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit code {self.code}"


def capture(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout_seconds: float | None = None,
    text_in: str = "",
) -> Result:
    """Run a program to its end and keep what it wrote."""
    try:
        done = subprocess.run(
            command,
            env=env,
            cwd=cwd,
            timeout=timeout_seconds,
            input=text_in,
            capture_output=True,
            text=True,
            check=False,
        )
    except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
        return Result(NOT_FOUND, err=f"{command[0]}: {error.strerror}")
    except subprocess.TimeoutExpired:
        return Result(TOO_LONG, err=f"{command[0]}: no answer within {timeout_seconds} s")
    return Result(done.returncode, done.stdout, done.stderr)


def stream(command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> int:
    """Run a program on our own standard streams and return its exit code."""
    try:
        child = subprocess.Popen(command, env=env, cwd=cwd)
    except (FileNotFoundError, PermissionError):
        return NOT_FOUND
    with _waited_for(child):
        return _code(child.wait())


def each_line(
    command: Sequence[str], take: Callable[[str], None], *, env: Mapping[str, str] | None = None, errors: bool = False
) -> int:
    """Run a program, hand over each line that it writes as soon as it is written, and return its exit code.

    `errors`: what it writes to standard error too.
    """
    try:
        child = _read_from(command, env, errors=errors)
    except (FileNotFoundError, PermissionError):
        return NOT_FOUND
    with _waited_for(child, told=True):
        for line in child.stdout or ():
            take(line.rstrip("\n"))
        return _code(child.wait())


def each_line_of(
    commands: Mapping[str, Sequence[str]],
    take: Callable[[str, str], None],
    *,
    env: Mapping[str, str] | None = None,
    errors: bool = False,
) -> int:
    """Do the same with several programs side by side: each line comes with the name of its program."""
    read: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()
    with ExitStack() as running:
        children = []
        for name, command in commands.items():
            child = running.enter_context(_ended_with_us(_read_from(command, env, errors=errors)))
            threading.Thread(target=_put_lines, args=(name, child, read), daemon=True).start()
            children.append(child)
        for _ in children:
            # One None for each that has ended.
            while found := read.get():
                take(*found)
        return max((_code(child.wait()) for child in children), default=0)


def _read_from(command: Sequence[str], env: Mapping[str, str] | None, *, errors: bool) -> "subprocess.Popen[str]":
    where = subprocess.STDOUT if errors else None
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=where, text=True, errors="replace")


def _put_lines(name: str, child: "subprocess.Popen[str]", read: "queue.SimpleQueue[tuple[str, str] | None]") -> None:
    for line in child.stdout or ():
        read.put((name, line.rstrip("\n")))
    read.put(None)


@contextmanager
def _ended_with_us(child: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
        # Wait, and close the pipe.
        child.communicate()


def become(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> NoReturn:
    """Be replaced by a program: terminal, signals and exit code are its own from here on."""
    sys.stdout.flush()
    os.execvpe(command[0], list(command), os.environ if env is None else env)  # noqa: S606


@contextmanager
def _waited_for(child: "subprocess.Popen[Any]", *, told: bool = False) -> Iterator[None]:
    """Leave no child behind when this command is told to end; `told`: the child has nothing to tidy up."""
    try:
        yield
    except KeyboardInterrupt:
        if told:
            child.terminate()
        try:
            child.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise


def _code(code: int) -> int:
    """Say it as a shell does: 128 and the signal's number."""
    return code if code >= 0 else 128 - code


def detach(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own, so that it outlives this command and its terminal."""
    with log.open("ab") as out:
        return subprocess.Popen(
            command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
