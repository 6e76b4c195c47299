"""Write a protocol as USDM v4 of CDISC, so that reading it gives the protocol again.

Arms, doses, sessions, visits, scales and sizes stand where USDM has them, each arm's schedule in a timeline of its own.
What USDM has no place for, such as the baseline of the people or the tasks of integration, stands in extension
attributes.

References
----------
CDISC Unified Study Definitions Model 4.0, https://www.cdisc.org/ddf
"""

from __future__ import annotations

import html
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from afterglow.exchange.usdm.codes import CODES, ROUTE_CODES, SYSTEM, VERSION
from afterglow.exchange.usdm.extension import URL, what_is_beside
from afterglow.exchange.usdm.timing import place_of, timed
from afterglow.medicines import MEDICINES
from afterglow.protocol import Arm, Dose, Practice, Protocol, Session
from afterglow.protocol.population import Population
from afterglow.protocol.sentences.phrase import when
from afterglow.version import __version__

__all__ = ["UNTITLED", "to_usdm"]

UNTITLED = "Protocol without a title"
_NAMESPACE = uuid.UUID("5d0f6a3e-6a5c-4f0e-9a47-2c8f6f0b1d3a")
_DATA = "Data of the participants of this study"
_AGES = (18.0, 90.0)
"""Youngest and oldest of the people that are simulated, in years; a protocol says their mean."""

Row = dict[str, Any]
Event = tuple[float, float, list[str], Row]
"""Day, hour, activities, and further fields of the instance."""


def to_usdm(protocol: Protocol) -> str:
    """Write a protocol as the JSON of USDM v4.

    The same protocol gives the same text.
    """
    text = protocol.to_yaml()
    study = {
        "id": str(uuid.uuid5(_NAMESPACE, text)),
        "name": protocol.title or UNTITLED,
        "description": None,
        "label": protocol.title or UNTITLED,
        "versions": [_Writer().version(protocol, text)],
        "documentedBy": [],
        "instanceType": "Study",
    }
    whole = {"study": study, "usdmVersion": "4.0.0", "systemName": "Afterglow", "systemVersion": __version__}
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


