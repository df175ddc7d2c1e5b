"""A photograph as MpoxVLM's pixels, in the form that transformers loads. Knows no words and no network."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from transformers import AutoImageProcessor, BatchFeature
from transformers.image_processing_backends import PilBackend
from transformers.image_transforms import to_pil_image
from transformers.image_utils import ImageInput, SizeDict
from transformers.processing_utils import ImagesKwargs

from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.preprocessing import pixel_values

Colours = Sequence[float]
# The steps are not optional: a network reads the pixels that it was trained on.
REFUSED = frozenset(
    {
        "do_resize", "do_rescale", "do_normalize", "do_center_crop", "do_pad", "do_convert_rgb",
        "crop_size", "pad_size", "resample", "rescale_factor",
    }
)  # fmt: skip


class MpoxVLMImagesKwargs(ImagesKwargs, total=False):
    """transformers' own, and the lesion classifier's side and numbers where they differ from CLIP's."""

    lesion_size: int | dict[str, int] | None
    lesion_image_mean: list[float] | tuple[float, ...] | None
    lesion_image_std: list[float] | tuple[float, ...] | None


class MpoxVLMImageProcessor(PilBackend):
    """The largest centred square, bicubic, normalised: bit for bit what the network was trained on.

    `pixel_values` (N, 3, S, S) with S of `size`, `image_mean` and `image_std`. Where `lesion_size` is given,
    also `lesion_pixel_values` (N, 3, L, L) with `lesion_image_mean` and `lesion_image_std`, each of them
    CLIP's where it is not given. Raises ValueError for a size that is no square, and for an option of other
    image processors that would change or leave out a step.
    """

    valid_kwargs = MpoxVLMImagesKwargs
    model_input_names = ["pixel_values"]  # noqa: RUF012  (transformers' own form)
    size = {"height": 96, "width": 96}  # noqa: RUF012
    # Of the photographs that the bundled model was trained on.
    image_mean = (0.67, 0.55, 0.49)
    image_std = (0.20, 0.20, 0.20)
    rescale_factor = None  # type: ignore[assignment]
    lesion_size: SizeDict | None = None
    lesion_image_mean: Colours | None = None
    lesion_image_std: Colours | None = None

    def _standardize_kwargs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if optional := sorted(name for name in REFUSED if kwargs.get(name) is not None):
            raise ValueError(f"MpoxVLM's image processor has fixed steps: leave out {', '.join(optional)}")
        for name in ("size", "lesion_size"):
            if kwargs.get(name) is not None:
                kwargs[name] = _square(kwargs[name], name)
        return dict(super()._standardize_kwargs(*args, **kwargs))

    # Here and not in a later hook, because the exact resize needs Pillow's picture and not an array.
    def _preprocess_image_like_inputs(  # type: ignore[override]
        self, images: ImageInput, *args: Any, **told: Any
    ) -> BatchFeature:
        flat = cast(list[Any], self._prepare_images_structure(images))
        pictures = [to_pil_image(image) for image in flat]
        mean, std = told["image_mean"], told["image_std"]
        data = {"pixel_values": _pixels(pictures, told["size"], mean, std)}
        if told["lesion_size"] is not None:
            own_mean, own_std = told["lesion_image_mean"], told["lesion_image_std"]
            data["lesion_pixel_values"] = _pixels(
                pictures, told["lesion_size"], own_mean or mean, own_std or std
            )
        return BatchFeature(data=data, tensor_type=told["return_tensors"])


def _pixels(images: list[Image.Image], size: SizeDict, mean: Colours, std: Colours) -> NDArray[np.float32]:
    return pixel_values(
        images, cast(int, size.height), np.array(mean, dtype=np.float32), np.array(std, dtype=np.float32)
    )


def _square(size: Any, name: str) -> SizeDict:
    sides = {"height": size, "width": size} if isinstance(size, int) else dict(size)
    if set(sides) != {"height", "width"} or sides["height"] != sides["width"]:
        raise ValueError(f"{name} must be one side or an equal height and width, not {sides}")
    return SizeDict(height=sides["height"], width=sides["width"])


AutoImageProcessor.register(MpoxVLMConfig, image_processor_classes={"pil": MpoxVLMImageProcessor})
