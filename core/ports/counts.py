"""Whole numbers in arrays."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
