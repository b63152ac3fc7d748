"""English text -> Spanish as it is written in Latin America, with "usted"."""

from collections.abc import Mapping

from dashboards.alert_summaries import summaries
from dashboards.spanish_details import CAMPAIGN, EXPORTER, PARTS, SKILL
from exporter.apis import APIS
from exporter.glossary import terms

_FRAME: Mapping[str, str] = {
    "Data source": "Origen de datos",
    "They are listed on the dashboard Floor.": "El tablero Piso dice cuáles son.",
    "Exporter starts": "Arranques del exportador",
    "The other dashboards": "Los otros tableros",
    "Open the campaign": "Abrir la campaña",
    "No data": "Sin datos",
}

_WORDS: Mapping[str, str] = {
    "Active": "Activos",
    "Since": "Desde",
    "Reason": "Motivo",
    "Today": "Hoy",
    "Limit": "Límite",
    "Off (apis.campaign_results), no calls yet today, or no data": (
        "Apagado (apis.campaign_results), todavía sin llamadas hoy, o sin datos"
    ),
    "Off or no data (apis.campaign_results)": "Apagado o sin datos (apis.campaign_results)",
    "Off or no data (apis.agents)": "Apagado o sin datos (apis.agents)",
    "Agents of the operation": "Agentes de la operación",
    "ACW": "ACW",
    "Logged in": "Conectados",
    "How many agents are ready for a call, talking, in after-call work (ACW) and in auxiliary, and how "
    "many are logged in, whatever they do. Of the whole operation: wolkvox does not say which skills an "
    "agent has. Needs apis.agents, which is off by default.": (
        "Cuántos agentes están disponibles, en llamada, en documentación (ACW) y en auxiliar, y cuántos están "
        "conectados, hagan lo que hagan. De toda la operación: wolkvox no dice qué skills tiene un agente. "
        "Necesita apis.agents, que viene apagado."
    ),
    "Usual": "Lo usual",
    "Contacts": "Contactos",
    "Machines": "Contestadores",
    "Busy or failed": "Ocupado o fallido",
    "No dialling in this period, or no data": "Sin marcación en este periodo (o sin datos)",
    "Calls/min": "Llam./min",
    "Hours": "Horas",
    "Hours left": "Horas restantes",
    "Records": "Registros",
    "Hits": "Hits",
    "Recycled": "Reciclajes",
    "Speed": "Velocidad",
    "Dial mode": "Modo de marcación",
    "Last use": "Último uso",
    "ID": "ID",
    "Campaigns": "Campañas",
    "Contacts, a week ago": "Contactos, hace una semana",
    "Contacts, machines, busy or failed": "Contactos, contestadores, ocupado o fallido",
}

