"""Every error that a user can meet, with the exit code the command line gives it.

PcsrEdgeError (1)
├── UsageError (2)              an argument or option makes no sense
│   ├── UnknownModelError       no bundle of that name
│   └── UnknownRecipeError      no recipe of that name
├── InputError (1)              an input picture cannot be read
├── OutputError (1)             a result cannot be written
├── BundleError (1)             a bundle is damaged, incomplete or of another version
├── CheckpointError (1)         a checkpoint or model description cannot be used
├── RecipeError (1)             a training recipe cannot be used
├── DataError (1)               a folder of images cannot be used
├── TrainingError (1)           training cannot go on
├── ExportError (1)             a network cannot be exported
│   └── DialectError            a graph leaves the dialect that TensorRT 8.5 reads correctly
├── ProfileError (1)            a profile cannot be read or compared
├── ConditionsError (5)         the machine is unfit for measuring
├── AccuracyError (4)           a result differs from its reference by more than allowed
└── EngineError (1)             a backend failed while it built or ran an engine
    └── BackendUnavailableError (3)  the requested backend does not exist on this machine

The message is one sentence or two for the user: which input, what came, what was expected,
how to mend it.
"""

from __future__ import annotations


class PcsrEdgeError(Exception):
    """Base of all errors that are the user's business."""

    exit_code = 1


class UsageError(PcsrEdgeError, ValueError):
    """An argument or option makes no sense."""

    exit_code = 2


class UnknownModelError(UsageError):
    """No bundle of that name; the message suggests the nearest ones."""


class UnknownRecipeError(UsageError):
    """No recipe of that name; the message suggests the nearest."""


class InputError(PcsrEdgeError):
    """An input picture is missing, damaged or of a kind that cannot be read."""


class OutputError(PcsrEdgeError):
    """A result cannot be written."""


class BundleError(PcsrEdgeError):
    """A bundle is damaged, incomplete or of another schema version."""


class CheckpointError(PcsrEdgeError, ValueError):
    """A checkpoint or model description cannot be used."""


class RecipeError(PcsrEdgeError, ValueError):
    """A training recipe cannot be used; the message names the field."""


class DataError(PcsrEdgeError, ValueError):
    """A folder of images cannot be used for training, calibration or evaluation."""


class TrainingError(PcsrEdgeError):
    """Training cannot go on: it diverged, or the state to resume does not fit."""


class ExportError(PcsrEdgeError):
    """A network cannot be exported."""


class DialectError(ExportError):
    """A graph uses something that TensorRT 8.5 misreads or refuses; the message names the node."""


class ProfileError(PcsrEdgeError):
    """A profile cannot be read, or two cannot be compared."""


class ConditionsError(PcsrEdgeError):
    """Times measured under these conditions would mislead; the message lists why."""

    exit_code = 5


class AccuracyError(PcsrEdgeError):
    """A result differs from its reference by more than the gate allows."""

    exit_code = 4


class EngineError(PcsrEdgeError):
    """A backend failed while it built, loaded or ran an engine."""


class BackendUnavailableError(EngineError):
    """The requested backend or device does not exist on this machine."""

    exit_code = 3
