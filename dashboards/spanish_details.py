"""English text -> Spanish of what dashboards share, and of Campaign, Skill and Exporter; see `spanish`."""

from collections.abc import Mapping

PARTS: Mapping[str, str] = {
    "Monitoring": "Monitoreo",
    "Whether you can trust the figures on this screen. Live: every API answers. Polls failing: the last poll of an "
    "API failed, and its last good figures are still shown. Figures are old: no good answer about the campaigns for "
    "three poll intervals. Exporter silent: Prometheus cannot reach the exporter, or does not know it: see whether "
    "it runs, and whether Prometheus has a scrape job for it whose name contains wolkvox (docs/prometheus.md). "
    "Partly silent: it reaches only some of several exporters.": (
        "Indica si puede confiar en las cifras de esta pantalla. En vivo: responden todas las fuentes. Fallan "
        "consultas: falló la última consulta de una fuente y se siguen mostrando sus últimas cifras buenas. Datos "
        "viejos: ninguna respuesta buena de las campañas en tres intervalos de consulta. El exportador no responde: "
        "Prometheus no lo alcanza o no lo conoce; revise si está en marcha y si Prometheus tiene un job para él cuyo "
        "nombre contenga wolkvox (docs/prometheus.md). Responde solo una parte: Prometheus alcanza solo a algunos "
        "de varios exportadores."
    ),
    "Open the dashboard Exporter": "Abrir el tablero Exportador",
    "Alerts": "Alertas",
    "Critical alerts": "Alertas críticas",
    "Warnings": "Advertencias",
    "No alert rules": "Sin reglas",
    "Critical alerts and warnings that are firing now, for the chosen operations. One that is both counts as "
    "critical.": (
        "Alertas críticas y advertencias que están activas ahora, para las operaciones elegidas. La que es ambas "
        "cosas cuenta como crítica."
    ),
    "Firing alerts": "Alertas activas",
    "No alert is firing, or the rules are not loaded": "Ninguna alerta activa, o las reglas no están cargadas",
    "Alerts of the exporter's rules that are firing now, for the chosen operations, the most urgent first, and since "
    "when what they are about is so (day/month and time). The campaign leads to its own dashboard.": (
        "Alertas de las reglas del exportador que están activas ahora, para las operaciones elegidas, primero las "
        "más urgentes, y desde cuándo ocurre lo que dicen (día/mes y hora). La campaña lleva a su propio tablero."
    ),
}

