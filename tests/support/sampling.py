"""How much of the long proofs a run does: a sample of each, or all of them when it is thorough."""

import os
from random import Random

IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
ONE_IN = 20


class Sample:
    """A choice of one case in `ONE_IN`, as it falls, and for the same seed always the same."""

    def __init__(self, seed="", one_in=ONE_IN):
        self._random = Random(seed)
        self._one_in = one_in

    def takes_next(self):
        return IS_THOROUGH or self._random.randrange(self._one_in) == 0


def some(cases, *, seed="", one_in=ONE_IN):
    """Yield the cases that the sample takes; all of them in a thorough run."""
    sample = Sample(seed, one_in)
    return (case for case in cases if sample.takes_next())
