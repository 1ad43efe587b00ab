"""Images from strangers: told by their content, bounded, and made anew without anything beside.

What is kept is encoded here from pixels alone, so no metadata, no second file behind the first and
no trick of a format survives. Animations stay animations. It takes a core for up to some seconds
and 8 bytes a pixel: the API does it in threads, few at a time.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageCms, ImageSequence, UnidentifiedImageError

MOST_FRAMES: Final = 1_000
LONGEST_SIDE: Final = 16_383
"""The most that WebP can hold; thumbnails are WebP."""
_EXTENSIONS: Final = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
_DECODERS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SRGB: Final = ImageCms.createProfile("sRGB")
_MODES: Final = {
    "jpg": ("L", "RGB"),
    "png": ("1", "L", "LA", "P", "RGB", "RGBA"),
    "webp": ("RGB", "RGBA"),
    "gif": ("1", "L", "P", "RGB", "RGBA"),
}
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "jpg": {"format": "JPEG", "quality": 90, "optimize": True, "progressive": True},
    "png": {"format": "PNG"},
    "webp": {"format": "WEBP", "quality": 90},
    "gif": {"format": "GIF"},
}
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class ImageRefused(ValueError):  # noqa: N818 - named for what it says
    """The bytes are no image that is taken; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that was made anew.

    Args:
        extension: Its type, as the ending of a key.
        width: In pixels, upright.
        height: In pixels, upright.
    """

    content: bytes
    extension: str
    width: int
    height: int


def make_picture(content: bytes, most_pixels: int) -> Picture:
    """Make an image anew of what somebody sent.

    Args:
        content: Any bytes.
        most_pixels: Of all frames together.

    Raises:
        ImageRefused: It is no whole JPEG, PNG, WebP or GIF, or is too large.
    """
    with opened(content, most_pixels) as image:
        extension = _EXTENSIONS[str(image.format)]
        frames = _frames(image, extension, most_pixels)
        loop = image.info.get("loop")
    options = {**_OPTIONS[extension], **_animation(frames, loop)}
    return Picture(_encoded(frames[0], options), extension, *frames[0].size)


def _encoded(image: Image.Image, options: dict[str, Any]) -> bytes:
    made = BytesIO()
    try:
        image.save(made, **options)
    except Exception as error:  # encoders raise whatever a format has no room for
        raise ImageRefused(
            "The image cannot be stored in its format: equal frames that together last very long, "
            "for instance. Save it anew, and send that."
        ) from error
    return made.getvalue()


@contextmanager
def opened(content: bytes, most_pixels: int) -> Iterator[Image.Image]:
    """Open an image, and tell what is wrong with it in our words.

    Raises:
        ImageRefused: It is no whole image, or is too large.
    """
    # Pillow asks this before it reserves memory for a frame that lies about its size.
    Image.MAX_IMAGE_PIXELS = most_pixels
    try:
        with Image.open(BytesIO(content), formats=_DECODERS) as image:
            check_size(image, most_pixels)
            yield image
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefused(f"The image has more than {most_pixels:,} pixels.") from error
    except UnidentifiedImageError as error:
        raise ImageRefused("This is no JPEG, PNG, WebP or GIF; send one of these.") from error
    except Exception as error:  # decoders raise whatever broken data leads them to
        raise ImageRefused("The image is broken or incomplete; send it again.") from error


def check_size(image: Image.Image, most_pixels: int) -> None:
    """Refuse an image by what its header says, before any of it is decoded.

    Raises:
        ImageRefused: It is too wide, too high or has too many pixels or frames.
    """
    count = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    width, height = image.size
    if max(width, height) > LONGEST_SIDE:
        raise ImageRefused(
            f"The image is {width} x {height} pixels; send at most {LONGEST_SIDE} a side."
        )
    if count > MOST_FRAMES:
        raise ImageRefused(f"The image has {count} frames; send at most {MOST_FRAMES}.")
    if width * height * count > most_pixels:
        raise ImageRefused(
            f"The image has {width} x {height} pixels in {count} frames; send at most "
            f"{most_pixels:,} pixels in all."
        )


def _frames(image: Image.Image, extension: str, most_pixels: int) -> list[Image.Image]:
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    if extension not in ("gif", "webp"):
        return [_bare(image, extension, turn)]
    frames: list[Image.Image] = []
    for frame in ImageSequence.Iterator(image):
        check_size(frame, most_pixels)
        frames.append(_bare(frame, extension, turn))
    return frames


def _bare(image: Image.Image, extension: str, turn: Image.Transpose | None) -> Image.Image:
    """Give an image's pixels, upright and in sRGB, with nothing else of it but its timing."""
    image.load()
    kept: dict[str | tuple[int, int], Any] = {
        name: image.info[name] for name in ("transparency", "duration") if name in image.info
    }
    bare = _fitting(_in_srgb(image), _MODES[extension])
    bare = bare.copy() if turn is None else bare.transpose(turn)
    if bare.mode != image.mode:
        kept.pop("transparency", None)
    bare.info = kept
    return bare


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile or image.mode.startswith("I"):
        return image
    source = _direct(image) if image.mode in ("P", "PA", "LA", "1") else image
    try:
        converted = ImageCms.profileToProfile(
            source,
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            _SRGB,
            outputMode="RGBA" if source.mode == "RGBA" else "RGB",
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that is broken, or of another kind of colour, says nothing
    return converted or image


def _fitting(image: Image.Image, modes: tuple[str, ...]) -> Image.Image:
    if image.mode in modes:
        return image
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    return image if image.mode in modes else _direct(image, opaque="RGBA" not in modes)


def _direct(image: Image.Image, *, opaque: bool = False) -> Image.Image:
    return image.convert("RGBA" if image.has_transparency_data and not opaque else "RGB")


def _animation(frames: list[Image.Image], loop: int | None) -> dict[str, Any]:
    if len(frames) == 1:
        return {}
    options: dict[str, Any] = {"save_all": True, "append_images": frames[1:]}
    options["duration"] = [frame.info.get("duration", 0) for frame in frames]
    if loop is not None:
        options["loop"] = loop
    return options
