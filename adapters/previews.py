"""What stands for an image until it is loaded: a small copy, and a few letters of blur."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

import blurhash
from PIL import Image

from adapters.images import opened

LONGEST_SIDE: Final = 640
_BLURRED_SIDE: Final = 32
_MORE, _FEWER = 4, 3


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview of an image.

    Args:
        thumbnail: WebP, at most 640 pixels a side; of an animation its first frame.
        blurhash: 28 characters (https://blurha.sh).
    """

    thumbnail: bytes
    blurhash: str


def make_preview(content: bytes, most_pixels: int) -> Preview:
    """Make the preview of a stored image.

    Raises:
        ImageRefused: It cannot be read.
    """
    with opened(content, most_pixels) as image:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        small = image.convert("RGBA" if image.has_transparency_data else "RGB")
        small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    made = BytesIO()
    small.save(made, "WEBP", quality=80)
    return Preview(made.getvalue(), _blur(small))


def _blur(image: Image.Image) -> str:
    seen = Image.new("RGB", image.size, "white")
    seen.paste(image, mask=image if image.mode == "RGBA" else None)
    seen.thumbnail((_BLURRED_SIDE, _BLURRED_SIDE))
    width, height = seen.size
    rows = [[seen.getpixel((x, y)) for x in range(width)] for y in range(height)]
    across, down = (_MORE, _FEWER) if width >= height else (_FEWER, _MORE)
    return str(blurhash.encode(rows, components_x=across, components_y=down))  # type: ignore[no-untyped-call]
