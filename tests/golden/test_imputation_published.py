"""Reference-based imputation against what the R package rbmi prints for its example data.

From its vignette on inference with conditional means: jump to reference, jackknife; placebo minus drug.
"""

from __future__ import annotations

import pytest

from afterglow.trial.analysis import reference_based
from tests.trials import antidepressant


def test_jump_to_reference_with_the_jackknife_is_what_rbmi_prints() -> None:
    found = reference_based(antidepressant(), strategy="jr")
    assert -found.value[0, [0, 3]] == pytest.approx([-0.092, 2.126], abs=5e-4)
    assert found.se[0, [0, 3]] == pytest.approx([0.695, 0.858], abs=5e-4)
    assert (-found.high[0, 3], -found.low[0, 3]) == pytest.approx((0.444, 3.807), abs=6e-4)
