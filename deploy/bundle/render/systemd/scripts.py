"""deploy/systemd/install and uninstall: what the make targets do, for a machine without make."""

TEXT = """\
#!/bin/sh
# {origin}
# Does what `make systemd-{verb}` does; variables stand before it or behind it, as in: {verb} STACK_NAME=trial
set -eu
for word; do
  case $word in
    [A-Z]*=*) export "${{word?}}" ;;
    *) echo "{verb}: $word is not NAME=value, as in WEB_PORT=8080" >&2 && exit 2 ;;
  esac
done
command -v python3 >/dev/null || {{ echo "python3 is missing: run apt-get install python3" >&2 && exit 1; }}
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
PYTHONPATH="$here/deploy" PYTHONDONTWRITEBYTECODE=1 exec python3 -m bundle systemd-{verb}
"""


def render(origin: str) -> dict[str, str]:
    return {verb: TEXT.format(origin=origin, verb=verb) for verb in ("install", "uninstall")}
