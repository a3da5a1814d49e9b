#!/usr/bin/env bash
# Checks the unit and each example of a drop-in: correct for systemd, and exposed by at most 1.5 of 10.
#
#   deploy/check-units.sh [FOLDER]    the folder with edged.service, systemd/ unless told
set -eu
cd "${1:-$(dirname "$0")/../systemd}"

MOST_EXPOSED=15 # in tenths, as systemd-analyze security takes it

if ! command -v systemd-analyze >/dev/null; then
  echo "check-units: skipped, this machine has no systemd-analyze (Debian: apt-get install systemd)"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check NAME UNIT [DROP-IN] - with a program that exists: the real one is there only after an installation.
check() {
  local folder=$work/$1
  mkdir -p "$folder/edged.service.d"
  sed 's#/opt/edge/bin/[a-z]*#/bin/true#' "$2" >"$folder/edged.service"
  if [ $# -gt 2 ]; then cp "$3" "$folder/edged.service.d/10-example.conf"; fi
  # Of the machine's own units only ours counts; what verify says of ours, even a warning, is an error.
  local told
  told=$(systemd-analyze verify --man=no --recursive-errors=no "$folder/edged.service" 2>&1) ||
    { echo "check-units: $1: $told" >&2; return 1; }
  [ -z "$told" ] || { echo "check-units: $1: $told" >&2; return 1; }
}

check unit edged.service
for example in edged.service.d/*.example; do
  check "$(basename "$example")" edged.service "$example"
done

report=$(systemd-analyze security --offline=true --no-pager --threshold=$MOST_EXPOSED edged.service 2>&1) ||
  { printf '%s\n' "$report" | grep '✗' >&2 || true
    echo "check-units: edged.service: $(printf '%s\n' "$report" | tail -1); at most $MOST_EXPOSED tenths are allowed" >&2
    exit 1; }
echo "check-units: edged.service:$(printf '%s\n' "$report" | sed -n 's/.*edged.service:\(.*[0-9.]*\) [A-Z]* .*/\1/p') of 10 exposed, verified with $(systemctl --version | head -1)"
