"""Rules about generalized images, and about what is set at the first boot of their Windows."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import ANSWER_FILES, WINDOWS_LOCALES
from nestlab.constants.account_names import ADMINISTRATOR_BY_LANGUAGE, BUILT_IN_ADMINISTRATOR
from nestlab.constants.languages import LANGUAGES, is_known_language
from nestlab.model.finding import Finding
from nestlab.model.topology import VM, Image
from nestlab.rules.rule import INFERRED, NESTLAB, Rule, Scope, Variant, detects
from nestlab.rules.shared_causes import listed
from nestlab.rules.topology.places import MachinePlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import mark, tr, translate

FIRST_BOOT_WITHOUT_ACCOUNT = Rule(
    code="first-boot-without-account",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A Windows guest uses a generalized image, but the file names no credential for it.",
    why="The answer file that nestlab writes into its disk has an account, which needs the name of a credential. Without one, Windows waits at its setup screens for input at its console.",
    fix="Add guest: {credential: NAME}; or set prepared: true if the image boots with a known account.",
    example="images: {ws2022: {path: 'D:\\images\\ws2022.vhdx', prepared: false}}\nvms: [{name: web1, disk: {image: ws2022}, guest: {os: windows}}]",
    source=ANSWER_FILES,
)
FIRST_BOOT_SETTING_WITHOUT_EFFECT = Rule(
    code="first-boot-setting-without-effect",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A guest has a language or a time zone, and does not use a generalized Windows image.",
    why="Both are in the answer file, which only a generalized Windows reads, at its first boot. Any other guest keeps what it has.",
    fix="Remove the key; or use an image with prepared: false, if the image was generalized.",
    example="images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}\nvms: [{name: web1, disk: {image: ws2022}, guest: {os: windows, credential: c, language: es-ES}}]",
    source=NESTLAB,
)


@detects(FIRST_BOOT_WITHOUT_ACCOUNT, FIRST_BOOT_SETTING_WITHOUT_EFFECT)
def first_boot(index: TopologyIndex) -> Iterator[Finding]:
    """A generalized image without a credential, or first-boot settings without such an image."""
    for place, vm in index.vms:
        if place.keys not in index.on_generalized_images:
            if vm.guest.language or vm.guest.time_zone:
                yield from _without_effect(index, place, vm)
        elif not vm.guest.credential:
            yield index.finding(
                FIRST_BOOT_WITHOUT_ACCOUNT,
                place.subject,
                (*place.keys, "guest"),
                tr(
                    "uses the generalized image {image} but names no credential, so Windows stops at its setup screens",
                    image=index.system_images[place.keys].name,
                ),
            )


UNKNOWN_LANGUAGE = Rule(
    code="unknown-language",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The language of a guest is not among the languages of Windows that nestlab knows.",
    why="It goes into the answer file as it is. Windows Setup stops at its first screen, or ends, where it does not know the language.",
    fix="Correct the name. On Windows, [Globalization.CultureInfo]::GetCultures('SpecificCultures') lists those that it knows.",
    example="images: {ws2022: {path: 'D:\\images\\ws2022.vhdx', prepared: false}}\nvms: [{name: web1, disk: {image: ws2022}, guest: {os: windows, credential: c, language: xx-XX}}]",
    source=WINDOWS_LOCALES,
    variants=(Variant("warning", "if the guest is not on a generalized image: nothing sets it"),),
)


@detects(UNKNOWN_LANGUAGE)
def unknown_language(index: TopologyIndex) -> Iterator[Finding]:
    """A language that is not one of Windows."""
    for place, vm in index.vms:
        language = vm.guest.language
        if not language or vm.guest.os != "windows" or is_known_language(language):
            continue
        own = f"{language.partition('-')[0]}-".casefold()
        same = [name for name in LANGUAGES if name.casefold().startswith(own)]
        guess = tr("Known of this language: {languages}.", languages=listed(same)) if same else ""
        is_set = place.keys in index.on_generalized_images
        yield index.finding(
            UNKNOWN_LANGUAGE.at("error" if is_set else "warning"),
            place.subject,
            (*place.keys, "guest", "language"),
            tr(
                "has the language {language!r}, which is not a known language of Windows",
                language=language,
            ),
            hint=" ".join(filter(None, (guess, UNKNOWN_LANGUAGE.fix_text))),
        )


ADMINISTRATOR_RENAMED = Rule(
    code="administrator-renamed",
    severity="info",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A guest on a generalized image is set up in a language in which Windows has another name for the account Administrator.",
    why="Where the image itself is in that language, no account Administrator is in it, and the guest refuses a credential with that user name after it was built. The language of an image cannot be read before.",
    fix="Give the credential a user name of your own, such as labadmin: nestlab creates it as an administrator in every language. An image in English keeps Administrator.",
    example="images: {ws2022: {path: 'D:\\images\\ws2022.vhdx', prepared: false}}\nvms: [{name: web1, disk: {image: ws2022}, guest: {os: windows, credential: c, language: es-ES}}]",
    source=INFERRED,
)


@detects(ADMINISTRATOR_RENAMED)
def administrator_renamed(index: TopologyIndex) -> Iterator[Finding]:
    """A credential that must not be Administrator if the image has the language of the guest."""
    for place, vm in index.vms:
        language = vm.guest.language
        if not language or not vm.guest.credential:
            continue
        name = ADMINISTRATOR_BY_LANGUAGE.get(language.partition("-")[0].lower())
        if name and place.keys in index.on_generalized_images:
            yield index.finding(
                ADMINISTRATOR_RENAMED,
                place.subject,
                (*place.keys, "guest", "language"),
                tr(
                    "has the language {language}: if its image is in that language too, it refuses the user name {user} in credential {credential}, because the account is called {name}",
                    language=language,
                    user=BUILT_IN_ADMINISTRATOR,
                    credential=vm.guest.credential,
                    name=name,
                ),
            )


PREPARED_WITHOUT_EFFECT = Rule(
    code="prepared-without-effect",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="An image has prepared: false, and no answer file follows from it.",
    why="With prepared: false, the file says that Windows in the image was generalized with sysprep: nestlab then writes an answer file into the disk of each Windows guest on it. Linux reads none, and guests whose file names no guest.os get none.",
    fix="Remove prepared from an image with Linux: with guest: {os: linux, cloud_init: true, credential: NAME}, cloud-init gives its guests an account and addresses. On a Windows image, write guest: {os: windows, credential: NAME}.",
    example="images: {ubuntu: {path: 'D:\\images\\ubuntu.vhdx', os: linux, prepared: false}}\nvms: [{name: web1, disk: {image: ubuntu}, guest: {os: linux, credential: c}}]",
    source=ANSWER_FILES,
    variants=(
        Variant("info", "if the image has Windows: its setup can be finished at the console"),
    ),
)


@detects(PREPARED_WITHOUT_EFFECT)
def prepared_without_effect(index: TopologyIndex) -> Iterator[Finding]:
    """`prepared: false` of an image with Linux, or of one whose VMs name no system."""
    users: dict[str, list[tuple[MachinePlace, VM]]] = {}
    for disk in index.disks:
        if disk.image is not None and disk.is_system_disk:
            users.setdefault(disk.image.name, []).append((disk.machine, disk.vm))
    for image in index.topology.images:
        if image.prepared:
            continue
        vms = users.get(image.name, [])
        systems = {vm.guest.os for _, vm in vms}
        if image.os == "linux" and "windows" not in systems:  # image-of-another-system, there
            yield _for_linux(index, image)
        elif image.os == "windows":
            for place, vm in vms:
                if vm.guest.os == "none" and vm.disk and vm.disk.is_differencing:
                    yield _for_no_system(index, place, image)


def _for_linux(index: TopologyIndex, image: Image) -> Finding:
    return index.finding(
        PREPARED_WITHOUT_EFFECT,
        f"image {image.name}",
        ("images", image.name, "prepared"),
        tr(
            "has prepared: false, which has no effect on Linux: nestlab writes answer files for Windows only"
        ),
        hint=tr(
            "Remove prepared. {cloud_init} If the image holds Windows, correct its os.",
            cloud_init=translate(_CLOUD_INIT),
        ),
    )


_CLOUD_INIT = mark(
    "For an account and addresses, write guest: {os: linux, cloud_init: true, credential: NAME} in its VMs, if the image has cloud-init."
)


def _for_no_system(index: TopologyIndex, place: MachinePlace, image: Image) -> Finding:
    return index.finding(
        PREPARED_WITHOUT_EFFECT.at("info"),
        place.subject,
        (*place.keys, "guest"),
        tr(
            "uses the generalized image {image} and names no guest.os: no answer file is written, and Windows stops at its setup screens",
            image=image.name,
        ),
        hint=tr(
            "Write guest: {os: windows, credential: NAME}, or finish the setup at the console of the VM."
        ),
    )


_IN_LINUX = {
    "time_zone": "timedatectl set-timezone",  # not shown: a command
    "language": "localectl set-locale",  # not shown: a command
}


def _without_effect(index: TopologyIndex, place: MachinePlace, vm: VM) -> Iterator[Finding]:
    for key in ("language", "time_zone"):
        if not getattr(vm.guest, key):
            continue
        message = tr("does not use a generalized Windows image, so its {key} is not set", key=key)
        hint = tr(
            "Remove {key}; or use an image with prepared: false, if the image was generalized.",
            key=key,
        )
        if vm.guest.os == "linux":
            message = tr(
                "is a Linux guest, and guest: {{{key}}} is a setting of Windows, so its {key} is not set",
                key=key,
            )
            hint = tr(
                "Remove {key}, and set it in Linux with {command}.",
                key=key,
                command=_IN_LINUX[key],
            )
        keys = (*place.keys, "guest", key)
        yield index.finding(
            FIRST_BOOT_SETTING_WITHOUT_EFFECT, place.subject, keys, message, hint=hint
        )


DETECTORS = (first_boot, prepared_without_effect, unknown_language, administrator_renamed)
"""The detectors of this module, in the order of their findings."""