class _Writer:
    """Makes the parts of a study, each with an id of its own."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.interventions: dict[tuple[Any, ...], Row] = {}
        self.products: dict[str, Row] = {}
        self.activities: list[Row] = []
        self.activity_ids: dict[str, str] = {}
        self.epoch = self.made(
            "StudyEpoch",
            name="TREATMENT",
            label="Treatment and follow-up",
            type=self.code("treatment epoch"),
            previousId=None,
            nextId=None,
        )

    def made(self, kind: str, beside: Mapping[str, str] | None = None, **fields: Any) -> Row:
        """Return one instance of a class, with what USDM has no place for as extension attributes."""
        self.counts[kind] += 1
        extensions = [
            self.made("ExtensionAttribute", url=f"{URL}{name}", valueString=text)
            for name, text in (beside or {}).items()
        ]
        return {"id": f"{kind}_{self.counts[kind]}", "extensionAttributes": extensions, **fields, "instanceType": kind}

    def code(self, word: str) -> Row:
        return self.term(*CODES[word])

    def term(self, code: str, decode: str) -> Row:
        return self.made("Code", code=code, codeSystem=SYSTEM, codeSystemVersion=VERSION, decode=decode)

    def alias(self, code: Row) -> Row:
        return self.made("AliasCode", standardCode=code, standardCodeAliases=[])

    def quantity(self, value: float, unit: str | None = None) -> Row:
        coded = None if unit is None else self.alias(self.code(unit))
        return self.made("Quantity", value=float(value), unit=coded)

    def version(self, protocol: Protocol, text: str) -> Row:
        sponsor = self.made(
            "Organization",
            name="Sponsor",
            label="Sponsor, not named in the protocol",
            type=self.code("sponsor type"),
            identifierScheme="none",
            identifier="not named",
            legalAddress=None,
            managedSites=[],
        )
        number = f"AFTERGLOW-{uuid.uuid5(_NAMESPACE, text).hex[:8].upper()}"
        surrogates = [
            self.made(
                "BiomedicalConceptSurrogate", name=row.scale, label=row.scale, description=f"Score on the {row.scale}"
            )
            for row in protocol.assessments
        ]
        design, items = self.design(protocol, surrogates)
        version = self.made("StudyVersion")
        roles = [
            self.made(
                "StudyRole",
                name="SPONSOR",
                code=self.code("sponsor"),
                appliesToIds=[version["id"]],
                assignedPersons=[],
                organizationIds=[sponsor["id"]],
                masking=None,
            )
        ]
        if protocol.blinding.design == "blinded":
            masking = self.made("Masking", text="Participants guess their arm from what they feel", isMasked=True)
            roles.append(
                self.made(
                    "StudyRole",
                    name="PARTICIPANT",
                    code=self.code("participant"),
                    appliesToIds=[design["id"]],
                    assignedPersons=[],
                    organizationIds=[],
                    masking=masking,
                )
            )
        title = self.made("StudyTitle", text=protocol.title or UNTITLED, type=self.code("official title"))
        fields = {
            "versionIdentifier": "1",
            "rationale": "Simulation of the protocol",
            "studyIdentifiers": [self.made("StudyIdentifier", text=number, scopeId=sponsor["id"])],
            "studyDesigns": [design],
            "titles": [title],
            "eligibilityCriterionItems": items,
            "roles": roles,
            "organizations": [sponsor],
            "studyInterventions": list(self.interventions.values()),
            "administrableProducts": list(self.products.values()),
            "bcSurrogates": surrogates,
        }
        return {**version, **fields}

    def design(self, protocol: Protocol, surrogates: Sequence[Row]) -> tuple[Row, list[Row]]:
        rated = [
            self.activity(row.scale, row.scale, {}, bcSurrogateIds=[surrogate["id"]])
            for row, surrogate in zip(protocol.assessments, surrogates, strict=True)
        ]
        item, criterion = self.criterion(protocol.population)
        population, cohorts = self.population(protocol, criterion)
        timelines, arms, elements, cells = [], [], [], []
        for k, (arm, cohort) in enumerate(zip(protocol.arms, cohorts, strict=True), start=1):
            timeline = self.arm_timeline(arm, k)
            row = self.arm(arm, cohort, timeline)
            used = {key: self.interventions[key]["id"] for dose in arm.doses if (key := _kind_of(dose))}
            element = self.made(
                "StudyElement", name=f"ELEMENT {k}", label=arm.label or arm.id, studyInterventionIds=list(used.values())
            )
            cell = self.made("StudyCell", armId=row["id"], epochId=self.epoch["id"], elementIds=[element["id"]])
            timelines.append(timeline)
            arms.append(row)
            elements.append(element)
            cells.append(cell)
        main, encounters = self.main_timeline(protocol, rated, timelines)
        for before, after in pairwise(self.activities):
            before["nextId"], after["previousId"] = after["id"], before["id"]
        endpoint = self.made(
            "Endpoint",
            name="PRIMARY ENDPOINT",
            text=f"<p>Score on the {html.escape(protocol.assessments[0].scale)}, the first scale of the protocol</p>",
            purpose="Efficacy",
            level=self.code("primary endpoint"),
        )
        objective = self.made(
            "Objective",
            name="PRIMARY OBJECTIVE",
            text=f"<p>Change on the {html.escape(protocol.assessments[0].scale)}, the first scale of the protocol</p>",
            level=self.code("primary objective"),
            endpoints=[endpoint],
        )
        indication = self.made(
            "Indication",
            name="CONDITION",
            label=protocol.population.condition.replace("_", " "),
            codes=[],
            isRareDisease=False,
        )
        beside = what_is_beside(protocol, ("title", "horizon_days", "population", "arms", "assessments", "blinding"))
        beside |= {f"blinding.{k}": v for k, v in what_is_beside(protocol.blinding, ("design",)).items()}
        design = self.made(
            "InterventionalStudyDesign",
            beside,
            name="DESIGN",
            label=protocol.title or UNTITLED,
            studyType=self.code("interventional"),
            studyPhase=self.alias(self.code("phase not applicable")),
            encounters=encounters,
            activities=self.activities,
            arms=arms,
            studyCells=cells,
            rationale="Simulation of the protocol",
            epochs=[self.epoch],
            elements=elements,
            indications=[indication],
            studyInterventionIds=[row["id"] for row in self.interventions.values()],
            objectives=[objective],
            population=population,
            scheduleTimelines=[main, *timelines],
            model=self.code("parallel" if len(protocol.arms) > 1 else "single group"),
            subTypes=[],
            intentTypes=[self.code("treatment study")],
            characteristics=[],
            eligibilityCriteria=[criterion],
            blindingSchema=self.alias(self.code(protocol.blinding.design)),
        )
        return design, [item]

    def population(self, protocol: Protocol, criterion: Row) -> tuple[Row, list[Row | None]]:
        """Return the population, and the cohort of each arm where every arm has a number of participants."""
        people = protocol.population
        sexes = [
            word for word, share in (("female", people.female_fraction), ("male", 1 - people.female_fraction)) if share
        ]
        ages = {
            "minValue": self.quantity(_AGES[0], "year"),
            "maxValue": self.quantity(_AGES[1], "year"),
        }
        cohorts: list[Row | None] = [None] * len(protocol.arms)
        if all(arm.n is not None for arm in protocol.arms):
            cohorts = [
                self.made(
                    "StudyCohort",
                    name=f"COHORT {k}",
                    label=arm.label or arm.id,
                    includesHealthySubjects=False,
                    plannedEnrollmentNumber=self.quantity(arm.n or 0),
                    plannedSex=[],
                    characteristics=[],
                )
                for k, arm in enumerate(protocol.arms, start=1)
            ]
        population = self.made(
            "StudyDesignPopulation",
            what_is_beside(people, ()),
            name="POPULATION",
            label=f"People with {people.condition.replace('_', ' ')}",
            includesHealthySubjects=False,
            criterionIds=[criterion["id"]],
            plannedSex=[self.code(word) for word in sexes],
            plannedAge=self.made("Range", **ages, isApproximate=False),
            cohorts=[cohort for cohort in cohorts if cohort],
        )
        return population, cohorts

    def criterion(self, people: Population) -> tuple[Row, Row]:
        """Return whom the protocol includes as a text, and the criterion that uses it."""
        least = "" if people.inclusion_min is None else f" and at least {people.inclusion_min:g} on the {people.scale}"
        said = f"<p>{html.escape(people.condition.replace('_', ' ') + least)}</p>"
        item = self.made("EligibilityCriterionItem", name="INCLUSION ITEM 1", label="Condition", text=said)
        criterion = self.made(
            "EligibilityCriterion",
            name="INCLUSION 1",
            label="Condition",
            category=self.code("inclusion"),
            identifier="1",
            criterionItemId=item["id"],
            previousId=None,
            nextId=None,
        )
        return item, criterion

    def arm(self, arm: Arm, cohort: Row | None, timeline: Row) -> Row:
        beside = what_is_beside(arm, ("id", "label", "doses", "sessions", "practice", *(["n"] if cohort else [])))
        given = [MEDICINES[dose.medicine].is_inert for dose in arm.doses]
        kind = (
            "placebo arm"
            if given and all(given)
            else "treatment arm"
            if given or arm.sessions
            else "no intervention arm"
        )
        return self.made(
            "StudyArm",
            {**beside, "timeline": json.dumps(timeline["id"])},
            name=arm.id,
            label=arm.label,
            description="; ".join(arm.to_sentences()) or "nothing is given",
            type=self.code(kind),
            dataOriginDescription=_DATA,
            dataOriginType=self.code("data of the study"),
            populationIds=[cohort["id"]] if cohort else [],
        )

    def activity(self, key: str, label: str, beside: Mapping[str, str], **fields: Any) -> str:
        """Return the id of the activity of a key, made where there is none yet."""
        if key not in self.activity_ids:
            row = self.made(
                "Activity",
                beside,
                name=f"ACTIVITY {len(self.activities) + 1}",
                label=label,
                previousId=None,
                nextId=None,
            )
            self.activities.append({**row, **fields})
            self.activity_ids[key] = row["id"]
        return self.activity_ids[key]

    def main_timeline(self, protocol: Protocol, rated: Sequence[str], arms: Sequence[Row]) -> tuple[Row, list[Row]]:
        """Return the timeline of the visits, all arms' timelines hanging on its day 0, and the visits."""
        days: dict[float, list[str]] = {}
        for row, activity in zip(protocol.assessments, rated, strict=True):
            for day in row.days:
                days.setdefault(day, []).append(activity)
        encounters = {
            day: self.made(
                "Encounter",
                name=f"VISIT {k}",
                label=f"Day {day:g}",
                type=self.code("visit"),
                environmentalSettings=[],
                contactModes=[],
            )
            for k, day in enumerate(sorted(days), start=1)
        }
        ordered = [encounters[day] for day in sorted(days)]
        for before, after in pairwise(ordered):
            before["nextId"], after["previousId"] = after["id"], before["id"]
        events = [(day, 0.0, days[day], {"encounterId": encounters[day]["id"]}) for day in sorted(days)]
        branches: list[Event] = [
            (0.0, 0.0, [], {"timelineId": timeline["id"], "label": timeline["label"]}) for timeline in arms
        ]
        both = sorted([*branches, *events], key=lambda event: event[0])
        main = self.timeline("MAIN", "Visits of all arms", both, is_main=True)
        main["plannedDuration"] = self.made(
            "Duration",
            text="from the first dosing day to the end of the simulation",
            quantity=self.quantity(protocol.horizon_days, "day"),
            durationWillVary=False,
        )
        return main, ordered

    def arm_timeline(self, arm: Arm, number: int) -> Row:
        """Return the timeline of what an arm is given."""
        events: list[Event] = []
        for row in sorted(arm.timed, key=lambda row: row.time_h):
            activity = self.dosing(row) if isinstance(row, Dose) else self.session(row)
            events.append((row.day, row.hour, [activity], {}))
        for k, practice in enumerate(arm.practice):
            events.append((practice.from_day, 0.0, [self.practice(practice, k)], {}))
        events.sort(key=lambda event: event[0] * 24 + event[1])
        return self.timeline(f"ARM {number}", arm.label or arm.id, events, is_main=False)

    def timeline(
        self,
        name: str,
        label: str,
        events: Iterable[Event],
        *,
        is_main: bool,
    ) -> Row:
        """Return a timeline of events around the anchor, the start of day 0."""
        out = self.made("ScheduleTimelineExit")
        anchor = self.instance(f"{name} DAY 0", "Day 0, the first dosing day", (), {})
        anchored = self.timing(f"{name} TIMING 0", "anchor", "P0D", "day 0", anchor, anchor)
        early: list[Row] = []
        late: list[Row] = []
        timings = [anchored]
        for k, (day, hour, activities, fields) in enumerate(events, start=1):
            said = f"day {day:g}" + (f" hour {hour:g}" if hour else "")
            is_before, text = timed(day, hour)
            # A fraction of a day beside an hour is one time in ISO 8601: the two stand beside it.
            exact = place_of(text, is_before=is_before) == (day, hour)
            beside = {} if exact else {"place": json.dumps([day, hour])}
            row = {**self.instance(f"{name} EVENT {k}", said, activities, beside), **fields}
            timings.append(
                self.timing(f"{name} TIMING {k}", "before" if is_before else "after", text, said, row, anchor)
            )
            (early if is_before else late).append(row)
        instances = [*early, anchor, *late]
        for before, after in pairwise(instances):
            before["defaultConditionId"] = after["id"]
        instances[-1]["timelineExitId"] = out["id"]
        return self.made(
            "ScheduleTimeline",
            name=name,
            label=label,
            mainTimeline=is_main,
            entryCondition="A participant is enrolled" if is_main else "A participant is allocated to this arm",
            entryId=instances[0]["id"],
            exits=[out],
            timings=timings,
            instances=instances,
        )

    def instance(self, name: str, label: str, activities: Sequence[str], beside: Mapping[str, str]) -> Row:
        return self.made(
            "ScheduledActivityInstance",
            beside,
            name=name,
            label=label,
            epochId=self.epoch["id"],
            activityIds=list(activities),
            defaultConditionId=None,
            timelineExitId=None,
            timelineId=None,
            encounterId=None,
        )

    def timing(self, name: str, kind: str, value: str, label: str, row: Row, anchor: Row) -> Row:
        return self.made(
            "Timing",
            name=name,
            label=label,
            type=self.code(kind),
            value=value,
            valueLabel=label,
            relativeToFrom=self.code("start to start"),
            relativeFromScheduledInstanceId=row["id"],
            relativeToScheduledInstanceId=anchor["id"],
        )

    def dosing(self, dose: Dose) -> str:
        """Return the activity of giving a dose."""
        key = _kind_of(dose)
        label = _without_time(dose)
        if key not in self.interventions:
            self.interventions[key] = self.intervention(dose, label, len(self.interventions) + 1)
        name = f"dose {key}"
        if name in self.activity_ids:
            return self.activity_ids[name]
        procedure = self.made(
            "Procedure",
            name=f"PROCEDURE OF {len(self.activities) + 1}",
            label=label,
            procedureType="Administration of a dose",
            code=self.made(
                "Code",
                code=dose.medicine,
                codeSystem=f"{URL}medicine",
                codeSystemVersion=__version__,
                decode=dose.medicine,
            ),
            studyInterventionId=self.interventions[key]["id"],
        )
        return self.activity(name, label, {}, definedProcedures=[procedure])

    def intervention(self, dose: Dose, label: str, number: int) -> Row:
        record = MEDICINES[dose.medicine]
        if dose.medicine not in self.products:
            self.products[dose.medicine] = self.made(
                "AdministrableProduct",
                name=dose.medicine,
                label=record.display_name,
                administrableDoseForm=self.alias(self.code("form unknown")),
                productDesignation=self.code("product"),
                sourcing=None,
            )
        amount, unit = (dose.dose_mg or 0.0, "mg") if dose.dose_mg_per_kg is None else (dose.dose_mg_per_kg, "mg/kg")
        beside: dict[str, str] = {}
        if not amount:
            beside |= {k: json.dumps(0) for k in ("dose_mg", "dose_mg_per_kg") if getattr(dose, k) is not None}
        if dose.duration_h == 0:
            beside["duration_h"] = json.dumps(0)
        if next(route for route, code in ROUTE_CODES.items() if code == ROUTE_CODES[dose.route]) != dose.route:
            beside["route"] = json.dumps(dose.route)
        administration = self.made(
            "Administration",
            beside,
            name=f"ADMINISTRATION {number}",
            label=label,
            duration=self.made(
                "Duration", quantity=self.quantity(dose.duration_h or 0.0, "hour"), durationWillVary=False
            ),
            dose=self.quantity(amount, unit),
            route=self.alias(self.term(*ROUTE_CODES[dose.route])),
            frequency=self.alias(self.code("once")),
            administrableProductId=self.products[dose.medicine]["id"],
        )
        return self.made(
            "StudyIntervention",
            name=f"INTERVENTION {number}",
            label=label,
            role=self.code("placebo" if record.is_inert else "experimental"),
            type=self.code("drug"),
            codes=[],
            administrations=[administration],
        )

    def session(self, session: Session) -> str:
        beside = what_is_beside(session, ("day", "hour"))
        return self.talk(f"session {sorted(beside.items())}", _without_time(session), beside)

    def practice(self, practice: Practice, place: int) -> str:
        beside = {**what_is_beside(practice, ("from_day",)), "place": json.dumps(place)}
        return self.talk(f"practice {sorted(beside.items())}", practice.to_sentence(), {**beside, "kind": '"practice"'})

    def talk(self, key: str, label: str, beside: Mapping[str, str]) -> str:
        if key in self.activity_ids:
            return self.activity_ids[key]
        kind = json.loads(beside["kind"])
        procedure = self.made(
            "Procedure",
            name=f"PROCEDURE OF {len(self.activities) + 1}",
            label=label,
            procedureType=kind,
            code=self.made("Code", code=kind, codeSystem=f"{URL}session", codeSystemVersion=__version__, decode=kind),
            studyInterventionId=None,
        )
        return self.activity(key, label, beside, definedProcedures=[procedure])


def _without_time(row: Dose | Session) -> str:
    return row.to_sentence().replace(f" {when(row.day, row.hour)}", "", 1)


def _kind_of(dose: Dose) -> tuple[Any, ...]:
    return (dose.medicine, dose.dose_mg, dose.dose_mg_per_kg, dose.route, dose.duration_h)
