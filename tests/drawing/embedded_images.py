"""Read the images in the HTML that a notebook shows."""

import base64
import re
from urllib.parse import unquote_to_bytes


def image_in(html):
    """Return the type and the content of the first image."""
    found = re.search(r'src="data:([^;,]+)(?:;charset=utf-8)?(;base64)?,([^"]+)"', html)
    return found[1], base64.b64decode(found[3]) if found[2] else unquote_to_bytes(found[3])
