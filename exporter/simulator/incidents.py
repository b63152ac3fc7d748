"""The incidents that can be staged: one for each alert, so that each alert can be rehearsed.

An incident has the name of its alert, in small letters, without "Wolkvox" and with hyphens. The tables
of docs/rehearsal.md and docs/es/rehearsal.md are made of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.simulator.actions import NO_PROTECTION, OTHER_LICENCES
from exporter.simulator.faults import Fault

Steps = tuple[tuple[int, str], ...]
"""Minutes after the beginning, and what is done to each campaign then: one of `actions.ACTIONS`."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A campaign that is added for an incident.

    count: how many are added. parked: it never follows the shift. dead_every: one of so many records has dead
    telephones alone, None for as many as usual.
    """

    name: str
    count: int = 1
    parked: bool = True
    dead_every: int | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """What is changed in the simulated call centre, and the alert that follows.

    text: what happens; spanish says the same. minutes: how long it takes at most until the alert fires with
    the bundled rules, polls that are 5 minutes apart, and a tolerance of 10. steps: what is done to the
    campaigns, each of `actions.ACTIONS`. whole: to all of the operation, unless one is named. guest: the
    campaigns that are added, to which it is done. ends: what is done to them in the end. fault: what meets
    the operation's calls. calls: set as those of the day, as a share of the limit. condition: what holds in
    the operation, of `actions.CONDITIONS`. usual: whether the exporter must know first what is usual.
    by_hand, and by_hand_spanish: what a person does where the simulator cannot; then it has no minutes
    either.
    """

    alert: str
    text: str
    spanish: str
    minutes: int = 0
    steps: Steps = ()
    ends: tuple[str, ...] = ("auto",)
    whole: bool = False
    guest: Guest | None = None
    fault: Fault | None = None
    calls: float | None = None
    condition: str = ""
    usual: bool = False
    by_hand: str = ""
    by_hand_spanish: str = ""

    @property
    def name(self) -> str:
        """The name by which it is staged, such as "campaign-stopped"."""
        words = self.alert.removeprefix("Wolkvox")
        return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in words).lstrip("-")


_FRESH_LIST = ("auto", "load")

_INCIDENTS = (
    Incident(
        "WolkvoxCampaignStopped",
        "somebody stops a campaign in its hours",
        "alguien detiene una campaña en su horario",
        17,
        steps=((0, "stop"),),
    ),
    Incident(
        "WolkvoxCampaignNotStarted",
        "a campaign is added, and nobody starts it",
        "se crea una campaña y nadie la enciende",
        17,
        steps=((0, "go_off"),),
        guest=Guest("SIN ENCENDER de simulacro", parked=False),
    ),
    Incident(
        "WolkvoxOperationStopped",
        "all campaigns of the operation go off at once",
        "todas las campañas de la operación se apagan a la vez",
        17,
        steps=((0, "go_off"),),
        whole=True,
    ),
    Incident(
        "WolkvoxCampaignStoppedUnscheduled",
        "a campaign without a schedule dials for 15 minutes, and stops while the others go on",
        "una campaña sin horario marca durante 15 minutos y se detiene mientras las demás siguen",
        33,
        steps=((0, "start"), (15, "stop")),
        guest=Guest("SIN HORARIO de simulacro", parked=False),
    ),
    Incident(
        "WolkvoxCampaignStalled",
        "a campaign is on and makes no call, and nothing says why",
        "una campaña está encendida y no llama, y nada dice por qué",
        17,
        steps=((0, "stall"),),
        usual=True,
    ),
    Incident(
        "WolkvoxDialingOutsideHours",
        "a campaign dials that its schedule forbids to dial now",
        "marca una campaña a la que su horario le prohíbe marcar ahora",
        13,
        steps=((0, "start"),),
        guest=Guest("NOCTURNA de simulacro"),
    ),
    Incident(
        "WolkvoxSpeedOutOfPolicy",
        "somebody sets a campaign's speed to 200 %",
        "alguien pone la velocidad de una campaña en 200 %",
        20,
        steps=((0, "high_speed"),),
    ),
    Incident(
        "WolkvoxSpeedZero",
        "somebody sets a campaign's speed to 0",
        "alguien pone la velocidad de una campaña en 0",
        17,
        steps=((0, "no_speed"),),
    ),
    Incident(
        "WolkvoxCampaignGone",
        "a campaign disappears from wolkvox",
        "una campaña desaparece de wolkvox",
        17,
        steps=((0, "remove"),),
        ends=("restore",),
    ),
    Incident(
        "WolkvoxSkillChanged",
        "somebody gives a campaign's calls to another skill",
        "alguien pasa las llamadas de una campaña a otro skill",
        7,
        steps=((0, "move"),),
    ),
    Incident(
        "WolkvoxPredictivesOverLimit",
        "somebody starts twelve more predictive campaigns, for which there are not enough licences",
        "alguien enciende doce campañas predictivas más, para las que no alcanzan las licencias",
        17,
        steps=((0, "start"),),
        guest=Guest("PREDICTIVA de simulacro", count=12),
    ),
    Incident(
        "WolkvoxListExhausted",
        "a campaign's list is used up, and nobody loads another",
        "se agota la base de una campaña y nadie carga otra",
        17,
        steps=((0, "use_up"),),
        ends=_FRESH_LIST,
    ),
    Incident(
        "WolkvoxListEndsSoon",
        "a campaign's list ends within the hour, and nobody loads another",
        "la base de una campaña se acaba en menos de una hora y nadie carga otra",
        25,
        steps=((0, "near_end"),),
        ends=_FRESH_LIST,
    ),
    Incident(
        "WolkvoxListEmpty",
        "somebody clears a campaign's list, and nobody loads another",
        "alguien borra la base de una campaña y nadie carga otra",
        17,
        steps=((0, "clear"),),
        ends=_FRESH_LIST,
    ),
    Incident(
        "WolkvoxRefilledListUnreachable",
        "a list of dead numbers is used up after 30 minutes, and is refilled with the same numbers",
        "una base de números muertos se reemplaza a los 30 minutos por una con los mismos números",
        50,
        steps=((0, "dead_numbers"), (30, "load")),
        ends=_FRESH_LIST,
    ),
    Incident(
        "WolkvoxUnreachableTelephonesHigh",
        "a campaign is added that dials an old list of dead telephones",
        "se crea una campaña que marca una base vieja de teléfonos muertos",
        190,
        steps=((0, "start"),),
        guest=Guest("BASE VIEJA de simulacro", dead_every=1),
    ),
    Incident(
        "WolkvoxCallsFallen",
        "a campaign makes one call where it usually makes ten",
        "una campaña hace una llamada donde suele hacer diez",
        17,
        steps=((0, "slow_down"),),
        usual=True,
    ),
    Incident(
        "WolkvoxAnswersLost",
        "nearly nobody answers the calls of the operation any more, as when its caller id is blocked",
        "casi nadie contesta ya las llamadas de la operación, como cuando bloquean su número",
        20,
        steps=((0, "lose_answers"),),
        whole=True,
        usual=True,
    ),
    Incident(
        "WolkvoxContactRateLow",
        "three of ten people answer a campaign's calls who usually do",
        "de cada diez personas que suelen contestarle a una campaña, solo contestan tres",
        20,
        steps=((0, "fewer_answers"),),
        usual=True,
    ),
    Incident(
        "WolkvoxFailedShareHigh",
        "two of three calls of a campaign end in congestion or failed",
        "dos de cada tres llamadas de una campaña terminan en congestión o falla",
        20,
        steps=((0, "dead_numbers"),),
    ),
    Incident(
        "WolkvoxMachineShareHigh",
        "machines answer seven of ten calls of a campaign",
        "siete de cada diez llamadas de una campaña las contesta una máquina",
        20,
        steps=((0, "more_machines"),),
        usual=True,
    ),
    Incident(
        "WolkvoxHitRateLow",
        "nearly no answer of a campaign becomes a hit any more",
        "casi ninguna llamada contestada de una campaña termina en hit",
        130,
        steps=((0, "lose_hits"),),
        usual=True,
    ),
    Incident(
        "WolkvoxAbandonmentFastBurn",
        "no agent gets half of those who answer a campaign",
        "ningún agente atiende a la mitad de quienes le contestan a una campaña",
        70,
        steps=((0, "abandon_half"),),
    ),
    Incident(
        "WolkvoxAbandonmentSlowBurn",
        "no agent gets one of ten who answer a campaign",
        "ningún agente atiende a uno de cada diez que le contestan a una campaña",
        150,
        steps=((0, "abandon_tenth"),),
    ),
    Incident(
        "WolkvoxAbandonmentOverLimit",
        "no agent gets one of twenty who answer a campaign",
        "ningún agente atiende a uno de cada veinte que le contestan a una campaña",
        180,
        steps=((0, "abandon_twentieth"),),
    ),
    Incident(
        "WolkvoxLicencesDiffer",
        "wolkvox tells five licences more than are configured",
        "wolkvox informa cinco licencias más de las configuradas",
        17,
        condition=OTHER_LICENCES,
    ),
    Incident(
        "WolkvoxCustomerProtectionOff",
        "somebody switches customer protection off",
        "alguien apaga la protección al cliente",
        17,
        condition=NO_PROTECTION,
    ),
    Incident(
        "WolkvoxDataStale",
        "wolkvox is down: HTTP 503 and a page of HTML",
        "wolkvox está caído: HTTP 503 y una página HTML",
        20,
        fault=Fault("http_status"),
    ),
    Incident(
        "WolkvoxTokenRejected",
        "somebody withdraws the token in wolkvox",
        "alguien anula el token en wolkvox",
        12,
        fault=Fault("bad_token"),
    ),
    Incident(
        "WolkvoxQuotaExhausted",
        "wolkvox says that the day's calls are used up",
        "wolkvox dice que se agotaron las consultas del día",
        12,
        fault=Fault("quota"),
    ),
    Incident(
        "WolkvoxQuotaNearlyUsed",
        "other people's scripts have made 42 % of the day's calls",
        "los scripts de otras personas ya hicieron el 42 % de las consultas del día",
        65,
        calls=0.42,
    ),
    Incident(
        "WolkvoxPollSlow",
        "each answer of wolkvox takes 50 seconds",
        "cada respuesta de wolkvox tarda 50 segundos",
        25,
        fault=Fault("slow", seconds=50.0),
    ),
    Incident(
        "WolkvoxFormatDrift",
        "wolkvox writes the speed as it has never written it",
        "wolkvox escribe la velocidad como nunca la ha escrito",
        22,
        fault=Fault("new_format", field="speed"),
    ),
    Incident(
        "WolkvoxNeverAnswered",
        "wolkvox has not answered since the exporter started",
        "wolkvox no ha respondido desde que arrancó el exportador",
        by_hand="stage `data-stale`, then start an exporter that has no state yet",
        by_hand_spanish="monte `data-stale` y, después, un exportador que todavía no tenga estado",
    ),
    Incident(
        "WolkvoxExporterDown",
        "the exporter cannot be scraped",
        "no se puede leer el exportador",
        by_hand="stop the exporter",
        by_hand_spanish="detenga el exportador",
    ),
    Incident(
        "WolkvoxOperationBlind",
        "nothing serves the operation any more; it only holds back other alerts",
        "ya nada atiende la operación; solo retiene otras alertas",
        by_hand="stop the exporter",
        by_hand_spanish="detenga el exportador",
    ),
    Incident(
        "WolkvoxLabelsRenamed",
        "labels of the target take the place of the exporter's",
        "las etiquetas del destino ocupan el lugar de las del exportador",
        by_hand="add the label `operation` to the target in `prometheus.yml`",
        by_hand_spanish="agréguele al destino la etiqueta `operation` en `prometheus.yml`",
    ),
    Incident(
        "WolkvoxConfigReloadFailed",
        "the new configuration cannot be used",
        "no se puede usar la nueva configuración",
        by_hand="write nonsense into the exporter's configuration and send it SIGHUP",
        by_hand_spanish="escriba algo sin sentido en la configuración del exportador y envíele SIGHUP",
    ),
    Incident(
        "WolkvoxStateLost",
        "the state store cannot be used",
        "no se puede usar el almacén de estado",
        by_hand="stop the Redis of the exporter, or fill the disk of its state file",
        by_hand_spanish="detenga el Redis del exportador, o llene el disco de su archivo de estado",
    ),
    Incident(
        "WolkvoxCampaignLimitReached",
        "the operation has more campaigns than the configured limit",
        "la operación tiene más campañas que el límite configurado",
        by_hand="set `campaigns: {limit: 3}` for the operation and reload the exporter",
        by_hand_spanish="póngale `campaigns: {limit: 3}` a la operación y recargue el exportador",
    ),
    Incident(
        "WolkvoxWatchdog",
        "this alert always fires; its end means that no alert gets through",
        "esta alerta está siempre activa; si deja de estarlo, no pasa ninguna alerta",
        by_hand="stop Prometheus: your dead-man service must call you",
        by_hand_spanish="detenga Prometheus: su servicio de vigilancia debe llamarle",
    ),
)

INCIDENTS: Mapping[str, Incident] = {incident.name: incident for incident in _INCIDENTS}
"""All incidents by their names."""
