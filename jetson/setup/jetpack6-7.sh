#!/usr/bin/env bash
# Sets up pcsr-edge on a Jetson with JetPack 6 (L4T 36, Ubuntu 22.04, Python 3.10) or JetPack 7
# (L4T 38 and 39, Ubuntu 24.04, Python 3.12): Orin and Thor.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
parse_arguments "$@"

release=$(l4t_release)
case $release in
    36.*) python=python3.10 pins=jetpack-6.txt ;;
    38.* | 39.*) python=python3.12 pins=jetpack-7.txt ;;
    35.*) die "L4T $release is of JetPack 5; run jetpack5.sh" ;;
    "") die "this is no Jetson: there is no release in /etc/nv_tegra_release" ;;
    *) die "L4T $release is not known to this script; JetPack 6 is 36, JetPack 7 is 38 and 39" ;;
esac
say "L4T $release on $(text_of proc/device-tree/model)"

need_packages \
    "usr/bin/$python" "$python" \
    "usr/lib/$python/ensurepip" "$python-venv" \
    "usr/lib/python3*/dist-packages/tensorrt" python3-libnvinfer
if ! compgen -G "$root/usr/lib/python3*/dist-packages/cv2*" >/dev/null; then
    advise "there is no OpenCV of the system; cameras and displays need it" \
        "sudo apt-get install -y python3-opencv"
fi
make_environment "$python"
install_packages "$pins"
advise_on_memory 8192
advise_on_power
check_result