CAMPAIGN: Mapping[str, str] = {
    "wolkvox / Campaign": "wolkvox / Campaña",
    "One campaign in depth: state, list, results, quality. For supervisors and analysts.": (
        "Una campaña a fondo: estado, base, resultados, calidad. Para supervisores y analistas."
    ),
    "${campaign:text}, ${oneoperation}: what it is doing now": "${campaign:text}, ${oneoperation}: qué hace ahora",
    "What the campaign is doing, beside what its schedule in config.yaml expects and permits if "
    "there is one. The exporter judges it; its status page and its alerts say the same.": (
        "Qué hace la campaña, frente a lo que su horario en config.yaml espera y permite, donde lo hay. Lo "
        "determina el exportador; su página de estado y sus alertas dicen lo mismo."
    ),
    "Since when the campaign is in this state: day/month and time. What a poll showed, since that "
    "poll; what the schedule changed, since that minute. And when somebody stopped it by hand, if that "
    "is why.": (
        "Desde cuándo está la campaña en ese estado: día/mes y hora. Si lo mostró una consulta, desde esa "
        "consulta; si lo cambió el horario, desde ese minuto. Y a qué hora la detuvieron a mano, si ese es el "
        "motivo."
    ),
    "Why the campaign makes no calls, or is stopped in its hours, as far as wolkvox tells. Other "
    "states have no reason. That no agent is ready is known with apis.agents, that it was stopped by "
    "hand with apis.audit_log; both are off by default.": (
        "Por qué la campaña no marca o está detenida en su horario, hasta donde wolkvox lo deja ver. Los otros "
        "estados no tienen motivo. Que no haya agentes se sabe con apis.agents, y que la detuvieron a mano, con "
        "apis.audit_log; ambos vienen apagados."
    ),
    "None given": "No se indica",
    "In this state": "En este estado",
    "Attempts, and abandoned calls": "Intentos y llamadas abandonadas",
    "30 days": "30 días",
    "Share of the calls answered by a person that were abandoned, since local midnight and over 30 days, "
    "and the limit of the configuration (abandonment_limit). The 30 days need the rules. Needs "
    "apis.campaign_results, which is off by default.": (
        "Proporción de las llamadas que contestó una persona y que se abandonaron, desde la medianoche local y "
        "en 30 días, y el límite de la configuración (abandonment_limit). Los 30 días salen de las reglas. "
        "Necesita apis.campaign_results, que viene apagado."
    ),
    "Abandonment over time": "Abandono en el tiempo",
    "Share of the calls answered by a person that were abandoned, since the midnight before and over the "
    "30 days before, and the limit of the configuration. Each day begins anew at local midnight, and has "
    "no figure until wolkvox's first answer of the day.": (
        "Proporción de las llamadas que contestó una persona y que se abandonaron, desde la medianoche anterior "
        "y en los 30 días anteriores, y el límite de la configuración. Cada día empieza de nuevo en la "
        "medianoche local, sin cifra hasta la primera respuesta de wolkvox ese día."
    ),
    "Attempts today": "Intentos de hoy",
    "Dialling attempts since local midnight, by result. Answered: a person answered and got an agent; "
    "abandoned: a person answered and got none.": (
        "Intentos de marcación desde la medianoche local, por resultado. Atendidas: contestó una persona y la "
        "tomó un agente; abandonadas: contestó una persona y no la tomó nadie."
    ),
    "As reported by wolkvox, which does not say over which window; and the usual, of the last hours "
    "in which the campaign dialled.": (
        "Según lo informa wolkvox, que no dice sobre qué intervalo; y lo usual, en las últimas horas en que la "
        "campaña marcó."
    ),
    "Share of the records dialled in the last 30 minutes that a person answered; and the usual, of "
    "the last days in which the campaign dialled.": (
        "Proporción de los registros marcados en los últimos 30 minutos que atendió una persona; y lo usual, en "
        "los últimos días en que la campaña marcó."
    ),
    "How long the records left of a campaign that is running last at the pace of the last 30 minutes.": (
        "Cuánto duran los registros por llamar de una campaña encendida al ritmo de los últimos 30 minutos."
    ),
    "List ends": "Fin de la base",
    "When the records left of a campaign that is running will be used up at the pace of the last 30 minutes, "
    "without pauses: day/month and time.": (
        "Cuándo se agotan los registros por llamar de una campaña encendida al ritmo de los últimos 30 minutos, sin "
        "pausas: día/mes y hora."
    ),
    "State over time": "Estado en el tiempo",
    "The state of the campaign as the exporter judged it. A gap means that nothing was known.": (
        "El estado de la campaña, según lo determinó el exportador. Un vacío significa que no se sabía nada."
    ),
    "Dialling, and the list": "La marcación y la base",
    "A week ago": "Hace una semana",
    "Calls per minute and speed": "Llamadas por minuto y velocidad",
    "Calls per minute now, what was usual at the time, and the same time a week ago (left), and the "
    "configured dialling speed (right). Speed without calls: no records left, no agents, or all "
    "retries are waiting.": (
        "Llamadas por minuto ahora, lo que era usual en ese momento y la misma hora hace una semana (izquierda), y "
        "la velocidad de marcación configurada (derecha). Velocidad sin llamadas: no quedan registros por llamar, no hay "
        "agentes, o todos los reintentos están en espera."
    ),
    "Left": "Por llamar",
    "Dialled": "Marcados",
    "All records": "Todos los registros",
    "Left in one hour": "Por llamar en una hora",
    "The list": "La base",
    "Records of the list that are left to call and that were dialled, all of its records, and how many will be "
    "left in one hour at the pace of the last 30 minutes. A jump is an upload, a reload or a recycle.": (
        "Registros de la base que faltan por llamar y los marcados, todos sus registros, y cuántos quedarían por "
        "llamar en una hora al ritmo de los últimos 30 minutos. Un salto es una carga, una recarga o un reciclaje."
    ),
    "Results": "Resultados",
    "Distribution of results": "Distribución de resultados",
    "Shares of each result among the records that got one in the previous 30 minutes.": (
        "Cómo se reparten los registros con resultado en los 30 minutos anteriores."
    ),
    "Contacts, usual": "Contactos, lo usual",
    "Machines, usual": "Contestadores, lo usual",
    "Busy or failed, usual": "Ocupado o fallido, lo usual",
    "Shares compared with the usual ones": "Comparación con lo usual",
    "Shares of the records dialled in the previous 30 minutes; the dashed lines show what was usual "
    "at the time, of the last days in which the campaign dialled.": (
        "Proporción de los registros marcados en los 30 minutos anteriores y, en línea discontinua, lo que era "
        "usual en ese momento, en los últimos días en que la campaña marcó."
    ),
    "Records coded as a success (left), and the rate that wolkvox calculates (right).": (
        "Registros tipificados como hit (izquierda) y la tasa que calcula wolkvox (derecha)."
    ),
    "At the moment": "En este momento",
    "Share of the list worked today and at the moment, as calculated by wolkvox; it can be over 100 %.": (
        "Proporción de la base trabajada hoy y en este momento, según wolkvox; puede pasar del 100 %."
    ),
    "wolkvox does not report it, or no data": "wolkvox no lo informa, o no hay datos",
    "Dialling by telephone": "Marcación por teléfono",
    "Share of the dialling by telephone column or strategy of the record, as wolkvox names it.": (
        "Proporción de la marcación por columna de teléfono o estrategia del registro, con el nombre que usa wolkvox."
    ),
    "Quality of the list, and what the campaign is": "Calidad de la base y datos de la campaña",
    "Machine codes are off (apis.machine_codes), nothing was dialled, or no data": (
        "Los códigos de máquina están apagados (apis.machine_codes), no se marcó nada, o no hay datos"
    ),
    "Machine codes today": "Códigos de máquina de hoy",
    "Off or no data (apis.machine_codes)": "Apagado o sin datos (apis.machine_codes)",
    "Technical results since local midnight, of all telephones of the campaign. Needs apis.machine_codes, "
    "which is off by default.": (
        "Resultados técnicos desde la medianoche local, de todos los teléfonos de la campaña. Necesita "
        "apis.machine_codes, que viene apagado."
    ),
    "Telephones": "Teléfonos",
    "Unreachable": "Inalcanzables",
    "Machine recognitions": "Reconocimientos de máquina",
    "Telephones today": "Teléfonos de hoy",
    "Telephones with machine codes since local midnight, and those that gave only congestion or "
    "failed, several times: they cost calls and reach nobody.": (
        "Teléfonos con códigos de máquina desde la medianoche local, y los que solo dieron congestión o falla, "
        "varias veces: cuestan llamadas y no contactan a nadie."
    ),
    "One campaign of wolkvox. Choose it above; alerts and the Floor dashboard lead here. Figures are "
    "up to 6 minutes old, attempts up to 16, machine codes up to an hour.\n\nLines break where nothing was known. A "
    "window of 30 minutes covers several polls; a shorter one would only show the polling.": (
        "Una campaña de wolkvox. Elíjala arriba; las alertas y el tablero Piso llevan aquí. Las cifras tienen "
        "hasta 6 minutos; los intentos, hasta 16; los códigos de máquina, hasta una hora.\n\nLas líneas se cortan donde no se sabía "
        "nada. Los intervalos de 30 minutos abarcan varias consultas; los más cortos mostrarían el ritmo de las "
        "consultas."
    ),
    "About this dashboard": "Acerca de este tablero",
    "What the dashboard is for and how to read it.": "Para qué sirve el tablero y cómo leerlo.",
    "Type": "Tipo",
    "Predictive": "Predictiva",
    "Preview": "Preview",
    "Turbo dial": "Turbo",
    "Records recycled": "Registros reciclados",
    "Description": "Descripción",
    "No": "No",
    "Yes": "Sí",
    "About the campaign": "Datos de la campaña",
    "What wolkvox reports about the campaign itself.": "Lo que wolkvox dice de la campaña misma.",
    "Recycles": "Reciclajes",
}

