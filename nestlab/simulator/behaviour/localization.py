"""Windows in other languages: default names and error messages are localized, error ids are not.

Hyper-V names a VM's first network adapter and the Default Switch in the language of Windows,
observed as ``Netzwerkadapter`` and ``Standardswitch`` on German hosts
(https://github.com/cloudfoundry-attic/cfdev/issues/43, https://github.com/crc-org/crc/issues/579),
and for the switch on Polish and Hungarian ones
(https://github.com/docker-archive-public/docker.machine/issues/4429). The names of the integration
services are localized as well: ``Gastdienstschnittstelle`` was observed. The Spanish,
French and Japanese names, and those of the other services, are inferred from the same terms in
Microsoft's documentation. The service VSS has that name in every language.

The built-in accounts and groups are named in the language of the installation, too; in Japanese
installations they have English names. Their SIDs do not depend on the language.
"""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.model import ErrorRecord
from nestlab.pattern import pattern
from nestlab.simulator.powershell.call import PowerShellError, Sink

LANGUAGES = ("en", "es", "de", "fr", "ja")
NETWORK_ADAPTER = "Network Adapter"
DEFAULT_SWITCH = "Default Switch"

_NAMES: dict[str, dict[str, str]] = {
    "es": {
        NETWORK_ADAPTER: "Adaptador de red",
        DEFAULT_SWITCH: "Conmutador predeterminado",
        "Administrator": "Administrador",
        "Administrators": "Administradores",
        "Guest": "Invitado",
        "Guests": "Invitados",
        "Users": "Usuarios",
        "Guest Service Interface": "Interfaz de servicio de invitado",
        "Heartbeat": "Latido",
        "Key-Value Pair Exchange": "Intercambio de pares clave-valor",
        "Shutdown": "Apagado",
        "Time Synchronization": "Sincronización de hora",
    },
    "de": {
        NETWORK_ADAPTER: "Netzwerkadapter",
        DEFAULT_SWITCH: "Standardswitch",
        "Administrators": "Administratoren",
        "Guest": "Gast",
        "Guests": "Gäste",
        "Users": "Benutzer",
        "Guest Service Interface": "Gastdienstschnittstelle",
        "Heartbeat": "Takt",
        "Key-Value Pair Exchange": "Austausch von Schlüsselwertepaaren",
        "Shutdown": "Herunterfahren",
        "Time Synchronization": "Zeitsynchronisierung",
    },
    "fr": {
        NETWORK_ADAPTER: "Carte réseau",
        DEFAULT_SWITCH: "Commutateur par défaut",
        "Administrator": "Administrateur",
        "Administrators": "Administrateurs",
        "Guest": "Invité",
        "Guests": "Invités",
        "Users": "Utilisateurs",
        "Guest Service Interface": "Interface de services d'invité",
        "Heartbeat": "Pulsation",
        "Key-Value Pair Exchange": "Échange de paires clé-valeur",
        "Shutdown": "Arrêt",
        "Time Synchronization": "Synchronisation date/heure",
    },
    "ja": {
        NETWORK_ADAPTER: "ネットワーク アダプター",
        DEFAULT_SWITCH: "既定のスイッチ",
        "Guest Service Interface": "ゲスト サービス インターフェイス",
        "Heartbeat": "ハートビート",
        "Key-Value Pair Exchange": "キーと値のペアの交換",
        "Shutdown": "シャットダウン",
        "Time Synchronization": "時刻の同期",
    },
}
_FAILED = {
    "es": "No se pudo completar la operación",
    "de": "Der Vorgang konnte nicht abgeschlossen werden",
    "fr": "L'opération n'a pas pu être effectuée",
    "ja": "操作を完了できませんでした",
}
_WARNED = {
    "es": "Advertencia de Windows",
    "de": "Hinweis von Windows",
    "fr": "Avertissement de Windows",
    "ja": "Windows の警告",
}
_DENIED = {
    "es": "Acceso denegado",
    "de": "Zugriff verweigert",
    "fr": "Accès refusé",
    "ja": "アクセスが拒否されました",
}
_DETAIL = pattern(r"'[^'\n]*'|\"[^\"\n]*\"|0x[0-9A-Fa-f]{8}")
_COMPUTER = pattern(r"\bcomputer ([\w-]+)")
_DENIED_CATEGORIES = ("PermissionDenied", "SecurityError", "AuthenticationError")


def name_in(language: str, name: str) -> str:
    """Return the default name of an object, given in English, in a language of Windows.

    >>> name_in("de", NETWORK_ADAPTER), name_in("en", NETWORK_ADAPTER)
    ('Netzwerkadapter', 'Network Adapter')
    """
    return _NAMES.get(language, {}).get(name, name)


def text_in(language: str, text: str, category: str = "") -> str:
    """Return an error message in a language; quoted names and error codes do not change.

    The sentences are not those of Windows, but contain no English words: code that compares English
    messages fails as it would on Windows in that language.

    >>> text_in("es", "The switch 'Lab' was not found. (0x80070490)")
    "No se pudo completar la operación: 'Lab', 0x80070490."
    """
    if language not in _FAILED:
        return text
    return _sentence((_DENIED if category in _DENIED_CATEGORIES else _FAILED)[language], text)


def warning_in(language: str, text: str) -> str:
    """Return a warning in a language; unlike an error of `text_in`, it reports no failure.

    The names of computers do not change either.

    >>> warning_in("de", "The switch 'Lab' may be slow.")
    "Hinweis von Windows: 'Lab'."
    """
    if language not in _WARNED:
        return text
    return _sentence(_WARNED[language], text, *_COMPUTER.findall(text))


def _sentence(sentence: str, text: str, *names: str) -> str:
    details = ", ".join(dict.fromkeys([*_DETAIL.findall(text), *names]))
    return f"{sentence}: {details}." if details else f"{sentence}."


def error_in(language: str, error: PowerShellError) -> PowerShellError:
    """Return an error with its message in a language; whether it is terminating does not change."""
    if language not in _FAILED:
        return error
    changed = type(error)(_record_in(language, error.record), terminating=error.terminating)
    return changed.with_traceback(error.__traceback__)


class LocalizedSink:
    """Forwards the streams of a pipeline, with errors and warnings in a language."""

    def __init__(self, sink: Sink, language: str) -> None:
        self._sink, self._language = sink, language
        self.output, self.verbose, self.progress = sink.output, sink.verbose, sink.progress

    def error(self, record: ErrorRecord) -> None:
        """Forward an error."""
        self._sink.error(_record_in(self._language, record))

    def warning(self, text: str) -> None:
        """Forward a warning."""
        self._sink.warning(warning_in(self._language, text))


def _record_in(language: str, record: ErrorRecord) -> ErrorRecord:
    return replace(record, message=text_in(language, record.message, record.category))
