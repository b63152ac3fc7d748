"""What the Spanish description of an alert must say, given what its English one says.

Both templates show the same figures by the same actions. The English text tells what each action came to, and
which side of each condition was taken; with that the Spanish template is filled in.
"""

import re

_NODE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)


def translated(english: str, spanish: str, told: str) -> str:
    """Return the Spanish text. Raises AssertionError when a template has an action that the other has not."""
    assert actions(english) == actions(spanish), f"{english}\n{spanish}"
    found = re.fullmatch(_pattern(english), told, re.DOTALL)
    assert found, f"{told!r} does not come from {english!r}"
    conditions = len(re.findall(r"\{\{\s*(?:if|with)\b", english))
    taken = [found[f"then{number}"] is not None for number in range(conditions)]
    values = {
        action: found[f"value{number}"]
        for number, action in enumerate(_shown(english))
        if found[f"value{number}"] is not None
    }
    return _filled(spanish, taken, values)


def actions(template: str) -> list[str]:
    """Return the actions of a template, each with single blanks, in the order of the alphabet."""
    return sorted(re.sub(r"\s+", " ", action) for action in _NODE.findall(template))


def _words(template: str) -> list[str]:
    """Return texts and actions in turn, the texts with single blanks, as YAML's folding leaves them."""
    return re.split(r"(\{\{.*?\}\})", re.sub(r"\s+", " ", template))


def _shown(template: str) -> list[str]:
    """Return the actions that show something."""
    found = (_NODE.fullmatch(word) for word in _words(template))
    return [action[1] for action in found if action and not re.match(r"(?:if|with)\b|else$|end$", action[1])]


def _pattern(template: str) -> str:
    pattern, values, conditions = "", 0, 0
    sides: list[int] = []
    for word in _words(template):
        action = _NODE.fullmatch(word)
        if not action:
            pattern += re.escape(word)
        elif action[1].startswith(("if ", "with ")):
            pattern += f"(?:(?P<then{conditions}>"
            conditions += 1
            sides.append(1)
        elif action[1] == "else":
            pattern += ")|(?:"
            sides[-1] = 2
        elif action[1] == "end":
            pattern += "))" if sides.pop() == 2 else ")|)"
        else:
            # A number is told from the words of the other side of a condition.
            shown = "[0-9.]+" if "printf" in action[1] else ".+?"
            pattern += f"(?P<value{values}>{shown})"
            values += 1
    return pattern


def _filled(template: str, taken: list[bool], values: dict[str, str]) -> str:
    text, conditions, visible = "", iter(taken), [True]
    for word in _words(template):
        action = _NODE.fullmatch(word)
        if not action:
            text += word if all(visible) else ""
        elif action[1].startswith(("if ", "with ")):
            visible.append(next(conditions))
        elif action[1] == "else":
            visible[-1] = not visible[-1]
        elif action[1] == "end":
            visible.pop()
        elif all(visible):
            text += values[action[1]]
    return text
