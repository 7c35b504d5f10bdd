"""`python3 -m bundle VERB`: find the verb's module, parse its arguments, run it."""

import argparse
import importlib
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

from bundle.errors import BundleError
from bundle.preflight import refuse_old_python

# A verb's module is imported only when it is asked for: only `render` and `check` need PyYAML.
VERBS = {
    "render": "Write every generated folder from deploy/stack.toml",
    "check": "Fail when a generated folder is not what deploy/stack.toml renders",
    "up": "Start the stack, in containers or on the host",
    "down": "Stop the stack; its data stays",
    "destroy": "Remove the stack with its data, after asking",
    "logs": "Follow the log lines of the stack",
    "logwatch": "Say what somebody should look at in the log",
    "secrets": "Generate the secrets that are missing",
    "manage": "Run a management command in the running stack",
    "status": "Show state, health and memory of each service",
    "report": "Print sizes, memory at rest, a probe's CPU, times to healthy",
    "demo": "Fill a board, archive what is due, show what went",
    "base": "Make the base image",
    "push": "Bring the images to a registry",
    "images": "Build the images, when their sources have changed",
    "airgap": "Write one archive for a machine without network",
    "airgap-load": "Start the stack from such an archive",
    "dokploy-check": "Check what is rendered for Dokploy before Dokploy does",
    "systemd-security": "Print how exposed each unit of systemd is",
    "dokploy-apply": "Bring a Dokploy server to what deploy/stack.toml says",
    "systemd-install": "Install, upgrade or stage the stack as units of a Debian machine",
    "systemd-uninstall": "Remove units and code from it; data stays",
    "venv": "Bring .venv to a lock, if the lock has changed",
}
# What some verbs need besides Python, by the name of the module.
PACKAGES = {"yaml": "PyYAML", "httpx": "httpx"}
# What a shell makes of SIGINT: 128 + 2.
INTERRUPTED = 130
WIDTH = max(map(len, VERBS))
ROOT = Path(__file__).resolve().parents[2]


def main(argv: list[str]) -> int:
    # A command that is told to end undoes what it has half done, as with Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = _front().parse_args(argv[:1])
    try:
        refuse_old_python()
        return _run(asked.verb, argv[1:])
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output, as `head` does, has seen enough; nothing may be flushed to it at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _front() -> argparse.ArgumentParser:
    listing = "\n".join(f"  {name:<{WIDTH}} {sentence}" for name, sentence in VERBS.items())
    parser = argparse.ArgumentParser(
        prog="python3 -m bundle",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"verbs:\n{listing}",
    )
    parser.add_argument("verb", choices=VERBS, metavar="VERB")
    return parser


def _run(verb: str, argv: list[str]) -> int:
    module = _module(verb)
    parser = argparse.ArgumentParser(prog=f"python3 -m bundle {verb}", description=VERBS[verb])
    parser.set_defaults(root=ROOT)
    module.arguments(parser)
    result: int = module.run(parser.parse_args(argv))
    return result


def _module(verb: str) -> ModuleType:
    try:
        return importlib.import_module(f"bundle.verbs.{verb.replace('-', '_')}")
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        package = PACKAGES[error.name]
        sentence = (
            f"bundle {verb}: {package} is not installed for {sys.executable}; run `make {verb}`, which uses .venv"
        )
        raise BundleError(sentence) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
