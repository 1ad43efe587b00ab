"""Real images for tests."""

from io import BytesIO
from typing import Any, Final

from PIL import Image

MAKE_AND_MODEL: Final = {0x010F: "SecretCamera", 0x0110: "SecretModel"}
ORIENTATION: Final = 0x0112
GPS: Final = 0x8825
TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """Make an image whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return encoded(image, kind, **options)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Give an image's bytes."""
    made = BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def photograph(orientation: int = 6) -> bytes:
    """Make a JPEG that was taken with a turned camera, and tells with which and where."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif.update(MAKE_AND_MODEL)
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return picture("JPEG", exif=exif.tobytes(), comment=b"SecretComment")


def animation(kind: str, frame_count: int = 3) -> bytes:
    """Make an animation in which every frame is different."""
    shades = [80 * n % 256 for n in range(frame_count)]
    frames = [Image.new("RGB", (20, 10), (shade, 0, 255 - shade)) for shade in shades]
    durations = [100 * (n % 3 + 1) for n in range(frame_count)]
    return encoded(
        frames[0], kind, save_all=True, append_images=frames[1:], duration=durations, loop=2
    )


def opened(content: bytes) -> Image.Image:
    """Give an image of bytes."""
    return Image.open(BytesIO(content))
