"""What the page says of a forecast in sentences: nothing in them is certain."""

from __future__ import annotations

import re

from afterglow.citations import references
from afterglow.forecast.following import FEWEST
from afterglow.forecast.person import Forecast
from afterglow.studio.designs.source import Source, source_of

__all__ = ["doubts_of", "told_sources", "trust_words", "verdict_words"]

_VERDICTS = {
    "on track": "On track, as far as these scores tell",
    "off track": "Off track, as far as these scores tell",
    "cannot tell yet": "Cannot tell yet",
}
_JUDGED = (
    "Forecasts of this kind were judged on people in care for depression, none of whom took a psychedelic: how well "
    "they hold after one, nobody has measured."
)


def told_sources(said: str) -> tuple[str, list[Source]]:
    """Return what is said of a source beside its keys and addresses, and the sources themselves."""
    words = re.findall(r"https?://[^\s;,)]+|[a-z0-9][\w-]*", said)
    known = {reference.key for reference in references()}
    sources = [Source(key=word.split("/")[2], citation=word, url=word) for word in words if word.startswith("http")]
    sources += [source_of(word) for word in words if word in known]
    left = said
    for word in words:
        left = left.replace(word, "") if word in known or word.startswith("http") else left
    left = re.sub(r"\(\s*\)|^[\s;,]+|[\s;,]+$|;\s*(?=;|$)", "", left).strip(" ;,")
    return left.strip("()") if left.startswith("(") and left.endswith(")") else left, sources


def verdict_words(told: Forecast) -> str:
    """Say the verdict, and why."""
    return f"{_VERDICTS[told.track.verdict]}. {told.track.reason}"


def doubts_of(told: Forecast) -> list[str]:
    """Return reasons to doubt that plan, days and scale are those of this person."""
    return list(told.doubts)


def trust_words(told: Forecast) -> list[str]:
    """Say what the forecast rests on, and what it does not know."""
    followed = told.followed
    draws, people, _ = followed.bank.course.shape
    size = f"{followed.effective_size:.0f}"
    if followed.moved is None:
        left = f"after these scores they count as {size}"
    else:
        left = (
            f"after these scores they count as {size}, fewer than {FEWEST:.0f}, and so they were drawn again and moved "
            f"({100 * followed.moved:.0f} % of moves taken)"
        )
    what = "on this course" if told.with_medicine else "in a course without any medicine"
    return [f"{draws * people} virtual people {what} stand behind it; {left}.", _JUDGED]
