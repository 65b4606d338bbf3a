"""One finding of a check."""

from __future__ import annotations

import re
from typing import Dict, NamedTuple, Optional, Tuple

OK, WARNING, PROBLEM = "ok", "warning", "problem"
NO_COMMAND = "no command mends that"
"""What a finding says that has no `mend` though something is wrong."""


class Finding(NamedTuple):
    """What one check found, and the one command that mends it."""

    name: str
    level: str
    """`ok`; `warning`: works, but worse than it could; `problem`: something required is broken."""
    text: str
    mend: Optional[str] = None
    """For `ok`: what adds a package that is not there and not needed."""

    def as_dict(self) -> Dict[str, Optional[str]]:
        """Return the finding as `--json` prints it."""
        return {"name": self.name, "level": self.level, "text": self.text, "mend": self.mend}


def version_numbers(text: str) -> Tuple[int, ...]:
    """Return the leading numbers of a version, e.g. (1, 21, 0) of `1.21.0.dev1`."""
    match = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in match[0].split(".")) if match else ()
