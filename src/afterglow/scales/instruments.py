"""The scales, their published cut-offs, and the error of one rating of each.

The error is the standard error of measurement, sd * sqrt(1 - reliability), with a reliability and a
spread that belong to the same kind of sample: a retest coefficient from people of every severity goes
with the spread of people of every severity (root mean square of baseline and end-point spreads).
"""

from __future__ import annotations

from dataclasses import replace

from afterglow.errors import ProtocolError, nearest
from afterglow.scales.scale import Band, Cutoff, MeasurementError, ResponseRule, Scale

__all__ = ["SCALES", "scale"]

_CARMODY_2006 = "carmody2006a-qids"
_FURUKAWA_2019 = "furukawa2019"
_GAD7_MCID = "toussaint2020"
_GAD7_PAPER = "https://www.researchgate.net/publication/7064924_A_Brief_Measure_for_Assessing_Generalized_Anxiety_Disorder_The_GAD-7"
_HAMD_RELIABILITY = "https://linkinghub.elsevier.com/retrieve/pii/S0165-1781(10)00775-4"
_HAMD_PAGE = "https://statistics.datanalysis.net/questionnaires/health/hamd-17"
_HAMA_BANDS = "https://pmc.ncbi.nlm.nih.gov/articles/PMC6878292"
_MADRS_REMISSION = "https://pmc.ncbi.nlm.nih.gov/articles/PMC9570062/table/ijms-23-11450-t004"
_MARX_2022 = "marx2022"
_PHQ9_PAPER = "https://studylib.net/doc/25788761/kroenke2001-article-thephq-9"
_PHQ9_SEM = "lowe2004-mcid"
_PCL5_PAGE = "https://pmc.ncbi.nlm.nih.gov/articles/PMC10292741"
_QIDS_PAGE = "rush2003"
_SDS_PAGES = ("https://pubmed.ncbi.nlm.nih.gov/20626541", "https://pmc.ncbi.nlm.nih.gov/articles/PMC4038420")
_SIGMA = "https://pubmed.ncbi.nlm.nih.gov/18174510"


def _bands(**ranges: tuple[float, float]) -> tuple[Band, ...]:
    return tuple(Band(name=name.replace("_", " "), low=low, high=high) for name, (low, high) in ranges.items())


_HALF = ResponseRule(kind="fraction", fall=0.5, note="usual in trials; known from the publications, not read again")

PHQ_9 = Scale(
    id="PHQ-9",
    family="depression",
    rater="self",
    items=9,
    low=0,
    high=27,
    aliases=("PHQ9", "PHQ"),
    bands=_bands(minimal=(0, 4), mild=(5, 9), moderate=(10, 14), moderately_severe=(15, 19), severe=(20, 27)),
    response=_HALF,
    remission=Cutoff(at_most=4, note="below 5"),
    error=MeasurementError(
        sd=2.5,
        derivation="two standard errors of measurement were published as 5 points",
        source=_PHQ9_SEM,
        verified=True,
    ),
    sources=(_PHQ9_PAPER, _PHQ9_SEM),
    unverified=("response", "remission"),
)

MADRS = Scale(
    id="MADRS",
    family="depression",
    rater="clinician",
    items=10,
    low=0,
    high=60,
    bands=_bands(normal=(0, 6), mild=(7, 19), moderate=(20, 34), severe=(35, 60)),
    response=_HALF,
    remission=Cutoff(at_most=10, source=_MADRS_REMISSION, verified=True, note="some trials take 12 or less"),
    error=MeasurementError(
        sd=2.4,
        derivation="two independent raters agree at 0.93; spread 9.1 = root mean square of 6.7 at baseline and 11.0 "
        "at one year; 9.1 * sqrt(1 - 0.93) = 2.4",
        source="; ".join((_SIGMA, _CARMODY_2006)),
        verified=True,
    ),
    sources=(_MADRS_REMISSION, _SIGMA, _CARMODY_2006),
    unverified=("items", "range", "bands", "response"),
)

HAM_D17 = Scale(
    id="HAM-D17",
    family="depression",
    rater="clinician",
    items=17,
    low=0,
    high=52,
    aliases=("HAMD17", "HAM-D", "HAMD", "HDRS", "HDRS-17", "HRSD", "HRSD17"),
    bands=_bands(normal=(0, 7), mild=(8, 16), moderate=(17, 23), severe=(24, 52)),
    response=_HALF,
    remission=Cutoff(at_most=7, source=_HAMD_PAGE, verified=True),
    error=MeasurementError(
        sd=1.8,
        derivation="raters agree at 0.937; spread 7.0 = the MADRS spread of 9.1 over the crosswalk's 1.3; "
        "7.0 * sqrt(1 - 0.937) = 1.8; a published rater error of 1.25 leaves out the person's own retest error",
        source=_HAMD_RELIABILITY,
        verified=False,
    ),
    sources=(_HAMD_PAGE, _HAMD_RELIABILITY),
    unverified=("response", "spread"),
)

