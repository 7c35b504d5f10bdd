#!/bin/sh
# Make the one base of all images: debian:trixie-slim from a registry, else the same built from Debian packages.
# Usage: build.sh IMAGE    REFRESH=1 makes it again, PULL_SECONDS bounds the wait for a registry.
set -eu
image=${1:?the image to make, as in: build.sh deskbeat/base:local}
upstream=debian:trixie-slim

say() { echo "base: $*"; }

# Without timeout(1), as on macOS, the engine's own network timeouts bound the wait.
pull() {
  if command -v timeout >/dev/null; then
    timeout "${PULL_SECONDS:-60}" docker pull --quiet "$upstream"
  else
    docker pull --quiet "$upstream"
  fi >/dev/null 2>&1
}

require_mmdebstrap() {
  # Without root it works in a user namespace, which takes newuidmap.
  if command -v mmdebstrap >/dev/null && { [ "$(id -u)" = 0 ] || command -v newuidmap >/dev/null; }; then
    return
  fi
  if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null; then
    say "installing mmdebstrap with apt-get"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes apt-get install -y -qq --no-install-recommends \
      mmdebstrap debian-archive-keyring >/dev/null
    return
  fi
  say "no registry gave $upstream and mmdebstrap is missing, or newuidmap without root: let this machine reach a" \
    "registry, or (Debian, Ubuntu) apt-get install mmdebstrap uidmap debian-archive-keyring, and run this again" >&2
  exit 1
}

# What slim images leave out stays left out in every later apt-get install; copyright files stay, as licences ask.
# Likewise apt keeps no package and no cache after an installation (docker-clean, as in Debian's images).
# shellcheck disable=SC2016 # $1 in a hook is the root directory, expanded by mmdebstrap's shell
bootstrap() {
  mmdebstrap --quiet --variant=minbase \
    --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/groff/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/lintian/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --customize-hook='printf %s\\n "DPkg::Post-Invoke { \"rm -f /var/cache/apt/archives/*.deb\"; };" \
      "Dir::Cache::pkgcache \"\";" "Dir::Cache::srcpkgcache \"\";" >"$1/etc/apt/apt.conf.d/docker-clean"' \
    --customize-hook='rm -rf "$1"/var/cache/apt/*.bin "$1"/var/cache/debconf/*-old "$1"/var/lib/dpkg/*-old \
      "$1"/var/log/*.log "$1"/var/log/apt' \
    trixie "$1"
}

if [ -z "${REFRESH:-}" ] && docker image inspect "$image" >/dev/null 2>&1; then
  say "$image is here already (REFRESH=1 makes it again)"
  exit
fi
docker version >/dev/null 2>&1 || { say "no Docker engine answers: start it, or check DOCKER_HOST" >&2 && exit 1; }
if pull; then
  docker tag "$upstream" "$image"
  say "$image is $upstream from the registry"
  exit
fi
require_mmdebstrap
say "no registry gave $upstream: building $image from Debian packages"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bootstrap "$work/base.tar"
docker import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  --change 'CMD ["bash"]' \
  --change 'LABEL org.opencontainers.image.title="deskbeat base"' \
  --change 'LABEL org.opencontainers.image.description="Debian trixie, minimal, built from packages"' \
  "$work/base.tar" "$image" >/dev/null
