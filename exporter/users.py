"""Names of the users of this machine."""

import pwd


def user_name(uid: int) -> str:
    """Return the name of a user; the number where the system knows no name, as in containers."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
