"""One video file to another: in segments, resumable, checked at the end."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from itertools import islice
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.images.atomic import refuse_existing
from pcsr_edge.runtime.interruption import interrupts_held
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.av_source import AvSource
from pcsr_edge.runtime.video.checking import Checked, Expected, check_result
from pcsr_edge.runtime.video.encoder import Encoder, open_alone
from pcsr_edge.runtime.video.encoding import Encoding, choose_encoding, coded_size
from pcsr_edge.runtime.video.frame import Frame
from pcsr_edge.runtime.video.mending import fitted, mended
from pcsr_edge.runtime.video.muxing import Film, planned, write_film
from pcsr_edge.runtime.video.paced import PacedUpscaler
from pcsr_edge.runtime.video.pipeline import (
    DEPTH,
    Pipeline,
    State,
    depth_before_encoder,
    depth_before_upscaler,
)
from pcsr_edge.runtime.video.request import Progress, VideoRequest, VideoResult
from pcsr_edge.runtime.video.segment import SegmentIndex, finished_segments
from pcsr_edge.runtime.video.segments import SegmentSink
from pcsr_edge.runtime.video.settings import settings_of
from pcsr_edge.runtime.video.truth import Truth
from pcsr_edge.runtime.video.upscaling import FrameUpscaler
from pcsr_edge.runtime.video.work import Work


class VideoJob:
    """Upscales one video file.

    Args:
        request: what is asked for.
        upscaler: the model, which stays open.
        note: told at once what is assumed and what is not kept.

    Raises:
        PcsrEdgeError: the input cannot be read, or the settings make no sense; nothing is
            written then.
    """

    def __init__(
        self,
        request: VideoRequest,
        upscaler: Upscaler,
        note: Callable[[str], None] = lambda note: None,
    ) -> None:
        self._request, self._upscaler = request, upscaler
        refuse_existing(request.target, request.overwrite)
        self._source = AvSource(request.source, upscaler.threads)
        self.facts = self._source.facts
        height, width = self.facts.size
        scale = request.scale or 1.0
        self.size = request.size or (round(height * scale), round(width * scale))
        self.notes: List[str] = list(self.facts.notes)
        self._truth: Optional[Truth] = None
        try:
            if request.truth is not None:
                frames, threads = self._source.inventory.frames, upscaler.threads
                self._truth = Truth(request.truth, self.facts, self.size, frames, threads)
            self._encoding = self._choose_encoding()
            self._convert = FrameUpscaler(
                upscaler,
                self.facts,
                self.size,
                request.options,
                request.still_threshold,
                request.segment,
            )
            if self._truth is not None and isinstance(upscaler, PacedUpscaler):
                best, options = upscaler.without_budget(dict(request.options))
                self._truth.unpaced = FrameUpscaler(best, self.facts, self.size, options)
        except BaseException:
            self.close()
            raise
        for text in self.notes:
            note(text)
        self._note = note
        self._left_out = 0

    def close(self) -> None:
        """Release the input; `run` does it too."""
        self._source.close()
        if self._truth is not None:
            self._truth.close()

    def run(self, watch: Callable[[Progress], None] = lambda progress: None) -> VideoResult:
        """Do the work, or what is left of it.

        Args:
            watch: called after each frame.

        Raises:
            PcsrEdgeError: it failed; what is finished is kept, and the next run goes on there.
            KeyboardInterrupt: likewise.
        """
        request = self._request
        settings = settings_of(request, self._upscaler, self._source, self.size, self._encoding)
        with closing(self), Work(request.target, settings, request.overwrite) as work:
            # Made in the folder, since the container's own suffix matters to FFmpeg.
            film = self._film(work, [])
            selection = planned(film, request.target, work.folder / "trial.part")
            self._say(selection.notes)
            sink = SegmentSink(work.folder, work.finished, request.segment, self._encoder)
            resumed = sink.frames
            self._upscale(sink, resumed, watch)
            finished = finished_segments(work.folder)
            checked = self._complete(work, finished, selection.copied)
        return VideoResult(
            facts=self.facts,
            size=coded_size(self._encoding, self.size),
            encoding=self._encoding,
            checked=checked,
            resumed=resumed,
            reused=self._convert.reused,
            computed_share=self._convert.computed_share,
            bad=[bad for index in finished for bad in index.bad],
            missing=self._source.inventory.missing,
            missing_seconds=self._source.inventory.missing_seconds,
            left_out=self._left_out,
            notes=self.notes,
            psnr=None if self._truth is None else self._truth.psnr,
            psnr_cost=None if self._truth is None else self._truth.cost,
        )

    def _upscale(self, sink: SegmentSink, resumed: int, watch: Callable[[Progress], None]) -> None:
        def report(state: State) -> None:
            watch(Progress(state, resumed, self.facts.frames))

        frames = islice(self._frames(), resumed, None)
        self._convert.skip(resumed)
        if self._truth is not None:
            self._truth.skip(resumed)
        bits = self.facts.form.bits
        depth = depth_before_encoder(self.size, bits)
        paced = isinstance(self._upscaler, PacedUpscaler)
        backlog = DEPTH if paced else depth_before_upscaler(self.facts.size, bits)
        try:
            Pipeline(frames, self._upscaled, sink, report, depth, backlog=backlog).run()
            sink.finish()
        finally:
            sink.abort()

    def _upscaled(self, frame: Frame) -> Frame:
        result = self._convert.begin(frame)
        if self._truth is not None:
            result = result.completed()
            self._truth.compare(frame, result)
        return result

    def _frames(self) -> Iterator[Frame]:
        request = self._request
        frames = mended(self._source.frames(), request.on_error, str(request.source))
        return fitted(frames, self.facts)

    def _complete(
        self, work: Work, finished: List[SegmentIndex], copied: Tuple[int, ...]
    ) -> Checked:
        request = self._request
        frames = [frame for index in finished for frame in index.frames]
        film = self._film(work, finished)
        joined = work.folder / f"result{request.target.suffix}"
        try:
            left_out = write_film(film, joined, request.target)
            inventory = self._source.inventory
            expected = Expected(self.facts.time_base, frames, inventory, copied, left_out)
            checked = check_result(joined, str(request.target), expected)
            refuse_existing(request.target, request.overwrite)
            # Between the two, Ctrl-C would leave a folder that no run goes on with.
            with interrupts_held():
                os.replace(joined, os.path.realpath(request.target))
                work.remove()
        except OSError as exc:
            raise OutputError(f"{request.target} cannot be written: {exc.strerror}") from exc
        finally:
            with suppress(OSError):
                joined.unlink()
        for index, count in left_out.items():
            kind = inventory.streams[index].kind
            self._say([f"damaged packets of {kind} stream {index} that were left out: {count}"])
        self._left_out = sum(left_out.values())
        self._remark(finished)
        if checked.shift:
            self._say(
                [
                    f"all times are {checked.shift:g} s later: {request.target.suffix} has "
                    "none below zero"
                ]
            )
        return checked

    def _film(self, work: Work, finished: List[SegmentIndex]) -> Film:
        size = coded_size(self._encoding, self.size)
        request = self._request
        return Film(
            work.folder,
            finished,
            self._encoding,
            self.facts,
            size,
            request.source,
            request.wanted,
        )

    def _remark(self, finished: List[SegmentIndex]) -> None:
        counts: Dict[str, int] = {}
        for index in finished:
            for remark, count in index.remarks.items():
                counts[remark] = counts.get(remark, 0) + count
        self._say([f"{count} frames: {remark}" for remark, count in counts.items()])

    def _say(self, notes: Any) -> None:
        for text in notes:
            self.notes.append(text)
            self._note(text)

    def _choose_encoding(self) -> Encoding:
        request = self._request
        encoding = choose_encoding(
            request.target,
            self.facts.form.bits,
            codec=request.codec,
            pix_fmt=request.pix_fmt,
            options=request.encoder_options,
            threads=self._upscaler.threads,
        )
        size = coded_size(encoding, self.size)
        # Opened once for nothing: a wrong option shows before an hour of work, not after.
        open_alone(encoding, self.facts, size)
        if size != self.size:
            self.notes.append(
                f"{self.size[1]}x{self.size[0]} becomes {size[1]}x{size[0]}: {encoding.codec} "
                "takes even sizes, so the last row or column is repeated"
            )
        return encoding

    def _encoder(self) -> Encoder:
        return Encoder(self._encoding, self.facts, self.size)