GRID_HAMD = replace(
    HAM_D17,
    id="GRID-HAMD",
    aliases=("GRID-HAMD-17", "GRID-HAM-D", "GRID-HAMD17", "GRID"),
    unverified=(*HAM_D17.unverified, "own reliability (none found, the HAM-D17 value stands in)"),
)

QIDS_SR16 = Scale(
    id="QIDS-SR16",
    family="depression",
    rater="self",
    items=16,
    low=0,
    high=27,
    aliases=("QIDS", "QIDS-SR", "QIDS-16"),
    bands=_bands(none=(0, 5), mild=(6, 10), moderate=(11, 15), severe=(16, 20), very_severe=(21, 27)),
    response=_HALF,
    remission=Cutoff(at_most=5, source=_QIDS_PAGE, verified=True),
    error=MeasurementError(
        sd=1.8,
        derivation="internal consistency 0.86 (recalled); spread 4.8 = root mean square of 3.6 at baseline and 5.8 at "
        "one year; 4.8 * sqrt(1 - 0.86) = 1.8",
        source=_CARMODY_2006,
        verified=False,
    ),
    sources=(_QIDS_PAGE, _CARMODY_2006),
    unverified=("response", "items", "reliability"),
)

BDI_II = Scale(
    id="BDI-II",
    family="depression",
    rater="self",
    items=21,
    low=0,
    high=63,
    aliases=("BDI2", "BDI-2"),
    bands=_bands(minimal=(0, 13), mild=(14, 19), moderate=(20, 28), severe=(29, 63)),
    response=_HALF,
    remission=Cutoff(at_most=13, note="below 14; 9 or 12 in some trials"),
    error=MeasurementError(
        sd=2.9,
        derivation="retest 0.93 (manual, recalled); spread 10.9 = root mean square of 6.8 and 11.0 on the BDI-1A "
        "in one trial, times 1.19 for the BDI-II; 10.9 * sqrt(1 - 0.93) = 2.9",
        source="carhartharris2021-escitalopram",
        verified=False,
    ),
    sources=("https://www.doctorabel.us/depression-therapy/assessment-of-severe-depression.html",),
    unverified=("response", "items", "range", "remission", "reliability"),
)

BDI_1A = Scale(
    id="BDI-1A",
    family="depression",
    rater="self",
    items=21,
    low=0,
    high=63,
    aliases=("BDI", "BDI-I", "BDI-1", "BDI-IA"),
    response=_HALF,
    remission=Cutoff(at_most=9, note="recalled; the trial that used it in the evidence does not print its cut-off"),
    error=MeasurementError(
        sd=2.4,
        derivation="the BDI-II's retest of 0.93 with the spread of 9.1 of the BDI-1A; 9.1 * sqrt(1 - 0.93) = 2.4",
        source="carhartharris2021-escitalopram",
        verified=False,
    ),
    sources=(_FURUKAWA_2019,),
    unverified=("response", "items", "range", "remission", "reliability"),
)

GAD_7 = Scale(
    id="GAD-7",
    family="anxiety",
    rater="self",
    items=7,
    low=0,
    high=21,
    aliases=("GAD7", "GAD"),
    bands=_bands(minimal=(0, 4), mild=(5, 9), moderate=(10, 14), severe=(15, 21)),
    response=_HALF,
    remission=Cutoff(at_most=4, note="the minimal band; assumed by analogy with the PHQ-9"),
    error=MeasurementError(
        sd=2.0,
        derivation="retest 0.83 (recalled); spread of 4.8 assumed; 4.8 * sqrt(1 - 0.83) = 2.0; the published smallest "
        "worthwhile change of 4 points is two such errors",
        source=_GAD7_MCID,
        verified=False,
        prior_sd=0.3,
    ),
    sources=(_GAD7_PAPER, _GAD7_MCID),
    unverified=("response", "range", "bands", "remission", "reliability"),
)

HAM_A = Scale(
    id="HAM-A",
    family="anxiety",
    rater="clinician",
    items=14,
    low=0,
    high=56,
    aliases=("HAMA", "HARS", "SIGH-A"),
    bands=_bands(none=(0, 7), mild=(8, 14), moderate=(15, 23), severe=(24, 56)),
    response=_HALF,
    remission=Cutoff(at_most=7, note="known from the publications, not read again"),
    error=MeasurementError(
        sd=2.4,
        derivation="no coefficient was read (retest is called high): reliability 0.88 and spread 7.0 assumed; "
        "7.0 * sqrt(1 - 0.88) = 2.4",
        verified=False,
        prior_sd=0.4,
    ),
    sources=(_HAMA_BANDS,),
    unverified=("response", "items", "range", "remission", "reliability"),
)

