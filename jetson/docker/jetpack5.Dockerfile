# pcsr-edge on JetPack 5. From the root of the checkout, on the board (not run by this project):
#   docker build -f jetson/docker/jetpack5.Dockerfile -t pcsr-edge:jetpack5 .
#   docker run --rm --runtime nvidia --user "$(id -u):$(id -g)" --group-add video \
#       -v "$PWD:/work" -v pcsr-edge-cache:/cache pcsr-edge:jetpack5 upscale in.png out.png
# As the user whose folder it is, else nothing can be written there; the GPU is for the group video.
# r35.4.1 is the last image of JetPack 5, and the one for hosts with a later release as well.
ARG BASE=nvcr.io/nvidia/l4t-jetpack:r35.4.1
FROM ${BASE}

RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        python3.8 python3.8-venv \
    && rm -rf /var/lib/apt/lists/*

# Open to the image's packages: its TensorRT belongs to its CUDA.
RUN python3.8 -m venv --system-site-packages /opt/pcsr-edge \
    && /opt/pcsr-edge/bin/python -m pip install --no-cache-dir "pip>=23"
COPY jetson/pins/jetpack-5.txt /tmp/pins.txt
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
