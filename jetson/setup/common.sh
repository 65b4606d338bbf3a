# shellcheck shell=bash
# What the set-up scripts share. They are sourced, not run:
#   source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# A script reads the machine below $root (/ unless a test says otherwise), changes nothing but
# its own environment, and may be run again: what is there already is left as it is.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pins_folder=$here/../pins
root=
environment=$HOME/.local/share/pcsr-edge/env
source_of_package=
gpu_wheel=
dry_run=false

say() { printf '%s\n' "$*"; }
advise() { printf 'advice: %s\n        %s\n' "$1" "$2"; }
die() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

# Runs a command, or only shows it.
step() {
    printf '+ %s\n' "$(printf '%q ' "$@")"
    $dry_run || "$@"
}

usage() {
    cat <<EOF
usage: $(basename "$0") [--env DIR] [--source WHAT] [--gpu-wheel FILE] [--dry-run]

  --env DIR         the environment to make or complete (default
                    ~/.local/share/pcsr-edge/env)
  --source WHAT     what pip installs pcsr-edge from: a folder or a wheel (default: this checkout)
  --gpu-wheel FILE  a build of ONNX Runtime for this board's GPU, in place of the one for the CPU
  --dry-run         show what would be done, and do nothing
  --root DIR        for tests: the folder that stands for /
EOF
}

parse_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --dry-run) dry_run=true ;;
            -h | --help)
                usage
                exit 0
                ;;
            --env | --source | --gpu-wheel | --root)
                [ $# -ge 2 ] || die "$1 needs a value (see --help)"
                case $1 in
                    --env) environment=$2 ;;
                    --source) source_of_package=$2 ;;
                    --gpu-wheel) gpu_wheel=$2 ;;
                    --root) root=$2 ;;
                esac
                shift
                ;;
            *) die "no option $1 (see --help)" ;;
        esac
        shift
    done
    # Looked for before anything is taken away for it.
    [ -z "$gpu_wheel" ] || [ -f "$gpu_wheel" ] || die "there is no wheel $gpu_wheel"
    [ ! -e "$environment/pyproject.toml" ] ||
        die "$environment is a checkout, not an environment; name another folder with --env"
    if [ -z "$source_of_package" ]; then
        source_of_package=$(cd "$here/../.." && pwd)
        [ -f "$source_of_package/pyproject.toml" ] ||
            die "this is no checkout of pcsr-edge; name a wheel with --source"
    fi
}

# Prints the text of a file below the root without NUL, nothing where there is none.
text_of() { [ ! -r "$root/$1" ] || tr -d '\0' <"$root/$1"; }

# Prints the release of L4T, e.g. 35.4.1, nothing on other machines.
l4t_release() {
    text_of etc/nv_tegra_release |
        sed -nE 's/^# R([0-9]+) \(release\), REVISION: ([0-9.]+).*/\1.\2/p' | head -n 1
}

# Prints a field of /proc/meminfo in MiB, 0 where it is missing.
memory_mib() {
    local kib
    kib=$(text_of proc/meminfo | sed -nE "s/^$1: +([0-9]+) kB\$/\1/p")
    echo $((${kib:-0} / 1024))
}

# Installs packages of the system that are missing: file that tells, package, …
need_packages() {
    local missing=()
    while [ $# -gt 0 ]; do
        compgen -G "$root/$1" >/dev/null || missing+=("$2")
        shift 2
    done
    if [ ${#missing[@]} -gt 0 ]; then
        # A board that was flashed just now has no lists of packages.
        step sudo apt-get update
        step sudo apt-get install -y --no-install-recommends "${missing[@]}"
    fi
}

# Makes the environment with that Python, open to the system's packages: TensorRT and the OpenCV
# that speaks GStreamer are there, and no wheel of either fits a board.
make_environment() {
    local python=$root/usr/bin/$1 config=$environment/pyvenv.cfg
    # The file is there from the start on, pip comes last: one that was cut short is made again.
    if [ ! -e "$config" ] || [ ! -e "$environment/bin/pip" ]; then
        step "$python" -m venv --system-site-packages "$environment"
    elif ! grep -q '^include-system-site-packages = true' "$config"; then
        step sed -i 's/^include-system-site-packages.*/include-system-site-packages = true/' \
            "$config"
    else
        say "$environment is there already"
    fi
}

# Tells whether an earlier run has installed a build of ONNX Runtime for the GPU.
has_gpu_build() {
    compgen -G "$environment/lib/python3*/site-packages/onnxruntime_gpu-*.dist-info" >/dev/null
}

# Installs the pinned packages and pcsr-edge into the environment, and nowhere else.
install_packages() {
    local pins=$pins_folder/$1 pip=("$environment/bin/python" -m pip install -q)
    # Older ones do not know the names of the wheels.
    step "${pip[@]}" "pip>=23"
    if [ -n "$gpu_wheel" ]; then
        step "$environment/bin/python" -m pip uninstall -q -y onnxruntime
        # Its own requirements could bring another NumPy than the pinned one. Forced, since the
        # build for the CPU may have overwritten the files of one that is there.
        step "${pip[@]}" --no-deps --force-reinstall "$gpu_wheel"
    fi
    if [ -n "$gpu_wheel" ] || has_gpu_build; then
        # The pinned one is for the CPU, and would overwrite its files.
        local without
        without=$(mktemp)
        grep -v '^onnxruntime==' "$pins" >"$without"
        step "${pip[@]}" -r "$without"
        rm -f "$without"
    else
        step "${pip[@]}" -r "$pins"
    fi
    # Forced, since a wheel that was built anew may have the same version.
    step "${pip[@]}" --no-deps --force-reinstall "$source_of_package"
    if compgen -G "$environment/lib/python3*/site-packages/cv2" >/dev/null; then
        advise "an OpenCV of pip hides the system's, which speaks GStreamer" \
            "$environment/bin/python -m pip uninstall -y opencv-python opencv-python-headless"
    fi
}

# What a build of an engine, or a large picture, needs.
advise_on_memory() {
    local least=$1 have
    have=$(($(memory_mib MemTotal) + $(memory_mib SwapTotal)))
    if [ "$have" -gt 0 ] && [ "$have" -lt "$least" ]; then
        advise "memory and swap are $have MiB together; $least MiB are safe" \
            "sudo sh -c 'fallocate -l $((least - have))M /swap-pcsr-edge && chmod 600 /swap-pcsr-edge && mkswap /swap-pcsr-edge && swapon /swap-pcsr-edge'"
    fi
}

# Warns of a power mode of a Jetson other than the one that limits least.
advise_on_power() {
    local mode modes most
    mode=$(text_of var/lib/nvpmodel/status | sed -nE 's/^pmode:0*([0-9]+)$/\1/p')
    modes=$(text_of etc/nvpmodel.conf |
        sed -nE 's/^[ \t]*< *POWER_MODEL ID=([0-9]+) NAME=(MAXN[^ >]*).*/\2 \1/p')
    # Where there are both, MAXN_SUPER limits less than MAXN.
    most=$(sort -r <<<"$modes" | sed -n '1s/.* //p')
    if [ -n "$mode" ] && [ -n "$most" ] && [ "$mode" != "$most" ]; then
        advise "power mode $mode limits the clocks" "sudo nvpmodel -m $most"
    fi
    advise "for steady times, after every start of the board" "sudo jetson_clocks"
}

check_result() {
    step "$environment/bin/pcsr-edge" doctor
}