HADS_D = Scale(
    id="HADS-D",
    family="depression",
    rater="self",
    items=7,
    low=0,
    high=21,
    aliases=("HADSD",),
    bands=_bands(normal=(0, 7), mild=(8, 10), moderate=(11, 14), severe=(15, 21)),
    response=_HALF,
    remission=Cutoff(at_most=7, note="the normal band; recalled"),
    error=MeasurementError(
        sd=1.6,
        derivation="internal consistency 0.82 (recalled); spread of 3.7 assumed; 3.7 * sqrt(1 - 0.82) = 1.6",
        verified=False,
        prior_sd=0.3,
    ),
    sources=("griffiths2016-cancer", "ross2016-cancer"),
    unverified=("response", "items", "range", "bands", "remission", "reliability"),
)

HADS_A = replace(HADS_D, id="HADS-A", family="anxiety", aliases=("HADSA",))

HADS = Scale(
    id="HADS",
    family="depression",
    rater="self",
    items=14,
    low=0,
    high=42,
    aliases=("HADS total", "HADS-T"),
    response=_HALF,
    remission=Cutoff(at_most=14, note="twice the edge of the halves; assumed"),
    error=MeasurementError(
        sd=2.3,
        derivation="the errors of its two halves, 1.6 each, taken as independent; 1.6 * sqrt(2) = 2.3",
        verified=False,
        prior_sd=0.3,
    ),
    sources=("lii2023-belief",),
    unverified=("response", "items", "range", "remission", "reliability"),
)

HDRS_21 = replace(
    HAM_D17,
    id="HDRS-21",
    items=21,
    high=64,
    aliases=("HAM-D21", "HAMD21", "HRSD-21"),
    bands=(),
    remission=Cutoff(at_most=7, note="as in zarate2006-trd; recalled"),
    sources=("zarate2006-trd",),
    unverified=("response", "items", "range", "remission", "own reliability (the HAM-D17 value stands in)"),
)

DS_II = Scale(
    id="DS-II",
    family="depression",
    rater="self",
    items=16,
    low=0,
    high=32,
    aliases=("Demoralization Scale II",),
    response=_HALF,
    remission=Cutoff(at_most=7, note="below the score of 8 that the one trial asked for"),
    error=MeasurementError(
        sd=2.8,
        derivation="reliability 0.8 and a spread of 6.2, as in the one trial's changes, assumed; 6.2 * sqrt(0.2) = 2.8",
        source="anderson2020-group-aids",
        verified=False,
        prior_sd=0.4,
    ),
    sources=("anderson2020-group-aids",),
    unverified=("response", "items", "remission", "reliability"),
)

PSS_I = Scale(
    id="PSS-I",
    family="ptsd",
    rater="clinician",
    items=17,
    low=0,
    high=51,
    aliases=("PSSI", "PSS Interview"),
    response=ResponseRule(kind="fraction", fall=0.5, note="assumed by analogy with the other scales"),
    error=MeasurementError(
        sd=3.3,
        derivation="the CAPS-IV error of 7.7 over the crosswalk's 2.35: a change of unit, not an estimate",
        verified=False,
        prior_sd=0.3,
    ),
    sources=("foa2018-massed-exposure", "foa2005-pe-pss"),
    unverified=("response", "items", "reliability"),
)

PDS = replace(PSS_I, id="PDS", rater="self", aliases=("PSS-SR",), sources=("oehen2013-swiss",))

IES_R = Scale(
    id="IES-R",
    family="ptsd",
    rater="self",
    items=22,
    low=0,
    high=88,
    aliases=("IESR",),
    response=ResponseRule(kind="fraction", fall=0.5, note="assumed by analogy with the other scales"),
    error=MeasurementError(
        sd=5.0,
        derivation="the CAPS-5 error of 4.5 times 88 / 80: a change of unit, not an estimate",
        verified=False,
        prior_sd=0.4,
    ),
    sources=("feder2014-ptsd",),
    unverified=("response", "items", "range", "reliability"),
)

