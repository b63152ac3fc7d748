"""The status page for people, and the same as JSON.

Nothing is imported here: what the page needs is loaded when it is first asked for.
"""

FILES = ("status.css", "status.js", "icon.svg")
"""The files that the page links to."""

PATHS = ("/", "/status.json", *(f"/static/{name}" for name in FILES))
"""The paths that `StatusPages` answers."""
