"""The targets whose probability rests on judgment alone."""

from typing import Final

JUDGED: Final = ("fabs_in_trial_production", "self_reliance")
"""Their variables: one firm's project, and a goal without a measure. In print their probabilities stand in an annex."""
