"""Which parameters are estimated: few, and those that the counts move."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vimach_calibration.coordinates import Coordinate

Array = npt.NDArray[np.float64]

MOST = 15
"""Parameters that are estimated at most; the counts hold no more directions than there are of them."""


def chosen(axes: Sequence[Coordinate], jacobian: Array, fall: Array, most: int = MOST) -> tuple[int, ...]:
    """Positions of the axes to estimate, the first chosen first.

    `jacobian` (rows, axes) and `fall` (rows,) are the model linearised at the prior medians. One after another that
    parameter is taken which leaves the counts least to say about all the others, so that these may keep their priors.
    """
    scaled = np.sqrt(fall)[:, None] * jacobian
    found: list[int] = []
    free = [number for number, axis in enumerate(axes) if axis.estimable and np.any(scaled[:, number] != 0.0)]
    while free and len(found) < most:
        left = [_left_to_others(scaled, [*found, number]) for number in free]
        found.append(free.pop(int(np.argmin(np.round(left, 9)))))
    return tuple(found)


def _left_to_others(scaled: Array, estimated: Sequence[int]) -> float:
    """How uneven the counts leave the weights of prior draws of the others: minus the log of the effective share."""
    mine = np.zeros(scaled.shape[1], dtype=bool)
    mine[list(estimated)] = True
    known = np.eye(len(scaled)) + scaled[:, mine] @ scaled[:, mine].T
    rest = np.linalg.solve(np.linalg.cholesky(known), scaled[:, ~mine])
    said = np.maximum(np.linalg.eigvalsh(rest @ rest.T), 0.0)
    return float(np.sum(np.log1p(said) - 0.5 * np.log1p(2 * said)))