SKILL: Mapping[str, str] = {
    "wolkvox / Skill": "wolkvox / Skills",
    "Queue, service level, agents, campaigns and volumes by skill, and a comparison of days. For workforce planners.": (
        "Cola, nivel de servicio, agentes, campañas y volúmenes por skill, y comparación de días. Para quienes planean "
        "el personal."
    ),
    "Now": "Ahora",
    "Worst service level, 20 s": "Peor nivel de servicio, 20 s",
    "The lowest share of calls answered within 20 seconds of any chosen skill, as wolkvox counts it. Needs "
    "apis.skills, which is off by default.": (
        "La menor proporción de llamadas atendidas en 20 segundos entre los skills elegidos, como la cuenta wolkvox. "
        "Necesita apis.skills, que viene apagado."
    ),
    "Calls answered": "Atendidas",
    "Calls abandoned": "Abandonadas",
    "The campaigns of the skills": "Las campañas de los skills",
    "Skills": "Skills",
    "Skills with a running campaign, and all skills that have campaigns.": (
        "Skills con una campaña encendida, y todos los que tienen campañas."
    ),
    "Name": "Nombre",
    "Off or no data (apis.skills)": "Apagado o sin datos (apis.skills)",
    "Queue, service level and agents": "Cola, nivel de servicio y agentes",
    "In the queue": "En cola",
    "Calls that wait for an agent now, in all chosen skills. Needs apis.skills, which is off by default.": (
        "Llamadas que esperan un agente ahora, en todos los skills elegidos. Necesita apis.skills, que viene "
        "apagado."
    ),
    "Calls of the skills": "Llamadas de los skills",
    "Inbound, answered and abandoned calls of all chosen skills, as wolkvox counts them; it does not say "
    "since when. Needs apis.skills, which is off by default.": (
        "Llamadas entrantes, atendidas y abandonadas de todos los skills elegidos, como las cuenta wolkvox, que "
        "no dice desde cuándo. Necesita apis.skills, que viene apagado."
    ),
    "Inbound": "Entrantes",
    "Queues": "Las colas",
    "Each skill's queue now, its calls as wolkvox counts them, and the share of calls answered within 10, "
    "20 and 30 seconds. Needs apis.skills, which is off by default.": (
        "La cola de cada skill ahora, sus llamadas como las cuenta wolkvox, y el nivel de servicio: la proporción "
        "atendida en 10, 20 y 30 segundos. Necesita apis.skills, que viene apagado."
    ),
    "Within 10 s": "En 10 s",
    "Within 20 s": "En 20 s",
    "Within 30 s": "En 30 s",
    "Queue by skill": "Cola por skill",
    "Calls that waited for an agent at each poll.": "Llamadas que esperaban un agente en cada consulta.",
    "Service level by skill": "Nivel de servicio por skill",
    "Share of calls answered within 20 seconds.": "Proporción de llamadas atendidas en 20 segundos.",
    "Abandonment by skill": "Abandono por skill",
    "Share of the inbound calls that were abandoned.": "Proporción de las llamadas entrantes que se abandonaron.",
    "What the agents did": "Qué hacían los agentes",
    "Agents of the whole operation by what they did at each poll: wolkvox does not say which skills an "
    "agent has.": (
        "Agentes de toda la operación, según lo que hacían en cada consulta: wolkvox no dice qué skills tiene un "
        "agente."
    ),
    "Calls per minute of all chosen skills, as reported by wolkvox.": (
        "Llamadas por minuto de todos los skills elegidos, según wolkvox."
    ),
    "Dialled, last hour": "Marcados en una hora",
    "Records dialled in the last hour.": "Registros marcados en la última hora.",
    "Records of the running campaigns that have not been called yet.": (
        "Registros de las campañas encendidas que aún no se han llamado."
    ),
    "Skills now": "Los skills ahora",
    "Each skill's campaigns together. Only apis.skills gives names. Dialled and contact rate are for the last hour. Hours left: "
    "how long the lists that are being dialled last, together, at the pace of the last 30 minutes.": (
        "Las campañas de cada skill juntas. Los nombres solo los da apis.skills. Marcados y contactabilidad son de la última hora; las "
        "horas restantes son las de las bases que se están marcando, juntas, al ritmo de los últimos "
        "30 minutos."
    ),
    "Volumes and lists by skill": "Volúmenes y bases por skill",
    "Calls per minute by skill": "Llamadas por minuto, por skill",
    "Calls per minute of each skill's campaigns, as reported by wolkvox.": (
        "Llamadas por minuto de las campañas de cada skill, según wolkvox."
    ),
    "Contacts per hour by skill": "Contactos por hora, por skill",
    "Records that a person answered in the previous hour: the calls that the skill's agents had to take.": (
        "Registros que atendió una persona en la hora anterior: las llamadas que tomaron los agentes del skill."
    ),
    "Records left by skill": "Registros por llamar, por skill",
    "Records of each skill's campaigns that have not been called yet.": (
        "Registros de las campañas de cada skill que aún no se han llamado."
    ),
    "Hours of list left by skill": "Horas de base restantes por skill",
    "How long the lists that are being dialled last, at the pace of the previous 30 minutes. A skill "
    "that does not dial has no figure; the axis ends at one day.": (
        "Cuánto duran las bases que se están marcando, al ritmo de los 30 minutos anteriores. Un skill que no "
        "marca no tiene cifra; el eje termina en un día."
    ),
    "Today compared with other days": "Hoy frente a otros días",
    "Yesterday": "Ayer",
    "Dialled per hour": "Marcados por hora",
    "Records dialled in the previous hour, at the same time today, yesterday and a week ago.": (
        "Registros marcados en la hora anterior, a la misma hora hoy, ayer y hace una semana."
    ),
    "Share of the records dialled in the previous hour that a person answered, at the same time "
    "today, yesterday and a week ago.": (
        "Proporción de los registros marcados en la hora anterior que atendió una persona, a la misma hora hoy, "
        "ayer y hace una semana."
    ),
    "For planning the staff of wolkvox's skills (agent groups). The queues and the service level "
    "are of all calls of a skill, and agents of the whole operation; all else is of the dialling campaigns alone.\n\nA campaign with several skills counts in each. "
    "If a list was reloaded within the hour, that hour's figures begin at the reload: the fall of "
    "the count hides what was dialled before. A campaign counts once its figures are an hour old.": (
        "Para planear el personal de los skills (grupos de agentes) de wolkvox. Las colas y el nivel de "
        "servicio son de todas las llamadas de un skill, y los agentes, de toda la operación; lo demás es solo de "
        "las campañas de marcación.\n\nUna campaña con varios skills cuenta "
        "en cada uno. Donde se recargó una base dentro de la hora, las cifras de esa hora empiezan en la "
        "recarga: la caída de la cuenta oculta lo marcado antes. Una campaña cuenta cuando sus cifras tienen "
        "una hora."
    ),
}