PCL_5 = Scale(
    id="PCL-5",
    family="ptsd",
    rater="self",
    items=20,
    low=0,
    high=80,
    aliases=("PCL5", "PCL"),
    response=ResponseRule(
        kind="points",
        fall=10,
        source="https://pubmed.ncbi.nlm.nih.gov/37845820",
        verified=True,
        note="inside the published 9 to 12 points",
    ),
    remission=Cutoff(at_most=28, source=_MARX_2022, verified=True, note="score at which no PTSD becomes more likely"),
    diagnosis_loss=Cutoff(
        at_most=30, source=_PCL5_PAGE, verified=True, note="below the lower end of the screening cut-off of 31 to 33"
    ),
    error=MeasurementError(
        sd=6.0,
        derivation="reliable change of 15 to 18 points is 1.96 * sqrt(2) errors (95 % level taken); 16.5 / 2.77 = 6.0",
        source=_MARX_2022,
        verified=True,
    ),
    sources=(_PCL5_PAGE, _MARX_2022),
    unverified=("range",),
)

CAPS_5 = Scale(
    id="CAPS-5",
    family="ptsd",
    rater="clinician",
    items=20,
    low=0,
    high=80,
    aliases=("CAPS5", "CAPS-V"),
    response=ResponseRule(kind="points", fall=10, source="mitchell2021-mapp1", note="phase 3 MDMA trials"),
    remission=Cutoff(
        at_most=11, needs_diagnosis_loss=True, source="mitchell2021-mapp1", note="phase 3 MDMA trials; recalled"
    ),
    diagnosis_loss=Cutoff(
        at_most=24,
        source="mitchell2021-mapp1",
        note="derived: the total that leaves the published 67 % and 32 % of the two arms below it, taking their scores "
        "as normal, is 25.5 and 24.1; the true rule counts symptoms",
    ),
    error=MeasurementError(
        sd=4.5,
        derivation="reliable change of 12 to 13 points is 1.96 * sqrt(2) errors (95 % level taken); 12.5 / 2.77 = 4.5",
        source=_MARX_2022,
        verified=True,
    ),
    sources=("weathers2018", _MARX_2022),
    unverified=("response", "range", "remission"),
)

CAPS_IV = Scale(
    id="CAPS-IV",
    family="ptsd",
    rater="clinician",
    items=17,
    low=0,
    high=136,
    aliases=("CAPS-4", "CAPS4", "CAPSIV"),
    response=ResponseRule(
        kind="fraction", fall=0.3, source="mithoefer2018-veterans", note="phase 2 MDMA trials; recalled"
    ),
    remission=None,
    diagnosis_loss=Cutoff(
        at_most=51,
        source="mithoefer2011-pilot; mithoefer2018-veterans; otalora2018-boulder",
        note="derived as for the CAPS-5: median over 12 published pairs of arm mean, spread and share without PTSD "
        "(range 41 to 66, small arms)",
    ),
    error=MeasurementError(
        sd=7.7,
        derivation="the CAPS-5 error times 136 / 80: a change of unit, not an estimate",
        source=_MARX_2022,
        verified=False,
        prior_sd=0.3,
    ),
    sources=("weathers2018",),
    unverified=("response", "items", "range", "reliability"),
)

SDS = Scale(
    id="SDS",
    family="disability",
    rater="self",
    items=3,
    low=0,
    high=30,
    aliases=("Sheehan", "Sheehan Disability Scale"),
    response=ResponseRule(kind="fraction", fall=0.5, note="assumed by analogy with the symptom scales"),
    remission=Cutoff(at_most=7, source=_SDS_PAGES[0], verified=True, note="below the screening cut-off of 8"),
    error=MeasurementError(
        sd=2.9,
        derivation="internal consistency 0.83; spread of 7.0 assumed; 7.0 * sqrt(1 - 0.83) = 2.9",
        source=_SDS_PAGES[1],
        verified=False,
        prior_sd=0.3,
    ),
    sources=_SDS_PAGES,
    unverified=("response", "spread"),
)

SCALES: dict[str, Scale] = {
    s.id: s
    for s in (
        PHQ_9,
        MADRS,
        HAM_D17,
        GRID_HAMD,
        QIDS_SR16,
        BDI_II,
        BDI_1A,
        GAD_7,
        HAM_A,
        PCL_5,
        CAPS_5,
        CAPS_IV,
        HADS_D,
        HADS_A,
        HADS,
        HDRS_21,
        DS_II,
        PSS_I,
        PDS,
        IES_R,
        SDS,
    )
}


def _plain(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalnum())


_BY_NAME = {_plain(name): s for s in SCALES.values() for name in (s.id, *s.aliases)}


def scale_named(name: str) -> Scale | None:
    """Return the scale of a name or an alias, None where there is none; case, spaces and dashes do not matter."""
    return _BY_NAME.get(_plain(str(name)))


def scale(name: str) -> Scale:
    """Find a scale by its name or an alias; case, spaces and dashes do not matter.

    Raises
    ------
    ProtocolError
        If no scale has that name; the message gives the nearest ones.
    """
    found = scale_named(name)
    if found is None:
        raise ProtocolError(f"unknown scale '{name}'; {nearest(str(name), SCALES)}")
    return found
