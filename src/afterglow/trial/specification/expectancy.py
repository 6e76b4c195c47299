"""What people hope for when they come, by site and by arm, and what they say when asked for their arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from afterglow.protocol.part import Part
from afterglow.protocol.sentences.text import Label
from afterglow.trial.specification.sentences import Share

__all__ = ["Expectancy", "Guesses", "Site"]


class Site(Part):
    """One place, or one kind of place, where people are treated.

    Parameters
    ----------
    id : str
    share : float
        Of the people; the shares of all sites sum to 1.
    hope : float
        Hope with which its people begin, as a share of what being sure to get the active arm raises.
    """

    id: Annotated[Label, Field(min_length=1, max_length=60)]
    share: Share
    hope: Share = 0.0


class Expectancy(Part):
    """Hope before anything happens, beside what the model raises by preparation, dosing and guesses.

    Parameters
    ----------
    arms : mapping of str to float
        Hope with which the people of an arm begin, for trials in which they know it; as a share, as in `Site`.
    sites : tuple of Site
    """

    arms: Mapping[str, Share] = Field(default_factory=dict)
    sites: Annotated[tuple[Site, ...], Field(max_length=8)] = ()

    @field_validator("sites")
    @classmethod
    def _whole(cls, sites: tuple[Site, ...]) -> tuple[Site, ...]:
        if sites and abs(sum(site.share for site in sites) - 1) > 0.01:
            raise ValueError(f"the shares of the sites must sum to 1, got {sum(site.share for site in sites):g}")
        names = [site.id for site in sites]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"the site '{twice}' stands twice; keep one")
        return sites

    def level(self, arm: str, site: int) -> float:
        """Return the hope with which people of an arm begin at a site, at most 1."""
        own = self.sites[site].hope if self.sites else 0.0
        return min(self.arms.get(arm, 0.0) + own, 1.0)


class Guesses(Part):
    """What people say when they are asked for their arm on the morning after the first dosing.

    Parameters
    ----------
    unsure : float
        Share who say that they do not know among those for whom both arms are as likely; it falls to none among those
        who are sure.
    """

    unsure: Share = 0.0
