"""The mixed model for repeated measures against what SAS printed for the example data of the R package mmrm.

PROC MIXED, REML, from the folder ``design/`` of openpharma/mmrm. Tolerances are those that the two programs agree to:
1e-3 of an estimate or a standard error, half a degree of freedom, 1e-4 of -2 log-likelihood.
"""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.trial.analysis import mmrm
from afterglow.trial.analysis.covariance import structure
from afterglow.trial.analysis.reml import fit_reml, sums_of
from tests.trials import fev

RELATIVE, FREEDOM, LIKELIHOOD = 1e-3, 0.5, 1e-4


def test_fev_with_race_and_sex_is_what_sas_prints() -> None:
    fit = mmrm(fev("RACE", "SEX"))
    assert fit.minus2_log_likelihood == pytest.approx(3386.44988, abs=LIKELIHOOD)
    assert fit.differences.value[0] == pytest.approx([3.7745, 3.7322, 3.0806, 4.3985], rel=RELATIVE)
    assert fit.differences.se[0] == pytest.approx([1.0741, 0.8588, 0.6896, 1.6805], rel=RELATIVE)
    assert np.rint(fit.differences.df[0]).tolist() == [146, 145, 131, 133]  # printed without decimals
    assert fit.differences.p[0, 3] == pytest.approx(0.0099, abs=5e-5)
    assert fit.means.value[:, 3] == pytest.approx([48.3855, 52.7841], rel=RELATIVE)
    assert fit.means.se[:, 3] == pytest.approx([1.1886, 1.1877], rel=RELATIVE)


# Estimate, standard error of Kenward and Roger, degrees of freedom of FEV1 on ARMCD alone: ddfm_covtype/kr_*.csv.
KENWARD_ROGER = {
    "us": (3.81972492, 0.66124382, 160.73326640),
    "cs": (4.19663618, 0.79646961, 177.03848593),
    "csh": (3.77090812, 0.67414806, 190.73770135),
    "ar1": (4.22574316, 0.95865440, 188.46934888),
    "ar1h": (3.72674356, 0.75903161, 188.22533910),
    "toep": (4.47051861, 0.87839806, 160.02740834),
    "toeph": (3.92287746, 0.72543829, 180.06273007),
    "adh": (3.72344029, 0.66172017, 162.39338528),
}


@pytest.mark.parametrize("name", KENWARD_ROGER)
def test_every_covariance_has_the_kenward_roger_of_sas(name: str) -> None:
    data = fev()
    numbers = np.stack([np.ones(200), data.arm.astype(float)], axis=1)[None]
    fit = fit_reml(
        sums_of(numbers, data.outcomes[None], np.ones((4, 1, 1)) * np.eye(2)), structure(name, 4), excess=True
    )
    value, se, df = KENWARD_ROGER[name]
    variance, slopes = fit.spread[0, 1, 1], fit.slopes[0, :, 1, 1]
    assert fit.coefficients[0, 1] == pytest.approx(value, rel=RELATIVE)
    assert np.sqrt(variance + fit.excess[0, 1, 1]) == pytest.approx(se, rel=RELATIVE)
    assert 2 * variance**2 / (slopes @ fit.theta_spread[0] @ slopes) == pytest.approx(df, abs=FREEDOM)


# -2 residual log-likelihood of FEV1 on nothing but a mean: SAS/sas_*_reml.txt.
LIKELIHOODS = {
    "cs": 3917.98183508,
    "csh": 3784.85341599,
    "ar1": 3875.49945459,
    "ar1h": 3739.96835012,
    "toeph": 3722.38018329,
    "adh": 3713.49317786,
}


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_every_covariance_has_the_likelihood_of_sas(name: str) -> None:
    sums = sums_of(np.ones((1, 200, 1)), fev().outcomes[None], np.ones((4, 1, 1)))
    assert fit_reml(sums, structure(name, 4)).minus2[0] == pytest.approx(LIKELIHOODS[name], abs=LIKELIHOOD)
