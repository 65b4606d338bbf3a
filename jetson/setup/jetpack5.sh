#!/usr/bin/env bash
# Sets up pcsr-edge on a Jetson with JetPack 5 (L4T 35, Ubuntu 20.04, Python 3.8): AGX Xavier,
# Xavier NX, Orin. Needs no CUDA of its own and replaces nothing of the system.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
parse_arguments "$@"

release=$(l4t_release)
case $release in
    35.*) say "L4T $release on $(text_of proc/device-tree/model)" ;;
    36.* | 38.* | 39.*) die "L4T $release is of JetPack 6 or 7; run jetpack6-7.sh" ;;
    "") die "this is no Jetson: there is no release in /etc/nv_tegra_release" ;;
    *) die "L4T $release is not supported; JetPack 5.1 is the oldest that works" ;;
esac
case $release in
    35.1.*) say "warning: L4T $release is JetPack 5.0; this was written for 5.1 (35.2.1 or newer)" ;;
esac

need_packages \
    usr/bin/python3.8 python3.8 \
    usr/lib/python3.8/ensurepip python3.8-venv \
    "usr/lib/python3*/dist-packages/tensorrt" python3-libnvinfer
if ! compgen -G "$root/usr/lib/python3*/dist-packages/cv2*" >/dev/null; then
    advise "there is no OpenCV of JetPack; cameras and displays need it" \
        "sudo apt-get install -y libopencv-python"
fi
make_environment python3.8
install_packages jetpack-5.txt
advise_on_memory 8192
advise_on_power
check_result