_FLOOR: Mapping[str, str] = {
    "wolkvox / Floor": "wolkvox / Piso",
    "Is it up, is it dialling, is it reaching people, is the list running out? For supervisors.": (
        "¿Funciona, está marcando, contacta personas, se acaba la base? Para supervisores."
    ),
    "Campaigns that make calls, and all that are known. A campaign that is started need not be dialling.": (
        "Campañas que hacen llamadas, y todas las que se conocen. Una campaña encendida no siempre está marcando."
    ),
    "Dialling": "Marcando",
    "Calls per minute of all campaigns together, as reported by wolkvox, and at the same time a week ago.": (
        "Llamadas por minuto de todas las campañas juntas, según wolkvox, y a la misma hora hace una semana."
    ),
    "Outside hours": "Fuera de horario",
    "Campaigns that make calls although their schedule in config.yaml does not permit any now.": (
        "Campañas que hacen llamadas aunque su horario en config.yaml no las permite ahora."
    ),
    "To be started": "Por encender",
    "Campaigns that are stopped although their schedule in config.yaml expects them now.": (
        "Campañas detenidas que, según su horario en config.yaml, deberían estar marcando."
    ),
    "Not dialling": "Sin marcar",
    "No calls": "Sin llamadas",
    "Campaigns that are started and make no calls, at a time that their schedule does not exclude; and those "
    "whose list is used up, that are started or expected.": (
        "Campañas encendidas que no hacen llamadas, a una hora que su horario no excluye; y las que agotaron su "
        "base y están encendidas o deberían estarlo."
    ),
    "The campaigns that need somebody, the most urgent first: since when (day/month and time), why as far as "
    "wolkvox tells, and the records left to call. And operations whose campaigns are not answered for, since their "
    "last good answer. The name leads to the campaign's own dashboard.": (
        "Las campañas que alguien debe atender, primero lo más urgente: desde cuándo (día/mes y hora), por qué hasta "
        "donde wolkvox lo dice, y los registros por llamar. También las operaciones de cuyas campañas no llega "
        "respuesta, desde la última buena. El nombre lleva al tablero de la campaña."
    ),
    "Operations": "Operaciones",
    "Each operation: whether its figures can be trusted and how old those of its campaigns are; how many campaigns "
    "need somebody, make calls, and are known; their calls per minute; the share of the records dialled "
    "in the last 30 minutes that a person answered; and when the first list ends at the pace of the last 30 minutes "
    "(day/month and time).": (
        "Cada operación: si sus cifras son confiables y qué tan viejas son las de sus campañas; cuántas campañas hay "
        "que atender, hacen llamadas y se conocen; sus llamadas por minuto; la proporción de los "
        "registros marcados en los últimos 30 minutos que atendió una persona; y cuándo se acaba la primera base al "
        "ritmo de los últimos 30 minutos (día/mes y hora)."
    ),
    "To attend": "Por atender",
    "Of the campaign": "De la campaña",
    "Is it dialling?": "¿Está marcando?",
    "Listed": "Total",
    "Campaigns that needed somebody": "Campañas que hubo que atender",
    "The state over time of each campaign that needed somebody in the time shown, the most urgent first. A gap means "
    "that nothing was known.": (
        "El estado en el tiempo de cada campaña que hubo que atender en el periodo mostrado, primero las más "
        "urgentes. Un vacío significa que no se sabía nada."
    ),
    "No campaign needed anybody, or no data": "No hubo que atender ninguna campaña, o no hay datos",
    "Minutes since the oldest live figures of campaigns came from wolkvox. Up to 6 minutes is normal: the "
    "exporter polls wolkvox every 5 minutes, and Prometheus scrapes the exporter every minute.": (
        "Minutos desde que llegó de wolkvox la más vieja de las cifras en vivo de las campañas. Hasta 6 minutos es normal: a "
        "wolkvox se le consulta cada 5 minutos y Prometheus consulta al exportador cada minuto."
    ),
    "All, a week ago": "Todas, hace una semana",
    "Calls per minute of all campaigns of an operation, as reported by wolkvox, and of all "
    "operations together at the same time a week ago.": (
        "Llamadas por minuto de todas las campañas de una operación, según wolkvox, y de todas juntas a la "
        "misma hora hace una semana."
    ),
    "Abandonment today": "Abandono de hoy",
    "Share of the calls answered by a person since local midnight that were abandoned, and the limit of "
    "the configuration (abandonment_limit): the lowest, if operations differ. Needs apis.campaign_results, "
    "which is off by default.": (
        "Proporción de las llamadas que contestó una persona desde la medianoche local y que se abandonaron, y "
        "el límite de la configuración (abandonment_limit): el más bajo, si las operaciones tienen varios. "
        "Necesita apis.campaign_results, que viene apagado."
    ),
    "To be checked in wolkvox": "Por revisar en wolkvox",
    "What is wrong with the licences, the customer protection or the number of started predictive "
    "campaigns of an operation. Needs apis.services, which is on by default.": (
        "Qué está mal en las licencias, la protección al cliente o el número de campañas predictivas encendidas "
        "de una operación. Necesita apis.services, que viene encendido."
    ),
    "Nothing, or no data (apis.services)": "Nada, o sin datos (apis.services)",
    "Finding": "Hallazgo",
    "Abandonment today, by campaign": "Abandono de hoy, por campaña",
    "Share of the calls answered by a person since local midnight that were abandoned, beside the limit of "
    "the configuration (abandonment_limit); amber from the limit on. A share of few answers says little. "
    "Needs apis.campaign_results, which is off by default.": (
        "Proporción de las llamadas que contestó una persona desde la medianoche local y que se abandonaron, "
        "junto al límite de la configuración (abandonment_limit); en ámbar desde el límite. La proporción de "
        "pocas llamadas dice poco. Necesita apis.campaign_results, que viene apagado."
    ),
    "Of the limit": "Del límite",
    "Live answers": "Contestadas",
    "Abandonment today, by operation": "Abandono de hoy, por operación",
    "Share of the calls answered by a person since local midnight that were abandoned, as the day went on, "
    "and the limit of the configuration (the lowest, if operations differ). Each day begins anew.": (
        "Proporción de las llamadas que contestó una persona desde la medianoche local y que se abandonaron, a "
        "lo largo del día, y el límite de la configuración (el más bajo, si las operaciones tienen varios). Cada "
        "día empieza de nuevo."
    ),
    "Is it reaching people, and is the list running out?": "¿Estamos contactando? ¿Se está acabando la base?",
    "Last 30 minutes": "Últimos 30 minutos",
    "Shares of the records dialled in the last 30 minutes: answered by a person; answered by a "
    "machine; busy, congested or failed. A jump of the last one in all campaigns points to the "
    "carrier, in one campaign to its list.": (
        "Proporción de los registros marcados en los últimos 30 minutos: atendidos por una persona, tomados por "
        "un contestador, ocupados o congestionados o fallidos. Un salto de los últimos en todas las campañas "
        "apunta a la operadora telefónica; en una sola, a su base."
    ),
    "Shares of the records dialled in the previous 30 minutes, for all chosen campaigns together; "
    "contacts also at the same time a week ago. A gap means that nothing was dialled.": (
        "Proporción de los registros marcados en los 30 minutos anteriores, de todas las campañas elegidas "
        "juntas; los contactos también a la misma hora hace una semana. Un vacío significa que no se marcó nada."
    ),
    "No list is being dialled, or no data": "No se está marcando ninguna base, o no hay datos",
    "Lists ending next": "Próximas bases en acabarse",
    "Ends": "Se acaba",
    "In": "En",
    "Running campaigns by when their list ends at the pace of the last 30 minutes (day/month and time), and in how "
    "many minutes: amber under an hour. Those whose list is used up already are in the state of that name, in the "
    "table of what to attend to.": (
        "Campañas encendidas, según cuándo se acaba su base al ritmo de los últimos 30 minutos (día/mes y hora), y en "
        "cuántos minutos: en ámbar si falta menos de una hora. Las que ya agotaron su base tienen el estado de ese "
        "nombre, en la tabla de lo que hay que atender."
    ),
    "No campaign is known": "No se conoce ninguna campaña",
    "All campaigns": "Todas las campañas",
    "Stopped at": "Detenida a las",
    "What each campaign is doing now: its state, since when (day/month and time) and why, when it was "
    "stopped if somebody stopped it by hand, and what wolkvox reports. Usual: calls per minute in the "
    "last hours in which it dialled. Contact rate: share of the records dialled in the last 30 minutes "
    "that a person answered. Hours: how long the list lasts at the pace of the last 30 minutes. The name "
    "leads to the campaign's own dashboard.": (
        "Qué hace ahora cada campaña: su estado, desde cuándo (día/mes y hora) y por qué, a qué hora la "
        "detuvieron si fue a mano, y lo que informa wolkvox. Lo usual: llamadas por minuto en las últimas horas en que marcó. Contactabilidad: proporción "
        "de los registros marcados en los últimos 30 minutos que atendió una persona. Horas: lo que dura la base "
        "al ritmo de los últimos 30 minutos. El nombre lleva al tablero de la campaña."
    ),
    "About this screen": "Acerca de esta pantalla",
    "What the screen is for and how old its figures are.": (
        "Para qué sirve la pantalla y qué tan viejas son sus cifras."
    ),
    "For supervisors of the floor. The exporter polls wolkvox every 5 minutes and Prometheus scrapes "
    "the exporter every minute, so figures are up to 6 minutes old, those of abandonment up to 16; see "
    "**Data age**.\n\nA "
    "gap or a word instead of a figure means *not known*, never zero. The state of a campaign, since "
    "when and why are what the exporter says: its status page and its alerts speak of the same "
    "campaigns. What a campaign should do is only known with `schedules` in the exporter's "
    "configuration.": (
        "Para supervisores del piso. A wolkvox se le consulta cada 5 minutos y Prometheus consulta al "
        "exportador cada minuto, así que una cifra tiene hasta 6 minutos, y las de abandono hasta 16; vea **Antigüedad**.\n\n"
        "Un vacío o una palabra en lugar de una cifra significa *no se sabe*, nunca cero. El estado de una "
        "campaña, desde cuándo y por qué los dice el exportador: su página de estado y sus alertas hablan de las "
        "mismas campañas. Lo que una campaña debería hacer solo se sabe con `schedules` en la configuración del "
        "exportador."
    ),
}

GLOSSARY: Mapping[str, str] = {
    texts["en"]: texts["es"]
    for kind in terms().values()
    for term in kind.values()
    for texts in (term.words, term.means, term.do)
    if texts
}
"""The words that are the same everywhere, and what they mean."""

TEXTS: Mapping[str, str] = {**_FRAME, **_WORDS, **PARTS, **_FLOOR, **CAMPAIGN, **SKILL, **EXPORTER}
"""The texts of the dashboards alone."""

_NAMES: Mapping[str, str] = {
    texts["en"]: texts["es"] for texts in (*summaries().values(), *(api.title for api in APIS))
}
"""What alerts and APIs are called."""

SPANISH: Mapping[str, str] = {**_NAMES, **GLOSSARY, **TEXTS}
"""Every text of the dashboards."""
