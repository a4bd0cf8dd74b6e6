"""The keys of disk images, and the values that name computers, languages and time zones."""

from __future__ import annotations

import re

from nestlab.constants import TIME_ZONES
from nestlab.model.topology import Image, is_computer_name
from nestlab.pattern import pattern
from nestlab.texts import tr
from nestlab.topology_file.key_types import InvalidValue, Key, Scalar, Shape
from nestlab.topology_file.scalars import BOOLEAN, NON_EMPTY_TEXT, choice, integer

_NAME = pattern(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def _image_name(text: str) -> str:
    if not _NAME.fullmatch(text) or text.endswith("."):
        raise InvalidValue(
            tr(
                "must be 1 to 60 letters, digits, '.', '_' or '-', begin with a letter or digit and not end with '.', not {value!r}",
                value=text[:80],
            ),
            hint=tr("It becomes the name of the image's file in nested hosts."),
        )
    return text


IMAGE_NAME = Scalar(
    "the name of an image",
    _image_name,
    {
        "type": ["string", "number", "boolean"],
        "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,58}[A-Za-z0-9_-]?$",
        "minimum": 0,
    },
)


def _computer_name(text: str) -> str:
    if not is_computer_name(text):
        raise InvalidValue(
            tr(
                "must be 1 to 15 letters, digits or '-', and not digits alone: {value!r}",
                value=text[:80],
            ),
            hint=tr(
                "Write another name, such as DC01, or remove the key: the VM's name is the default where Windows accepts it."
            ),
        )
    return text


COMPUTER_NAME = Scalar(
    "a computer name",
    _computer_name,
    {"type": ["string", "boolean"], "pattern": r"^(?!\d+$)[A-Za-z0-9-]{1,15}$"},
)
_FEATURE = pattern(r"[A-Za-z][A-Za-z0-9-]{0,79}", re.ASCII)


def _feature(text: str) -> str:
    if not _FEATURE.fullmatch(text):
        raise InvalidValue(
            tr("must be the name of a role or feature, not {value!r}", value=text[:80]),
            hint=tr(
                "Write it as Get-WindowsFeature shows it under Name, such as DNS or RSAT-AD-Tools, without wildcards."
            ),
        )
    return text


FEATURE = Scalar(
    "the name of a role or feature",
    _feature,
    {"type": ["string", "boolean"], "pattern": "^[A-Za-z][A-Za-z0-9-]{0,79}$"},
)
_LANGUAGE = pattern(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?-[A-Za-z]{2}", re.ASCII)


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        from nestlab.constants.languages import LANGUAGES  # noqa: PLC0415  # only a wrong value needs it

        with_region = f"{text.lower()}-{text.upper()}"
        names = tr("The names are those of Get-Culture and of dism /online /get-intl.")
        near = tr("Did you mean {name}?", name=with_region) if with_region in LANGUAGES else ""
        raise InvalidValue(
            tr("must be a language with its region, such as es-ES, not {value!r}", value=text[:80]),
            hint=f"{near} {names}".lstrip(),
        )
    language, *script, region = text.split("-")
    return "-".join([language.lower(), *map(str.title, script), region.upper()])


LANGUAGE = Scalar(
    "a language",
    _language,
    {"type": "string", "pattern": r"^[A-Za-z]{2,3}(-[A-Za-z]{4})?-[A-Za-z]{2}$"},
)


def _time_zone_hint(text: str) -> str:
    """Return the hint for a name that Windows does not have, such as one of the IANA database."""
    from difflib import get_close_matches  # noqa: PLC0415  # only a wrong word needs it

    from nestlab.constants.iana_time_zones import WINDOWS_ZONES_BY_IANA_NAME  # noqa: PLC0415  # likewise

    zones = {name.casefold(): zone for name, zone in WINDOWS_ZONES_BY_IANA_NAME.items()}
    zone = zones.get(text.casefold())
    if zone:
        return tr("Windows uses its own names: write {zone!r}.", zone=zone)
    near = get_close_matches(text, TIME_ZONES, 1)
    if near:
        return tr("Did you mean {word!r}?", word=near[0])
    return tr(
        "Windows uses its own names, such as 'Romance Standard Time' for Europe/Madrid; tzutil /l lists them."
    )


def _time_zone(text: str) -> str:
    known = {name.casefold(): name for name in TIME_ZONES}
    if text.casefold() not in known:
        raise InvalidValue(
            tr("is not a Windows time zone: {value!r}", value=text[:80]), hint=_time_zone_hint(text)
        )
    return known[text.casefold()]


TIME_ZONE = Scalar("a Windows time zone", _time_zone, {"type": "string", "enum": list(TIME_ZONES)})
IMAGE = Shape(
    "an image",
    Image,
    (
        Key("path", NON_EMPTY_TEXT, "The disk file on the host.", required=True),
        Key(
            "os",
            choice({"windows": "windows", "linux": "linux"}),
            "The operating system that is installed in it.",
        ),
        Key(
            "prepared",
            BOOLEAN,
            "Whether it boots with a known account; false for a generalized (sysprepped) image.",
        ),
        Key(
            "generation",
            integer(1, 2),
            "Generation of the VMs that boot from it: 1 from a master boot record, 2 from a GUID partition table. Default: not known.",
        ),
    ),
    build=dict,
)
