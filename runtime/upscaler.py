"""The public interface: load a bundle, upscale images."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.assignment import class_fractions
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.backends.selection import Say, silent
from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.closing import Closing
from pcsr_edge.runtime.crew import Crew
from pcsr_edge.runtime.engine import Backend
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.method import FrameJob, FrameRequest, Progress
from pcsr_edge.runtime.methods import load_method
from pcsr_edge.runtime.options import (
    check_choice,
    check_patches,
    check_precision,
    frame_axes,
    frame_budget,
    thread_count,
)
from pcsr_edge.runtime.pixels import check_image
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.tile_room import TileRoom
from pcsr_edge.runtime.tiling import TileOption
from pcsr_edge.runtime.yuv import Yuv, YuvFormat, check_yuv

VIDEO = YuvFormat()
"""Planes of most videos."""
DEFAULT_MODEL = "pcsr-fsrcnn-x4"
PROVEN = 256
"""Luma pixels along the sides of the frame that engines for planes of video are judged on."""
AUTO_MODEL = "auto"
"""Stands for the best rung that keeps the budget."""


class Upscaler(Closing):
    """A loaded model.

    >>> up = Upscaler.load("pcsr-fsrcnn-x4")
    >>> sr = up(rgb)                       # uint8 (h, w, 3) -> uint8 (4h, 4w, 3)
    >>> result = up.run(rgb, k=0.5)        # more light pixels: cheaper
    """

    def __init__(
        self,
        bundle: Bundle,
        backend: Backend,
        *,
        threads: Optional[int] = None,
        precision: str = "fp32",
        prove: Optional[Say] = None,
    ) -> None:
        """Load a bundle on a backend; see `load`, which finds both.

        Args:
            bundle: of any method.
            backend: what runs its graphs.
            threads: see `load`.
            precision: that the bundle holds.
            prove: told how engines that were built here are held against the processor before a
                result of theirs is given out; None leaves that to the caller.
        """
        self.bundle = bundle
        self.backend_name, self._backend = backend.name, backend
        self.backend_choice = backend.choice
        """Why the backend was taken, where the device was `auto`."""
        self.precision = precision
        self.threads = thread_count(threads)
        self._pool = Crew(self.threads)
        self._method = load_method(bundle, backend, precision, self.threads, self._pool)
        halo = bundle.manifest.receptive_field
        self._room = TileRoom(self._method.tile_bytes, halo, backend.device)
        self._prove = prove
        self._closed = False

    @classmethod
    def load(
        cls,
        model: Union[str, Path] = DEFAULT_MODEL,
        *,
        device: Union[str, Backend] = "auto",
        threads: Optional[int] = None,
        precision: Optional[str] = None,
        fps: Optional[float] = None,
        budget_ms: Optional[float] = None,
        say: Say = silent,
    ) -> Upscaler:
        """Load a shipped model by name, or any bundle by the path of its folder.

        Args:
            model: name or folder; `auto` takes the best rung of the ladder that keeps the budget
                (docs/ladder.md), and chooses when the first picture of a size comes.
            device: `auto`, `cpu`, `cuda[:N]` or `trt[:N]`; one asked for by name and not there
                is an error, never replaced. Or a backend that was opened before.
            threads: CPU threads; by default all that this process may use.
            precision: `fp32`, `fp16` or `int8`, as far as the bundle holds it; `fp16` is for
                GPUs, and what TensorRT runs by default.
            fps: for `auto`: frames per second to be kept; without a budget the best rung runs.
            budget_ms: for `auto`: milliseconds for a frame, in place of `fps`.
            say: told what takes time: that an engine is built, and how long that may take.

        With TensorRT the first frame of a size takes long: engines are built, and held against
        float32 on the processor. Both is kept.

        Raises:
            UnknownModelError: no such model.
            BundleError: the bundle is damaged or lacks the precision.
            BackendUnavailableError: the device is not there.
            EngineError: a graph cannot be compiled, or gave NaN or infinity when it was timed.
            UsageError: a value makes no sense, or fp16 was asked for on the CPU.
        """
        budget = frame_budget(fps, budget_ms)
        if model == AUTO_MODEL:
            from pcsr_edge.runtime.ladder.auto import AutoUpscaler

            return AutoUpscaler(
                device=device,
                threads=threads,
                precision=precision,
                budget_ms=budget,
                say=say,
            )
        if budget is not None:
            raise UsageError(
                f"model {model} was named, and fps or budget_ms given, which choose a model; "
                "leave them out, or load the model auto"
            )
        bundle = load_bundle(model)
        backend = backend_for(device, graphs=bool(bundle.manifest.graph_names()), say=say)
        precision = precision or backend.precision
        check_precision(precision, backend.name)
        return cls(bundle, backend, threads=threads, precision=precision, prove=say)

    def __call__(self, image: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Upscale with the bundle's defaults; see `run`."""
        return self.run(image).image

    def run(
        self,
        image: npt.NDArray[Any],
        *,
        k: Optional[float] = None,
        adaptive: bool = False,
        force_class: Optional[int] = None,
        refine: bool = True,
        scale: Optional[float] = None,
        size: Optional[Tuple[int, int]] = None,
        tile: TileOption = "auto",
        memory_limit: Optional[int] = None,
        progress: Optional[Progress] = None,
        work: Optional[float] = None,
        prices: Optional[Tuple[float, ...]] = None,
        memory: Allocator = FRESH,
        eta: Optional[float] = None,
        halo: bool = False,
        core: Optional[Tuple[Span, Span]] = None,
    ) -> Result:
        """Upscale one image.

        Args:
            image: RGB (h, w, 3), uint8, uint16, or float32 in [0, 1].
            k: cost exponent; 0 takes the most probable class of each pixel, larger values
                the cheaper ones. By default the bundle's.
            adaptive: assign by K-means over the whole image (ADM) in place of k. An image of
                one colour gets the lightest class everywhere.
            force_class: give every pixel this class (0 = heaviest), in place of k.
            refine: smooth light pixels that touch heavy ones.
            scale: magnification, any positive number; by default what the model was trained for.
            size: exact (H, W) of the result, in place of `scale`.
            tile: `auto` cuts where the image would need more than `memory_limit`, `off` never,
                a number gives the most LR pixels along a tile's side. The result is the same.
            memory_limit: bytes that the work may take beside the image and the result; by
                default 2 GiB, or half of what is free beside the result where that is less.
                It cuts tiles no smaller than the model's halo: these take 10 to 20 MiB at x4.
                Where the picture shrinks strongly, a single row of the result needs n_lr / n_hr
                rows of the image, and the smallest tile may take more than the limit.
                Engines keep the memory until they are closed.
            progress: called with (tiles done, tiles in all).
            work: mean work of a query in place of k, from 0 (all light) to 1 (all heavy): the
                hardest pixels get the heavy classes, as many as fit, and the time of a frame
                is independent of what it shows.
            prices: with `work`: what a query of each class costs, the heaviest first, in any
                unit; which of more than two classes is worth its price depends on it. By
                default FLOPs, of a model that chooses by patch the costs of its table.
            memory: makes what is as large as the result; `Buffers` where frames follow each
                other.
            eta: what a dB is worth, for a model of method arm or wbsr, in place of k: 0 gives
                the cheapest class, larger values wider subnets. By default the bundle's.
            halo: let a patch see what lies around it, for such a model, in place of averaging
                patches where they overlap. No seams, up to twice the work and its memory.
            core: rows and columns of the image over which the result will be used; what lies
                around them may come out lighter than it should. By default all.

        Raises:
            UsageError: a value makes no sense, the frame does not fit into the memory that is
                free, or the upscaler is closed.
            EngineError: the backend failed, or a graph gave NaN or infinity.
            AccuracyError: engines that TensorRT built give other pictures than they should.
        """
        begin = time.perf_counter()
        check_image(image)
        frame, side = self._prepared(
            image,
            k=k,
            adaptive=adaptive,
            force_class=force_class,
            refine=refine,
            scale=scale,
            size=size,
            tile=tile,
            memory_limit=memory_limit,
            progress=progress,
            work=work,
            prices=prices,
            memory=memory,
            eta=eta,
            halo=halo,
            core=core,
        )
        frame.run()
        times = frame.watch.milliseconds()
        times["total"] = (time.perf_counter() - begin) * 1e3
        seen = frame.tiles[0].window_rows, frame.tiles[0].window_cols
        self._check_engines((len(seen[0]), len(seen[1])))
        return Result(
            image=frame.out,
            class_map=frame.class_map,
            fractions=class_fractions(frame.class_map, len(self.bundle.manifest.classes)),
            times=times,
            tile=side if len(frame.tiles) > 1 else 0,
            tiles=len(frame.tiles),
            batches=frame.watch.batches(),
        )

    def check(self, lr: Tuple[int, int], **options: Any) -> None:
        """Make sure that pictures of a size can be upscaled, before the first of them is there.

        Args:
            lr: (h, w) of the pictures, taken to have 8 bits.
            options: of `run`.

        Raises:
            UsageError: as `run` would.
        """
        # One pixel stands for all of them: it takes no memory.
        self._prepared(np.broadcast_to(np.zeros(3, np.uint8), (*lr, 3)), **options)

    def upscale_planes(
        self,
        y: npt.NDArray[Any],
        cb: npt.NDArray[Any],
        cr: npt.NDArray[Any],
        form: YuvFormat = VIDEO,
        memory: Allocator = FRESH,
    ) -> Yuv:
        """Upscale a frame of video as 4:2:0 planes, without a detour over RGB.

        Luma goes through the network, chroma is enlarged by bicubic interpolation.

        Args:
            y: codes (h, w), uint8 for 8 bits, else uint16.
            cb: codes (ceil(h/2), ceil(w/2)) of the same dtype.
            cr: likewise.
            form: range, depth and siting of the codes; by default 8 bits, studio range, LEFT.
            memory: makes the result; see `run`.

        Returns:
            Codes in the same format, `scale` times as large.

        Raises:
            UsageError: the planes do not fit each other or `form`, the model takes RGB, or the
                upscaler is closed.
            EngineError: the backend failed.
            AccuracyError: see `run`.
        """
        self._check_open()
        frame = Yuv(y, cb, cr)
        check_yuv(frame, form)
        result = self._method.planes(frame, form, memory)
        self._check_engines((min(y.shape[0], PROVEN), min(y.shape[1], PROVEN)))
        return result

    def cancel(self) -> None:
        """Make a run under way in another thread fail soon; afterwards only `close` may be called.

        Python cannot interrupt an engine: without this, Ctrl-C waits for the call under way.
        """
        self._backend.cancel()

    def close(self) -> None:
        """Release engines, threads and memory; the upscaler cannot run afterwards."""
        self._closed = True
        self._pool.shutdown()
        self._method.close()

    def _prepared(
        self,
        image: npt.NDArray[Any],
        *,
        scale: Optional[float] = None,
        size: Optional[Tuple[int, int]] = None,
        tile: TileOption = "auto",
        memory_limit: Optional[int] = None,
        **choice: Any,
    ) -> Tuple[FrameJob, int]:
        """Return a frame that is ready to run, and its tile's side; see `run`."""
        self._check_open()
        manifest = self.bundle.manifest
        axes = frame_axes(manifest, (image.shape[0], image.shape[1]), scale, size)
        pixel_bytes = 3 * image.dtype.itemsize + 1
        side = self._room.side(axes, tile, memory_limit, pixel_bytes)
        request = FrameRequest(image, axes, side, **choice)
        check_choice(request.k, request.adaptive, request.force_class, request.eta)
        check_patches(manifest, request.eta, request.halo)
        return self._method.frame(request), side

    def _check_engines(self, size: Tuple[int, int]) -> None:
        """Let engines that were built here be judged once, on LR frames of (h, w)."""
        if self._prove is not None and self._backend.proof is not None:
            from pcsr_edge.runtime.engines.gate import prove

            prove(self, self._backend.proof, size, self._prove)

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError(f"the upscaler of {self.bundle.name} is closed; load the model again")
