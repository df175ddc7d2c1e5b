"""How the multipart requests look in /openapi.json.

Written here, because the doors read their bodies themselves: in order, bounded, and photographs only once.
"""

from typing import Any

from pydantic import BaseModel

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
        fields["case"] = case.model_json_schema(ref_template="#/components/schemas/{model}")
        fields["case"].pop("$defs")
    schema = {
        "type": "object",
        "properties": fields,
        "required": sorted(fields),
        "additionalProperties": False,
    }
    encoding = {"case": {"contentType": "application/json"}} if case else None
    content = {"multipart/form-data": {"schema": schema, "encoding": encoding}}
    return {"parameters": [KEY], "requestBody": {"required": True, "content": content}}
