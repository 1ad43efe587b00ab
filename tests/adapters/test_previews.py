"""A preview is small, still and bare, and follows from the image alone."""

import pytest
from PIL import Image, ImageCms

from adapters.images import ImageRefused
from adapters.previews import make_preview
from tests.images import TYPES, animation, encoded, opened, picture

pytestmark = pytest.mark.unit
MOST = 10_000_000


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    ("size", "small"),
    [((1300, 650), (640, 320)), ((500, 2000), (160, 640)), ((40, 30), (40, 30)), ((1, 1), (1, 1))],
)
def test_a_thumbnail_is_webp_of_at_most_640_pixels(
    kind: str, size: tuple[int, int], small: tuple[int, int]
) -> None:
    content = picture(kind, size)
    preview = make_preview(content, MOST)
    image = opened(preview.thumbnail)
    assert (image.format, image.size) == ("WEBP", small)
    assert len(preview.blurhash) == 28
    assert make_preview(content, MOST) == preview


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_of_an_animation_it_shows_the_first_frame(kind: str) -> None:
    image = opened(make_preview(animation(kind), MOST).thumbnail)
    assert getattr(image, "n_frames", 1) == 1
    red, _, blue = image.convert("RGB").getpixel((10, 5))  # type: ignore[misc]
    assert (red < 30, blue > 200) == (True, True)


def test_it_keeps_no_profile() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    preview = make_preview(picture("JPEG", icc_profile=profile), MOST)
    assert "icc_profile" not in opened(preview.thumbnail).info


def test_blur_tells_images_apart_and_does_not_see_what_is_clear() -> None:
    clear = encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG")
    white = encoded(Image.new("RGB", (8, 8), "white"), "PNG")
    assert make_preview(clear, MOST).blurhash == make_preview(white, MOST).blurhash
    assert make_preview(picture(), MOST).blurhash != make_preview(white, MOST).blurhash


def test_what_is_no_image_has_none() -> None:
    with pytest.raises(ImageRefused):
        make_preview(b"no image", MOST)
