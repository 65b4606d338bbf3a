"""Video: readers and writers, the pipeline between them, segments that survive a kill."""

from __future__ import annotations
