"""What strangers send is told by its content, bounded, and made anew from pixels alone."""

import struct
import zlib

import pytest
from PIL import Image, ImageCms

from adapters.images import ImageRefused, make_picture
from tests.images import TYPES, animation, encoded, opened, photograph, picture

pytestmark = pytest.mark.unit
MOST = 100_000
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def refusal(content: bytes, most_pixels: int = MOST) -> str:
    with pytest.raises(ImageRefused) as refused:
        make_picture(content, most_pixels)
    return str(refused.value)


@pytest.mark.parametrize("kind", TYPES)
def test_an_image_is_made_anew_and_looks_the_same(kind: str) -> None:
    made = make_picture(picture(kind), MOST)
    image = opened(made.content)
    assert (image.format, image.size) == (kind, (40, 30))
    assert (made.width, made.height) == (40, 30)
    red, blue = (image.convert("RGB").getpixel((x, 15)) for x in (5, 35))
    assert isinstance(red, tuple)
    assert isinstance(blue, tuple)
    assert (red[0] > 230, red[2] < 40) == (True, True)
    assert (blue[2] > 230, blue[0] < 40) == (True, True)


def test_a_photograph_stands_upright_and_tells_nothing() -> None:
    sent = photograph(orientation=6)
    assert b"Secret" in sent
    made = make_picture(sent, MOST)
    image = opened(made.content)
    assert (made.width, made.height) == image.size == (30, 40)
    top = image.convert("RGB").getpixel((15, 5))
    assert isinstance(top, tuple)
    assert top[0] > 200
    assert not image.getexif()
    assert b"Secret" not in made.content
    assert b"Exif" not in made.content


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_applied(orientation: int) -> None:
    made = make_picture(photograph(orientation), MOST)
    assert (made.width, made.height) == ((40, 30) if orientation < 5 else (30, 40))


def test_what_a_png_says_beside_its_pixels_is_gone() -> None:
    text = struct.pack(">I", 10) + b"tEXt" + b"k\0SecretXY"
    chunk = text + struct.pack(">I", zlib.crc32(text[4:]))
    sent = picture("PNG")
    sent = sent[:33] + chunk + sent[33:]
    assert opened(sent).info["k"] == "SecretXY"  # type: ignore[comparison-overlap]
    assert b"Secret" not in make_picture(sent, MOST).content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_hides_behind_an_image_is_gone(kind: str) -> None:
    sent = picture(kind) + b"PK\x03\x04<script>alert(1)</script>"
    assert b"script" not in make_picture(sent, MOST).content


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_stays_one(kind: str) -> None:
    image = opened(make_picture(animation(kind), MOST).content)
    assert getattr(image, "n_frames", 1) == 3
    assert image.info["loop"] == 2
    durations = []
    for n in range(3):
        image.seek(n)
        image.load()
        durations.append(image.info["duration"])
    assert durations == [100, 200, 300]


def test_what_is_clear_stays_clear() -> None:
    clear = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    clear.paste((0, 255, 0, 255), (0, 0, 5, 10))
    for kind in ("PNG", "WEBP"):
        image = opened(make_picture(encoded(clear, kind), MOST).content).convert("RGBA")
        assert [image.getpixel((x, 5))[3] for x in (2, 8)] == [255, 0]  # type: ignore[index]


def test_colours_are_those_of_the_profile_and_the_profile_is_gone() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = make_picture(picture("JPEG", icc_profile=profile), MOST)
    assert "icc_profile" not in opened(made.content).info


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("L", "JPEG"), ("1", "PNG"), ("P", "PNG"), ("LA", "PNG"), ("I;16", "PNG")],
)
def test_every_kind_of_colour_is_taken(mode: str, kind: str) -> None:
    made = make_picture(encoded(Image.new(mode, (10, 10)), kind), MOST)
    assert opened(made.content).format == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no image",
        SVG,
        b"%PDF-1.7",
        b"GIF89a<script>alert(1)</script>",
        b"<html><body>x</body></html>",
        b"PK\x03\x04" + picture("PNG"),
    ],
)
def test_what_is_no_image_is_refused(content: bytes) -> None:
    assert "JPEG" in refusal(content) or "broken" in refusal(content)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PDF", "PPM"])
def test_other_kinds_of_images_are_not_even_looked_at(kind: str) -> None:
    assert "no JPEG" in refusal(encoded(Image.new("RGB", (4, 4)), kind))


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_half_an_image_is_refused(kind: str, part: float) -> None:
    noise = Image.effect_noise((64, 64), 90).convert("RGB")
    whole = encoded(noise, kind)
    assert make_picture(whole, MOST)
    assert refusal(whole[: int(len(whole) * part)])


def test_too_many_pixels_are_refused_by_what_the_header_says() -> None:
    assert make_picture(picture("PNG", (100, 100)), 10_000)
    assert "pixels" in refusal(picture("PNG", (101, 100)), 10_000)
    assert "pixels" in refusal(picture("PNG", (300, 100)), 10_000)
    assert "16383 a side" in refusal(picture("PNG", (16_384, 1)))


def test_frames_count_together() -> None:
    assert make_picture(animation("GIF"), 600)
    for kind in ("GIF", "WEBP"):
        assert "3 frames" in refusal(animation(kind), 599)


def test_frames_are_counted() -> None:
    assert "1001 frames" in refusal(animation("GIF", 1_001), 10_000_000)


def test_what_its_format_has_no_room_for_is_refused() -> None:
    """Two equal frames of 655 seconds each are one that lasts longer than a GIF can say."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 4, 4, 0) + b"\x08\x09\0\x01\x08\x1c\x48\xb0"
    frame += b"\x20\x80\x80\0"
    timing = b"\x21\xf9\x04\x04\xff\xff\0\0"
    sent = b"GIF87a" + struct.pack("<HHBBB", 4, 4, 0x80, 0, 0) + bytes(6)
    sent += timing + frame + timing + frame + b";"
    assert getattr(opened(sent), "n_frames", 1) == 2
    assert "last very long" in refusal(sent)


def test_a_frame_that_lies_about_its_size_is_refused_before_it_takes_memory() -> None:
    """The header says 20 by 10 pixels, the second frame 60,000 by 60,000."""
    sent = animation("GIF")
    first = sent.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 20, 10))
    second = sent.index(b"\x2c", first + 10)
    large = struct.pack("<HHHH", 0, 0, 60_000, 60_000)
    assert "more than 100,000 pixels" in refusal(sent[: second + 1] + large + sent[second + 9 :])


def test_a_bomb_is_refused_before_it_takes_memory() -> None:
    """A header of 400 million pixels with next to nothing behind it."""
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    sent = picture("PNG")
    body = b"IHDR" + header
    bomb = sent[:12] + body + struct.pack(">I", zlib.crc32(body)) + sent[33:]
    assert "pixels" in refusal(bomb, 50_000_000)