EXPORTER: Mapping[str, str] = {
    "wolkvox / Exporter": "wolkvox / Exportador",
    "Is the monitoring itself working? Polls, failures, budget. For those who run it.": (
        "¿Está bien el monitoreo mismo? Consultas, fallas, presupuesto. Para quienes lo operan."
    ),
    "The exporter": "El exportador",
    "Failing": "Falla",
    "Working": "Funciona",
    "Scrapes": "Lectura de Prometheus",
    "No scrape job": "Sin job",
    "Whether Prometheus reaches the exporter; the worst of the chosen exporters.": (
        "Indica si Prometheus logra leer el exportador; el peor de los elegidos."
    ),
    "Failed": "Falló",
    "Good": "Bien",
    "Configuration": "Configuración",
    "Whether the last reload of the configuration worked. Failed: the previous configuration is "
    "still in use, and the log says why.": (
        "Indica si funcionó la última recarga de la configuración. Falló: se sigue usando la anterior, y el log "
        "dice por qué."
    ),
    "State store": "Almacén de estado",
    "From memory": "Solo memoria",
    "Whether the exporter can use the store that survives a restart. From memory: figures and counts "
    "are still right, but a restart loses them.": (
        "Indica si se puede usar el almacén que sobrevive a un reinicio. Solo memoria: las cifras y las cuentas "
        "siguen siendo correctas, pero se pierden con el proceso."
    ),
    "Version": "Versión",
    "The version of the running exporter.": "La versión del exportador en uso.",
    "No limit known": "Límite desconocido",
    "Budget used": "Presupuesto usado",
    "The largest share of its budget that any operation has used today. The budget is how many calls the exporter "
    "lets the operation come to before it stops itself.": (
        "La mayor proporción de su presupuesto que ha usado hoy una operación. El presupuesto es hasta cuántas "
        "consultas de la operación el exportador sigue consultando antes de detenerse."
    ),
    "Polls of wolkvox": "Consultas a wolkvox",
    "APIs": "Fuentes",
    "Each API of each operation, those first that fail: whether the last poll worked, and if not why; how old its "
    "figures are, also counted in poll intervals (from 3 on the exporter drops them, unless max_age says otherwise); "
    "how often it is polled and when next (day/month and time); how long the last poll took, of the 60 seconds that "
    "wolkvox allows; the rows of its last good answer, of 60,000 at most.": (
        "Cada fuente de cada operación, primero las que fallan: si funcionó la última consulta y, si no, por qué; "
        "qué tan viejas son sus cifras, contadas también en intervalos de consulta (desde 3 el exportador las "
        "descarta, salvo que max_age diga otra cosa); cada cuánto se consulta y cuándo toca la próxima (día/mes y "
        "hora); cuánto tardó la última, de los 60 segundos que permite wolkvox; las filas de su última respuesta "
        "buena, de 60.000 como máximo."
    ),
    "Nothing heard of any API. Does the exporter run, and does Prometheus scrape it? See docs/prometheus.md": (
        "No hay noticias de ninguna fuente. ¿Está en marcha el exportador, y lo lee Prometheus? Vea "
        "docs/prometheus.md"
    ),
    "Last poll": "Última consulta",
    "Cause": "Causa",
    "In intervals": "En intervalos",
    "Every": "Cada",
    "Next poll": "Próxima consulta",
    "Took": "Tardó",
    "Token refused": "Token rechazado",
    "Calls of the day used up": "Consultas del día agotadas",
    "Token in use by others": "Token en uso por otros",
    "Refused by wolkvox": "Rechazada por wolkvox",
    "Took over 60 seconds": "Tardó más de 60 segundos",
    "No connection": "Sin conexión",
    "TLS failed": "Falló TLS",
    "HTTP error": "Error HTTP",
    "Redirect refused": "Redirección rechazada",
    "Answer too large": "Respuesta muy grande",
    "Answer unreadable": "Respuesta ilegible",
    "Answer of another form": "Respuesta de otra forma",
    "What went wrong": "Qué salió mal",
    "APIs that failed": "Fuentes que fallaron",
    "The APIs with a failed poll in the time shown, and whether each last poll worked. A gap means that there was no "
    "poll: before the first one, or while the exporter is silent.": (
        "Las fuentes con alguna consulta fallida en el tiempo mostrado, y si funcionó cada última consulta. Un vacío "
        "significa que no se consultó: antes de la primera consulta, o mientras el exportador no responde."
    ),
    "No failed polls seen": "No se vio ninguna consulta fallida",
    "No failed calls seen": "No se vio ninguna consulta fallida",
    "Failed calls by cause": "Consultas fallidas por causa",
    "Calls in the previous hour that brought no usable answer. auth: the token; quota: the day's "
    "calls; connection: often the allow-list of addresses at wolkvox.": (
        "Consultas de la hora anterior que no trajeron una respuesta útil. auth: el token; quota: las consultas "
        "del día; connection: con frecuencia, la lista de direcciones permitidas en wolkvox."
    ),
    "No skipped polls seen": "No se vio ninguna consulta omitida",
    "Skipped polls by reason": "Consultas omitidas por motivo",
    "Polls in the previous hour that were skipped. quota: the day's budget is used up; overlap: the "
    "previous poll took too long; lease: another replica polled, which is normal.": (
        "Consultas de la hora anterior que se omitieron. quota: se agotó el presupuesto del día; overlap: la "
        "consulta anterior tardó demasiado; lease: consultó otra réplica, que es lo correcto."
    ),
    "Field": "Campo",
    "Values": "Valores",
    "Unreadable values and discarded rows": "Valores ilegibles y filas descartadas",
    "Of the answers in the chosen time range: values that were present but could not be read, by field (they have no "
    "sample, and wolkvox may have changed its format), and rows that were discarded, by reason. The log has an "
    "example of each.": (
        "De las respuestas en el tiempo elegido: los valores que estaban pero no se pudieron leer, por campo (no "
        "tienen muestra, y puede que wolkvox haya cambiado su formato), y las filas que se descartaron, por motivo. "
        "El log guarda un ejemplo de cada caso."
    ),
    "No unreadable values or discarded rows seen": "No se vieron valores ilegibles ni filas descartadas",
    "Rows": "Filas",
    "the same thing twice": "lo mismo dos veces",
    "no campaign in the row": "fila sin campaña",
    "over campaigns.limit": "más que campaigns.limit",
    "Calls today": "Las consultas del día",
    "Share of the budget used": "Proporción del presupuesto usada",
    "Calls that all of the operation's tokens have made today, as a share of the budget, at which the exporter stops "
    "itself. The count starts again at the operation's midnight.": (
        "Consultas del día de la operación, de todos sus tokens, como proporción del presupuesto, en el que el "
        "exportador se detiene. Empieza de nuevo en la medianoche de la operación."
    ),
    "Used today": "Usadas hoy",
    "Of the budget": "Del presupuesto",
    "Allowed": "Permitidas",
    "Per day at this pace": "Un día a este ritmo",
    "By this exporter": "De este exportador",
    "Budget by operation": "Presupuesto por operación",
    "Calls used today; the budget, at which the exporter stops itself; what wolkvox allows; and how many a whole day "
    "takes at the pace of the last hour: by everybody (as far as wolkvox reports) and by this exporter alone.": (
        "Consultas usadas hoy; el presupuesto, en el que el exportador se detiene; lo que permite wolkvox; y lo que "
        "cuesta un día entero al ritmo de la última hora: de todos (hasta donde wolkvox informa) y de este exportador "
        "solo."
    ),
    "Size and alerts": "Tamaño y alertas",
    "Campaigns published": "Campañas publicadas",
    "Campaigns with samples, by operation. Each has 40 to 70 series.": (
        "Campañas con muestras, por operación. Cada una tiene de 40 a 70 series."
    ),
    "Samples per scrape": "Muestras por lectura",
    "Samples that each scrape of the exporter brought.": "Muestras que trajo cada lectura del exportador.",
    "Memory": "Memoria",
    "Resident memory of the exporter's process.": "Memoria residente del proceso del exportador.",
    "Scrape duration": "Duración de las lecturas",
    "Seconds that Prometheus's scrapes of the exporter took.": (
        "Segundos que tardaron las lecturas del exportador por Prometheus."
    ),
    "For those who run the wolkvox exporter. **Monitoring** and **APIs** show whether you can trust "
    "the other dashboards.\n\nEach operation may make `licences x 1000` calls per day, shared with "
    "everybody else's scripts; the exporter stops at its budget. A poll is one call; machine codes and results cost "
    "one call for each campaign that dialled today.": (
        "Para quienes operan el exportador de wolkvox. **Monitoreo** y **Fuentes** dicen si puede confiar en "
        "los otros tableros.\n\nCada operación puede hacer `licences x 1000` consultas al día, compartidas con "
        "los programas de todos los demás; el exportador se detiene en su presupuesto. Cada consulta cuenta una; los "
        "códigos de máquina y los resultados cuestan una por cada campaña que marcó hoy."
    ),
}
