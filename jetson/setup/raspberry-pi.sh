#!/usr/bin/env bash
# Sets up pcsr-edge on a Raspberry Pi 4, 400 or 5 with the 64-bit Raspberry Pi OS: bookworm
# (Python 3.11) or trixie (Python 3.13).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
parse_arguments "$@"

model=$(text_of proc/device-tree/model)
case $model in
    *"Raspberry Pi"*) ;;
    *) die "this is no Raspberry Pi but ${model:-a machine without a device tree}" ;;
esac
codename=$(text_of etc/os-release | sed -nE 's/^VERSION_CODENAME="?([a-z]+)"?$/\1/p')
case $codename in
    bookworm) python=python3.11 ;;
    trixie) python=python3.13 ;;
    *) die "expected Raspberry Pi OS bookworm or trixie, found ${codename:-no name of a release}" ;;
esac
# The kernel may be of 64 bits where all programs are of 32.
[ -e "$root/lib/ld-linux-aarch64.so.1" ] ||
    die "the system is of 32 bits, for which there is no ONNX Runtime; write the 64-bit Raspberry Pi OS to the card"
say "$codename on $model"
case $model in
    *"Raspberry Pi 4"* | *"Raspberry Pi 5"* | *"Compute Module 4"* | \
        *"Compute Module 5"*) ;;
    *) say "warning: this was written for Raspberry Pi 4 and 5; expect it to be slow" ;;
esac

need_packages \
    "usr/bin/$python" "$python" \
    "usr/lib/$python/ensurepip" "$python-venv"
make_environment "$python"
install_packages "raspberry-pi-$codename.txt"
advise_on_memory 3072
user=$(id -un)
if ! text_of etc/group | grep -qE "^video:.*[:,]$user(,|\$)"; then
    advise "only the group video may ask the board for its throttling" \
        "sudo usermod -aG video $user"
fi
governor=$(text_of sys/devices/system/cpu/cpu0/cpufreq/scaling_governor)
if [ -n "$governor" ] && [ "$governor" != performance ]; then
    advise "for steady times, until the next start" \
        "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"
fi
case $model in
    *"Raspberry Pi 5"*) say "note: without the active cooler a Pi 5 is throttled under full load" ;;
esac
check_result
