"""The numbers that stand for many measured times."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Dict, Sequence

import numpy as np

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True)
class Summary:
    """Mean, spread and percentiles of some values, in their unit."""

    n: int
    """Number of values. Of fewer than 100, p99 is little else than the greatest one."""
    mean: float
    stdev: float
    """Standard deviation of the sample (n - 1); 0 for a lone value."""
    min: float
    p50: float
    """Median. Percentiles are interpolated between the two nearest values."""
    p90: float
    p95: float
    p99: float
    max: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Summary:
        """Summarise at least one value."""
        numbers = np.asarray(values, dtype=np.float64)
        p50, p90, p95, p99 = (float(p) for p in np.percentile(numbers, PERCENTILES))
        return cls(
            n=numbers.size,
            mean=float(numbers.mean()),
            stdev=float(numbers.std(ddof=1)) if numbers.size > 1 else 0.0,
            min=float(numbers.min()),
            p50=p50,
            p90=p90,
            p95=p95,
            p99=p99,
            max=float(numbers.max()),
        )

    @property
    def variation(self) -> float:
        """Coefficient of variation: deviation by mean; 0 where the mean is 0."""
        return self.stdev / self.mean if self.mean > 0 else 0.0

    def as_dict(self, digits: int = 4) -> Dict[str, float]:
        """Return the fields, rounded, as JSON shows them."""
        return {name: round(value, digits) for name, value in asdict(self).items()}
