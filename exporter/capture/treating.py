"""What each text in an exchange is: a figure, a time, a sentence, or something that may be about somebody."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, Protocol

from exporter.apis import BY_NAME
from exporter.capture.json_text import Members, NumberText, decoded, encoded
from exporter.capture.model import Exchange, Failure
from exporter.capture.text_runs import CharacterKind, clean, is_api_word, runs
from exporter.evidence import Content

MAX_TEXT_CHARACTERS: Final = 2000
"""Characters of an answer that is not JSON which are kept."""
MAX_PERSONAL_ROWS: Final = 1000
"""Rows of an answer with a row for each person or telephone which are kept."""

_ROWS, _WORDS, _CODE = "data", frozenset({"msg", "error"}), "code"
_ENVELOPE: Final = frozenset({_ROWS, *_WORDS, _CODE})
_OWN_KEY: Final = re.compile(r"(?!.*[0-9]{4})[a-z0-9_/]+")
_TLS: Final = re.compile(r"TLSv[0-9](?:\.[0-9])?")

_MAX_WORD_DIGITS: Final = 3
_MAX_EXPONENT_DIGITS: Final = 3
_NUMBER = (
    r"[+\-\u2212]?(?:[0-9]{1,6}|[0-9]{1,3}(?:[.,][0-9]{3}){1,3}|[0-9]{1,3}[ \u00a0\u2009\u202f][0-9]{3})"
    r"(?:[.,][0-9]{1,6})?\s*%?"
)
_FIGURE: Final = re.compile(rf"{_NUMBER}(?:\s*\(\s*{_NUMBER}\s*\))?|[0-9]{{1,3}}:[0-9]{{2}}(?::[0-9]{{2}})?")
"""A number that is no telephone: one of seven digits and more has separators of thousands."""
_JSON_FIGURE: Final = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_DATE = r"(?:[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}|[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{4})"
_CLOCK = r"[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?"
_TIME: Final = re.compile(rf"{_DATE}(?:(?:\s+|\s*[Tt]\s*|-){_CLOCK})?|{_CLOCK}")


class Treatment(Protocol):
    """What is done with a text, by what it is; each method returns what comes in its place."""

    def text(self, text: str) -> str:
        """Take a text that may be about somebody."""
        ...  # pragma: no cover

    def prose(self, text: str) -> str:
        """Take a sentence for people."""
        ...  # pragma: no cover

    def figure(self, text: str) -> str:
        """Take a figure."""
        ...  # pragma: no cover

    def time(self, text: str) -> str:
        """Take a time."""
        ...  # pragma: no cover


class Treating:
    """Takes every text of exchanges and facts to a treatment, without `hidden` secrets."""

    def __init__(self, treatment: Treatment, hidden: Iterable[str]) -> None:
        self._treatment = treatment
        self._hidden = [re.compile(re.escape(secret), re.IGNORECASE) for secret in hidden if secret]

    def exchange(self, exchange: Exchange) -> Exchange:
        """Return an exchange with its texts treated, and without what is too much of rows and text."""
        exchange = without_most_people(exchange)
        failure, cut = exchange.failure, False
        text = _text_of(exchange)
        try:
            body = decoded(text)
        except ValueError:
            text = self._clean(text)
            cut = len(text) > MAX_TEXT_CHARACTERS
            text = self._treatment.text(text[:MAX_TEXT_CHARACTERS])
        else:
            text = encoded(self._body(body, _contents(exchange.api)))
        return replace(
            exchange,
            campaign_id=self._text(exchange.campaign_id),
            tls=exchange.tls if _TLS.fullmatch(exchange.tls) else "",
            body=text.encode(),
            failure=failure
            # What to do is told in fixed words.
            and Failure(failure.cause, self._prose(failure.detail), failure.hint),
            cut=exchange.cut or cut,
        )

    def facts(self, facts: Mapping[str, object]) -> dict[str, object]:
        """Return facts with their texts treated as sentences, and their numbers as figures; keys stay."""
        return {key: self._fact(value) for key, value in facts.items()}

    def _fact(self, fact: object) -> object:
        if isinstance(fact, str):
            return self._prose(fact)
        if isinstance(fact, Mapping):
            return self.facts(fact)
        if isinstance(fact, list | tuple):
            return [self._fact(value) for value in fact]
        if isinstance(fact, int | float) and not isinstance(fact, bool):
            return type(fact)(self._treatment.figure(repr(fact)))
        return fact

    def _body(self, body: object, contents: Mapping[str, Content]) -> object:
        if isinstance(body, list) and not isinstance(body, Members):
            return [self._row(row, contents) for row in body]
        if not isinstance(body, Members):
            return self._value(body, Content.TEXT)
        known = not _ENVELOPE.isdisjoint(key for key, _ in body)
        return Members(
            (self._key(key, _ENVELOPE, known=known), self._of_envelope(key, value, contents))
            for key, value in body
        )

    def _of_envelope(self, key: str, value: object, contents: Mapping[str, Content]) -> object:
        if key == _ROWS and isinstance(value, Members):
            if _is_rows(value):
                return Members((self._text(name), self._row(row, contents)) for name, row in value)
            return self._row(value, contents)
        if key == _ROWS and isinstance(value, list):
            return [self._row(row, contents) for row in value]
        if key in _WORDS and isinstance(value, str) and not isinstance(value, NumberText):
            return self._prose(value)
        return self._value(value, Content.WORD if key == _CODE else Content.TEXT)

    def _row(self, row: object, contents: Mapping[str, Content]) -> object:
        if not isinstance(row, Members):
            return self._value(row, Content.TEXT)
        known = not contents.keys().isdisjoint(key for key, _ in row)
        return Members(
            (self._key(key, contents, known=known), self._value(value, contents.get(key, Content.TEXT)))
            for key, value in row
        )

    def _key(self, key: str, documented: Iterable[str], *, known: bool) -> str:
        """Return a key: as it is where it is documented, or stands beside one that is and looks like one."""
        if key in documented:
            return key
        return self._prose(key) if known and _OWN_KEY.fullmatch(key) else self._text(key)

    def _value(self, value: object, content: Content) -> object:
        if isinstance(value, NumberText):
            return self._number(value, content)
        if isinstance(value, str):
            return self._string(self._clean(value), content)
        if isinstance(value, Members):
            return Members((self._text(key), self._value(one, Content.TEXT)) for key, one in value)
        if isinstance(value, list):
            return [self._value(one, Content.TEXT) for one in value]
        return value

    def _string(self, text: str, content: Content) -> str:
        bare = text.strip()
        if content is Content.FIGURE and _FIGURE.fullmatch(_without_api_words(bare)):
            return self._treatment.figure(text)
        if content is Content.TIME and _TIME.fullmatch(bare):
            # All zeros are no time, and nobody's.
            return self._treatment.time(text) if text.strip("0 :-") else text
        if content is Content.WORD and _is_word(bare):
            return text
        return self._treatment.text(text)

    def _number(self, number: NumberText, content: Content) -> NumberText:
        if number[-1].isalpha() or (content is Content.WORD and len(number) <= _MAX_WORD_DIGITS):
            return number
        if content is Content.FIGURE and _JSON_FIGURE.fullmatch(number):
            return NumberText(self._treatment.figure(number))
        # A short exponent stays: with another the number may be out of range.
        mantissa, mark, exponent = re.split(r"([eE]|$)", number, maxsplit=1)
        if len(exponent.lstrip("+-")) > _MAX_EXPONENT_DIGITS:
            exponent = self._treatment.text(exponent)
        return NumberText(f"{self._treatment.text(mantissa)}{mark}{exponent}")

    def _text(self, text: str) -> str:
        return self._treatment.text(self._clean(text))

    def _prose(self, text: str) -> str:
        return self._treatment.prose(self._clean(text))

    def _clean(self, text: str) -> str:
        for secret in self._hidden:
            text = secret.sub("***", text)
        return clean(text)


def without_most_people(exchange: Exchange) -> Exchange:
    """Return an exchange with the first MAX_PERSONAL_ROWS rows alone where they are about people."""
    if not BY_NAME[exchange.api].about_people:
        return exchange
    try:
        body, left_out = _first_rows(decoded(_text_of(exchange)))
    except ValueError:
        return exchange
    if not left_out:
        return exchange
    return replace(exchange, body=encoded(body).encode(), rows_left_out=exchange.rows_left_out + left_out)


def _text_of(exchange: Exchange) -> str:
    return exchange.body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _contents(api: str) -> Mapping[str, Content]:
    return {field.name: field.content for field in BY_NAME[api].vendor_fields}


def _is_rows(data: Members) -> bool:
    """Return whether an object in place of a list is one of rows."""
    return bool(data) and all(isinstance(value, Members) for _, value in data)


def _first_rows(body: object) -> tuple[object, int]:
    """Return a body without its rows beyond the first, and how many are left out."""
    if not isinstance(body, Members):
        return _first(body)
    kept, left_out = Members(), 0
    for key, value in body:
        if key == _ROWS and (not isinstance(value, Members) or _is_rows(value)):
            value, more = _first(value)  # noqa: PLW2901 - the same without some
            left_out += more
        kept.append((key, value))
    return kept, left_out


def _first(rows: object) -> tuple[object, int]:
    if not isinstance(rows, list) or len(rows) <= MAX_PERSONAL_ROWS:
        return rows, 0
    return type(rows)(rows[:MAX_PERSONAL_ROWS]), len(rows) - MAX_PERSONAL_ROWS


def _without_api_words(text: str) -> str:
    return "".join(
        run.text for run in runs(text) if run.kind is not CharacterKind.LETTER or not is_api_word(run.text)
    ).strip()


def _is_word(text: str) -> bool:
    """Return whether a text is made of the API's own words alone, and of hardly a digit."""
    found = list(runs(text))
    digits = sum(len(run.text) for run in found if run.kind is CharacterKind.DIGIT)
    return digits <= _MAX_WORD_DIGITS and all(
        is_api_word(run.text) for run in found if run.kind is CharacterKind.LETTER
    )
