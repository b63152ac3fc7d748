"""Presets of `permitted`: hours in which the law of a country, or of a part of one, lets people be called.

None of it is legal advice. docs/laws.md and docs/es/laws.md have the same table, made of this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.schedules.calendar import Calendar
from exporter.schedules.windows import Window, parse_window

TextByLanguage = Mapping[str, str]
"""The same in English (`en`) and in Spanish (`es`)."""


@dataclass(frozen=True, slots=True)
class Law:
    """What a preset rests on.

    `sources` are the pages where it was read, `read` the month in which that was (ISO 8601), `confidence` how
    sure it is that the windows are those of the law; `calls` are those that it is about, and `not_covered` is
    what it also demands, or leaves open, which no window can say.
    """

    article: str
    sources: str
    read: str
    confidence: TextByLanguage
    calls: TextByLanguage
    not_covered: TextByLanguage


@dataclass(frozen=True, slots=True)
class Preset:
    """Windows of `permitted` with a name.

    `country` is the code, as of `Calendar`, of the country or the part of one whose law it is;
    `holidays_count` is whether nothing is permitted on the public holidays there. `zones` are the names of
    the time zones of the people who are called, the main one first; without any the hours are those of each
    called person's own zone.
    """

    name: str
    windows: tuple[Window, ...]
    country: str
    holidays_count: bool
    zones: tuple[str, ...]
    law: Law

    @property
    def calendar(self) -> Calendar | None:
        """The public holidays on which nothing is permitted; None where they are days like others."""
        return Calendar(self.country) if self.holidays_count else None


def _windows(*texts: str) -> tuple[Window, ...]:
    return tuple(parse_window(text) for text in texts)


_HIGH = {"en": "high", "es": "alta"}
_COLLECTION = {"en": "debt collection", "es": "cobranza"}
_SALES = {"en": "telemarketing", "es": "telemercadeo"}

LEY_2300 = Preset(
    "ley-2300",
    _windows("Mon-Fri 07:00-19:00", "Sat 08:00-15:00"),
    "CO",
    True,
    ("America/Bogota",),
    Law(
        article="Ley 2300 de 2023, art. 3",
        sources="leyonline.co, lafm.com.co, lakalle.bluradio.com (2025-10)",
        read="2026-11",
        confidence=_HIGH,
        calls={"en": "debt collection, commercial messages", "es": "cobranza y mensajes comerciales"},
        not_covered={
            "en": "how often after a direct contact; channels that the consumer has allowed; the RNE "
            "register; the exceptions",
            "es": "la frecuencia después de un contacto directo; los canales que autorizó el consumidor; el "
            "RNE; las excepciones",
        },
    ),
)
"""When Colombian consumers may be contacted for collection or sale (Ley 2300 de 2023, article 3)."""

_OTHERS = (
    Preset(
        "pe-cobranza",
        _windows("Mon-Fri 07:00-20:00"),
        "PE",
        True,
        ("America/Lima",),
        Law(
            article="Ley 29571, art. 62.b",
            sources="elegirservicio.pe, elcomercio.pe",
            read="2026-11",
            confidence=_HIGH,
            calls=_COLLECTION,
            not_covered={
                "en": "advertising, which needs consent (Ley 32323, 2025-05-09)",
                "es": "la publicidad, que necesita consentimiento (Ley 32323, 2025-05-09)",
            },
        ),
    ),
    Preset(
        "ec-cobranza",
        _windows("Mon-Fri 07:00-20:00"),
        "EC",
        True,
        ("America/Guayaquil", "Pacific/Galapagos"),
        Law(
            article="Ley Orgánica de Defensa del Consumidor, art. 49",
            sources="eldiario.ec (2025), eluniverso.com, metroecuador.com.ec (2026-02)",
            read="2026-11",
            confidence=_HIGH,
            calls=_COLLECTION,
            not_covered={
                "en": "at most once a day; only the debtor, co-debtor or guarantor may be called",
                "es": "máximo una vez al día; solo se puede llamar al deudor, al codeudor o al garante",
            },
        ),
    ),
    Preset(
        "cl-cobranza",
        _windows("Mon-Sat 08:00-20:00"),
        "CL",
        True,
        ("America/Santiago", "America/Punta_Arenas", "Pacific/Easter"),
        Law(
            article="Ley 19.496, art. 37; CPC, art. 59",
            sources="actualidadjuridica.doe.cl, garrigues.com",
            read="2026-11",
            confidence={"en": "medium-high", "es": "media-alta"},
            calls=_COLLECTION,
            not_covered={
                "en": "one call or visit a week; other means twice a week, two days apart (Ley 21.320)",
                "es": "una llamada o visita por semana; por otros medios dos por semana, con dos días de "
                "diferencia (Ley 21.320)",
            },
        ),
    ),
    Preset(
        "mx-cobranza",
        _windows("Mon-Sun 07:00-22:00"),
        "MX",
        False,
        (
            "America/Mexico_City",
            "America/Cancun",
            "America/Hermosillo",
            "America/Tijuana",
            "America/Matamoros",
            "America/Ciudad_Juarez",
        ),
        Law(
            article="Disposiciones de carácter general (despachos de cobranza), DOF 2014-10-07",
            sources="DOF 2014-10-07, tribunademexico (2026-01)",
            read="2026-11",
            confidence={
                "en": "high for the hours, low for the days",
                "es": "alta en las horas, baja en los días",
            },
            calls={
                "en": "debt collection for financial entities",
                "es": "cobranza de entidades financieras",
            },
            not_covered={
                "en": "the days: the press (2026-01) says Monday to Friday without holidays; to be strict, "
                "write windows of your own, see below",
                "es": "los días: la prensa (2026-01) dice de lunes a viernes, sin festivos; para ser "
                "estricto, escriba franjas propias, vea más abajo",
            },
        ),
    ),
    Preset(
        "br-sp-cobranza",
        _windows("Mon-Fri 08:00-20:00", "Sat 08:00-14:00"),
        "BR-SP",
        True,
        ("America/Sao_Paulo",),
        Law(
            article="Lei estadual 15.426/2014, art. 2",
            sources="DOE-SP 2014-05-23",
            read="2026-11",
            confidence=_HIGH,
            calls=_COLLECTION,
            not_covered={
                "en": "telemarketing; municipal holidays; in which article the consolidation of 2023 (Lei "
                "17.832) has it, which was not read",
                "es": "el telemercadeo; los festivos municipales; en qué artículo lo trae la consolidación "
                "de 2023 (Lei 17.832), que no se leyó",
            },
        ),
    ),
    Preset(
        "br-ce-telemarketing",
        _windows("Mon-Fri 08:00-18:00"),
        "BR-CE",
        True,
        ("America/Fortaleza",),
        Law(
            article="Lei estadual 16.836/2019, art. 2",
            sources="al.ce.gov.br, olagoa.com.br",
            read="2026-11",
            confidence=_HIGH,
            calls={"en": "telemarketing, debt collection", "es": "telemercadeo y cobranza"},
            not_covered={
                "en": "the number that people see must be one that they can identify; municipal holidays",
                "es": "el número que ve la persona debe ser identificable; los festivos municipales",
            },
        ),
    ),
    Preset(
        "br-rj-telemarketing",
        _windows("Mon-Fri 08:00-18:00"),
        "BR-RJ",
        True,
        ("America/Sao_Paulo",),
        Law(
            article="Lei estadual 4.896/2006, art. 1-A (Lei 7.853/2018)",
            sources="tributa.net, legisweb.com.br",
            read="2026-11",
            confidence=_HIGH,
            calls=_SALES,
            not_covered={
                "en": "debt collection; the registers of people who refuse; automated calls, which Lei "
                "10.339/2024 forbids; municipal holidays",
                "es": "la cobranza; los registros de quienes no quieren llamadas; las llamadas automáticas, "
                "que prohíbe la Lei 10.339/2024; los festivos municipales",
            },
        ),
    ),
    Preset(
        "es-comercial",
        _windows("Mon-Fri 09:00-21:00"),
        "ES",
        True,
        ("Europe/Madrid", "Atlantic/Canary"),
        Law(
            article="TRLGDCU (RDL 1/2007), art. 96.2",
            sources="blog.sepin.es, genbeta.com (2022-11)",
            read="2026-11",
            confidence=_HIGH,
            calls={"en": "commercial calls", "es": "llamadas comerciales"},
            not_covered={
                "en": "regional holidays, unless `holidays` names the region, and local ones; consent; the "
                "numbering for commercial calls",
                "es": "los festivos autonómicos, si `holidays` no nombra la comunidad, y los locales; el "
                "consentimiento; la numeración para llamadas comerciales",
            },
        ),
    ),
    Preset(
        "us-tcpa",
        _windows("Mon-Sun 08:00-21:00"),
        "US",
        False,
        (),
        Law(
            article="47 CFR 64.1200, 16 CFR 310.4, 12 CFR 1006 (Reg F)",
            sources="law.cornell.edu, legalclarity.org",
            read="2026-11",
            confidence=_HIGH,
            calls={"en": "telemarketing, debt collection", "es": "telemercadeo y cobranza"},
            not_covered={
                "en": "the called party's own time zone; stricter states (Florida: 08-20, 3 calls a day); 7 "
                "calls in 7 days for a debt (Reg F); consent and do-not-call lists",
                "es": "la zona horaria de cada persona llamada; los estados más estrictos (Florida: 08-20, 3 "
                "llamadas al día); 7 llamadas en 7 días por deuda (Reg F); el consentimiento y las listas de "
                "exclusión",
            },
        ),
    ),
)

PRESETS: Mapping[str, Preset] = {preset.name: preset for preset in (LEY_2300, *_OTHERS)}
