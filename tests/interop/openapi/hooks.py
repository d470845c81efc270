"""What schemathesis must not do to the account that it asks as, and what is no request of the description.

An account that removes itself is gone, and is answered 401 from then on, as the platform does it; so is one whose patient
is purged. Each is asked for nothing that there is instead. Any other account may be removed.
"""

import json
from pathlib import Path

import schemathesis

# Operation → which of the own ids it may not name.
DESTROYING = {"DELETE /user/{id}": "user", "DELETE /patient/purge/{id}": "owner"}

own = json.loads(Path("own.json").read_text())


@schemathesis.hook
def filter_case(context, case):
    """A path parameter has something in it. A link may be inferred from an answer's empty text all the same."""
    return "" not in (case.path_parameters or {}).values()


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = f"{case.method} {case.operation.path}".replace("/rest/v1", "").replace("/rest/v2", "")
    whose = DESTROYING.get(operation)
    if whose and case.path_parameters and case.path_parameters.get("id") == own[whose]:
        case.path_parameters["id"] = "of-nobody"
