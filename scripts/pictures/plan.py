"""The pictures of docs/images, and how each is taken."""

from dataclasses import dataclass

WIDE = (1260, 820)
SUBJECTS = ("floor", "campaign", "skill", "exporter", "status")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: whose, how big, and what it looks at.

    name: of the file, without its ending. subject: "status" or a dashboard by the word of its uid, such as
    "floor". language: "en" or "es". theme: "light" or "dark". situation: one of `histories.SITUATIONS`.
    size: of the window, in pixels. start, end: of the dashboard's time, as Grafana writes them; "" as the
    dashboard opens. scroll: how far down, in pixels. values: of the dashboard's variables, or of the query of
    the status page.
    """

    name: str
    subject: str
    language: str = "en"
    theme: str = "dark"
    situation: str = "incident"
    size: tuple[int, int] = WIDE
    start: str = ""
    end: str = ""
    scroll: int = 0
    values: tuple[tuple[str, str], ...] = ()

    @property
    def uid(self) -> str:
        """The uid of the dashboard."""
        return f"wolkvox-{self.subject}" + ("-es" if self.language == "es" else "")


_STOPPED = (("operation", "ventas-bogota"), ("campaign", "4875"))

PICTURES = (
    Picture("dashboard-floor", "floor", theme="light"),
    Picture("dashboard-floor-es", "floor", "es"),
    Picture("dashboard-campaign-es", "campaign", "es", values=_STOPPED),
    Picture("dashboard-skill", "skill", theme="light", situation="day"),
    Picture("dashboard-exporter", "exporter", situation="day"),
    Picture("status-light", "status", theme="light"),
    Picture("status-dark", "status", "es"),
)
