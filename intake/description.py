"""How the multipart requests look in /openapi.json.

Written here, because the doors read their bodies themselves: in order, bounded, and photographs only once.
"""

from typing import Any

from flask_openapi3.models import OPENAPI3_REF_PREFIX
from flask_openapi3.models.schema import Schema
from pydantic import BaseModel

from intake.blueprint import cases_api

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "1 to 255 visible ASCII characters, such as a new UUID; remembered for 7 days",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
}
IMAGES = {
    "type": "array",
    "minItems": 1,
    "maxItems": 8,
    "description": "Photographs: JPEG, PNG, WebP or HEIC, 20 MB and 50 million pixels each",
    "items": {"type": "string", "format": "binary"},
}


def multipart_request(case: type[BaseModel] | None = None) -> dict[str, Any]:
    """The parameters and body of a request with photographs, and with clinical information where given."""
    fields: dict[str, Any] = {"images": IMAGES}
    if case is not None:
        fields["case"] = _component(case)
    schema = {
        "type": "object",
        "properties": fields,
        "required": sorted(fields),
        "additionalProperties": False,
    }
    form: dict[str, Any] = {"schema": schema}
    if case is not None:
        form["encoding"] = {"case": {"contentType": "application/json"}}
    return {
        "parameters": [KEY],
        "requestBody": {"required": True, "content": {"multipart/form-data": form}},
    }


def _component(model: type[BaseModel]) -> dict[str, str]:
    """A reference to the model's schema, which is put among the components with all that it uses."""
    schema = model.model_json_schema(ref_template=f"{OPENAPI3_REF_PREFIX}/{{model}}")
    parts = schema.pop("$defs", {}) | {model.__name__: schema}
    cases_api.components_schemas.update({name: Schema(**part) for name, part in parts.items()})
    return {"$ref": f"{OPENAPI3_REF_PREFIX}/{model.__name__}"}
