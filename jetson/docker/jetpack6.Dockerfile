# pcsr-edge on JetPack 6. From the root of the checkout, on the board (not run by this project):
#   docker build -f jetson/docker/jetpack6.Dockerfile -t pcsr-edge:jetpack6 .
#   docker run --rm --runtime nvidia --user "$(id -u):$(id -g)" --group-add video \
#       -v "$PWD:/work" -v pcsr-edge-cache:/cache pcsr-edge:jetpack6 upscale in.png out.png
# As the user whose folder it is, else nothing can be written there; the GPU is for the group video.
# r36.4.0 is the last image of JetPack 6, and the one for hosts with a later release as well.
ARG BASE=nvcr.io/nvidia/l4t-jetpack:r36.4.0
FROM ${BASE}

RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        python3.10 python3.10-venv \
    && rm -rf /var/lib/apt/lists/*

# Open to the image's packages: its TensorRT belongs to its CUDA.
RUN python3.10 -m venv --system-site-packages /opt/pcsr-edge \
    && /opt/pcsr-edge/bin/python -m pip install --no-cache-dir "pip>=23"
COPY jetson/pins/jetpack-6.txt /tmp/pins.txt
RUN /opt/pcsr-edge/bin/python -m pip install --no-cache-dir -r /tmp/pins.txt

COPY . /tmp/source
RUN /opt/pcsr-edge/bin/python -m pip install --no-cache-dir --no-deps /tmp/source \
    && rm -rf /tmp/source \
    && useradd --create-home --groups video user \
    && mkdir /cache /work \
    && chown user /work \
    && chmod 1777 /cache

USER user
WORKDIR /work
# Engines take minutes to build: the volume keeps them, whoever the container runs as.
# CuPy keeps its kernels there as well: the home folder may not be one that can be written to.
ENV PCSR_EDGE_CACHE=/cache CUPY_CACHE_DIR=/cache/cupy
VOLUME /cache
ENTRYPOINT ["/opt/pcsr-edge/bin/pcsr-edge"]
CMD ["doctor"]
