"""How much of the long proofs a run does: a sample of each, or all of them when it is thorough."""

import os
from random import Random

IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
ONE_IN = 1 if IS_THOROUGH else 20


class Sample:
    """A choice of one case in `ONE_IN`, as it falls, and for the same seed always the same."""

    def __init__(self, seed=""):
        self._random = Random(seed)

    def takes_next(self):
        return self._random.randrange(ONE_IN) == 0


def some(cases, *, seed=""):
    """Yield the cases that the sample takes; all of them in a thorough run."""
    sample = Sample(seed)
    return (case for case in cases if sample.takes_next())
