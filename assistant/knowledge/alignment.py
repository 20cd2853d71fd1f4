"""The scale of cosines: two texts that have nothing in common are 0.1 to one model and 0.8 to another.

The weights of the search, the model of ``support`` and that of the mentors' answers were fitted with the bundled model.
The cosines of another one are brought to its scale by what unrelated sections of the base are to either of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FITTED_MEAN, FITTED_DEVIATION = 0.148, 0.132
"""Of unrelated sections of the shipped base, by the bundled model (``docs/decisions/0020-other-models.md``)."""
_PAIRS = 20_000
_FEWEST = 200


@dataclass(frozen=True, slots=True)
class Alignment:
    """What unrelated sections are to a model.

    Attributes:
        mean: Mean of their cosines.
        deviation: Their standard deviation.
    """

    mean: float = FITTED_MEAN
    deviation: float = FITTED_DEVIATION

    @classmethod
    def of(cls, matrix: NDArray[np.float32], sections: NDArray[np.int64], languages: NDArray[np.int64]) -> Alignment:
        """Return that of a base, or no change if it has too few unrelated sections to tell.

        Args:
            matrix: Shape ``(vectors, dimension)``, unit rows.
            sections: Shape ``(vectors,)``: the section of each.
            languages: Shape ``(vectors,)``: its language.
        """
        if len(matrix) < 2:
            return cls()
        one, other = np.random.default_rng(0).integers(0, len(matrix), (2, _PAIRS))
        unrelated = (sections[one] != sections[other]) & (languages[one] == languages[other])
        one, other = one[unrelated], other[unrelated]
        cosines = np.einsum("ij,ij->i", matrix[one], matrix[other], dtype=np.float64)
        if len(cosines) < _FEWEST or cosines.std() < 1e-6:
            return cls()
        return cls(float(cosines.mean()), float(cosines.std()))

    def __call__(self, cosines: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the cosines on the scale of the bundled model, -1 to 1."""
        return np.clip(FITTED_MEAN + (cosines - self.mean) * (FITTED_DEVIATION / self.deviation), -1.0, 1.0)
