"""The routes by which the product is watched."""

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

health_api = APIBlueprint(
    "health_api", __name__, abp_tags=[Tag(name="Operations", description="Health and metrics")]
)
