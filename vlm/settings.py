"""Settings of the models, from the environment. Which model runs, and where, is for who loads it to say."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Dtype = Literal["auto", "float32", "bfloat16", "float16"]


class VlmSettings(BaseSettings):
    """What a model may use of the machine, what is measured beside its findings, and where its parts lie."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    vlm_threads: int = Field(
        default=1, ge=1, description="CPU threads of a model; more than one needs idle cores"
    )
    vlm_dtype: Dtype = Field(
        default="auto",
        description="Precision of weights; auto: float32 on a CPU, bfloat16 or float16 on a GPU",
    )
    vlm_tokens_at_once: int = Field(
        default=32_768, ge=256, description="Most prompt tokens read at once; more only takes memory"
    )
    vlm_image_dependence: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Share of cases read once more without the photograph, to see whether it counts",
    )
    vlm_image_ignored_below: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="`image_ignored`: the findings change less than this without the photograph",
    )
    vlm_saliency: bool = Field(
        default=True, description="Make a picture of where the lesion classifier looked"
    )
    vlm_vision_tower: str = Field(
        default="",
        description="Folder of the vision tower that an original LLaVA checkpoint names only by a hub name",
    )
    vlm_lora_base: str = Field(
        default="",
        description="Folder of the base checkpoint of a LoRA folder, where its own name does not lead there",
    )
    vlm_llava_template: Literal["", "v1", "llava_2", "mistral_instruct"] = Field(
        default="",
        description="Conversation format of an original LLaVA checkpoint; empty: by its kind and folder name",
    )
    vlm_remote_key: SecretStr = Field(
        default=SecretStr(""), description="Bearer key of a remote OpenAI-compatible server"
    )
    vlm_remote_timeout_seconds: float = Field(
        default=60, gt=0, description="How long one request to a remote model may take"
    )
    vlm_remote_attempts: int = Field(
        default=4, ge=1, description="How often a request to a remote model is tried"
    )
    vlm_remote_concurrency: int = Field(
        default=8, ge=1, description="Requests to a remote model under way at the same time"
    )
    vlm_remote_plain_http: bool = Field(
        default=False,
        description="Let photographs go to a remote model over plain http beyond private networks",
    )
