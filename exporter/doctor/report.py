"""What the doctor says, as text for people or as JSON. Pure."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from exporter.doctor.model import Examination, Grade
from exporter.operators.cells import printable

_MAX_FORMS = 5
"""Forms of one field that are shown: those that most rows have."""
_BEFORE_CHARACTERS = len("  wrong    ")
"""What stands before the text of a check, beside its subject."""


def as_text(examinations: Sequence[Examination]) -> Iterator[str]:
    """Yield lines for people: how values are written, then each check, and the summary last.

    What a terminal shows at the end is what somebody may have to do something about.
    """
    for one in examinations:
        yield one.operation
        yield from _forms(one.forms)
        width = max(len(check.subject) for check in one.checks)
        for check in one.checks:
            yield printable(f"  {check.grade:5}  {check.subject:{width}}  {check.text}")
            if check.advice:
                yield printable(f"{'':{width + _BEFORE_CHARACTERS}}-> {check.advice}")
        yield ""
    yield summary(examinations)


def _forms(forms: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Iterator[str]:
    for api, fields in forms.items():
        yield f"  how {api} writes its values (N: digits, a: letters; in how many rows)"
        width = max(len(field) for field in fields)
        for field, counts in fields.items():
            yield printable(f"    {field:{width}}  {_counted(counts)}")


def _counted(counts: Mapping[str, int]) -> str:
    most = sorted(counts.items(), key=lambda one: -one[1])
    shown = ", ".join(f"`{form}` {count}" for form, count in most[:_MAX_FORMS])
    return shown if len(most) <= _MAX_FORMS else f"{shown}, and {len(most) - _MAX_FORMS} more"


def summary(examinations: Sequence[Examination]) -> str:
    """Return how many checks have each grade: "12 good, 2 odd, 1 wrong"."""
    counts = Counter(check.grade for one in examinations for check in one.checks)
    return ", ".join(f"{counts[grade]} {grade}" for grade in Grade)


def as_json(examinations: Sequence[Examination]) -> str:
    """Return the same as one JSON document."""
    counts = Counter(check.grade for one in examinations for check in one.checks)
    document = {
        "operations": [
            {
                "name": one.operation,
                "checks": [
                    {
                        "grade": check.grade.value,
                        "subject": check.subject,
                        "text": check.text,
                        "advice": check.advice,
                    }
                    for check in one.checks
                ],
                "forms": {api: dict(fields) for api, fields in one.forms.items()},
            }
            for one in examinations
        ],
        "summary": {grade.value: counts[grade] for grade in Grade},
    }
    return json.dumps(document, ensure_ascii=False, indent=2)
