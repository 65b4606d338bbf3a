"""Measures upscalers: cases, the loop that runs them, profiles and their comparison."""

from __future__ import annotations

from pcsr_edge.calib.profiling.case import Case
from pcsr_edge.calib.profiling.comparison import ComparedCase, Comparison, compare
from pcsr_edge.calib.profiling.frame import Frame, Workload
from pcsr_edge.calib.profiling.measured_case import MeasuredCase
from pcsr_edge.calib.profiling.noise import Ratio, ratio_of_medians
from pcsr_edge.calib.profiling.pareto import front
from pcsr_edge.calib.profiling.peak_memory import PeakMemory
from pcsr_edge.calib.profiling.profile import Profile, to_json
from pcsr_edge.calib.profiling.profile_reader import ReadProfile, read_profile
from pcsr_edge.calib.profiling.rules import StopRule, WarmUp
from pcsr_edge.calib.profiling.run_loop import Recording, TimedFrame, record
from pcsr_edge.calib.profiling.summary import Summary

__all__ = [
    "Case",
    "ComparedCase",
    "Comparison",
    "Frame",
    "MeasuredCase",
    "PeakMemory",
    "Profile",
    "Ratio",
    "ReadProfile",
    "Recording",
    "StopRule",
    "Summary",
    "TimedFrame",
    "WarmUp",
    "Workload",
    "compare",
    "front",
    "ratio_of_medians",
    "read_profile",
    "record",
    "to_json",
]
