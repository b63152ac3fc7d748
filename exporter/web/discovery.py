"""Prometheus' HTTP service discovery (its documentation, "HTTP SD"): one target for each operation."""

import json
from collections.abc import Sequence
from http import HTTPStatus

from exporter.toolkit.address import Address
from exporter.toolkit.message import Request, Response


def targets(request: Request, operations: Sequence[str]) -> Response:
    """Return the operations as targets whose labels lead Prometheus to /probe.

    The target is this exporter at the address to which the request came. A header such as Host never decides
    where Prometheus sends its scrapes, and its password with them. The scheme is that of the scrape job: a
    label for it would take precedence, and a proxy may speak TLS where this exporter does not.
    """
    address = str(request.local or Address("localhost", 0))
    entries = [
        {
            "targets": [address],
            "labels": {
                "__metrics_path__": "/probe",
                "__param_target": operation,
                "__meta_wolkvox_operation": operation,
                # Without it all targets of one exporter would have the same labels, and share one `up`.
                "instance": f"{address}/{operation}",
            },
        }
        for operation in operations
    ]
    body = json.dumps(entries, ensure_ascii=False, indent=1).encode()
    return Response(HTTPStatus.OK, "application/json", (body,), {"Cache-Control": "no-store"})
