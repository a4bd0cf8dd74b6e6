"""Translates each error of pypsrp, requests and their libraries to an error of nestlab.

No error of nestlab refers to the original one: a requests exception has its request, and with it
the logon header.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nestlab.errors import Cancelled, NestlabError
from nestlab.transport.winrm.connection_errors import (
    connection_error,
    os_error,
    timeout_error,
    tls_error,
)
from nestlab.transport.winrm.library_errors import (
    Attempt,
    error_text,
    library_error,
    option_error,
    session_error,
    unspecific_error,
)
from nestlab.transport.winrm.logon_errors import authentication_error, http_error, logon_error
from nestlab.transport.winrm.wsman_faults import fault

Translation = Callable[[Any, Attempt], NestlabError]


def translate(error: Exception, attempt: Attempt) -> NestlabError:
    """Return the NestlabError for an error of a library; a NestlabError is returned unchanged."""
    if isinstance(error, NestlabError):
        return error
    for kind in type(error).__mro__:
        translation = TRANSLATIONS.get(f"{kind.__module__}.{kind.__qualname__}")
        if translation is not None:
            return translation(error, attempt)
    return session_error(f"{type(error).__name__}: {error_text(error)}", attempt)


def call(function: Callable[[], Any], attempt: Attempt) -> Any:
    """Call the function; raise errors of the libraries as NestlabErrors.

    These have no reference to the original error.
    """
    try:
        return function()
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001  # every error is translated, none is swallowed
        problem = translate(error, attempt)
    # Raised outside the handler, so that no __context__ leads to a request and its logon header.
    raise problem


def _requests(name: str) -> str:
    return f"requests.exceptions.{name}"


TRANSLATIONS: Mapping[str, Translation] = {
    "pypsrp.exceptions.WinRMError": unspecific_error,
    "pypsrp.exceptions.AuthenticationError": authentication_error,
    "pypsrp.exceptions.WinRMTransportError": http_error,
    "pypsrp.exceptions.WSManFaultError": fault,
    "pypsrp.exceptions._InvalidStateError": unspecific_error,
    "pypsrp.exceptions.InvalidRunspacePoolStateError": unspecific_error,
    "pypsrp.exceptions.InvalidPipelineStateError": unspecific_error,
    "pypsrp.exceptions.InvalidPSRPOperation": unspecific_error,
    "pypsrp.exceptions.FragmentError": unspecific_error,
    "pypsrp.exceptions.SerializationError": unspecific_error,
    "pypsrp._pool_manager.NewConnectionDisabled": connection_error,
    **{
        _requests(name): unspecific_error
        for name in (
            "RequestException",
            "HTTPError",
            "TooManyRedirects",
            "StreamConsumedError",
            "UnrewindableBodyError",
        )
    },
    **{
        _requests(name): unspecific_error
        for name in ("InvalidJSONError", "JSONDecodeError", "ContentDecodingError")
    },
    **{
        _requests(name): connection_error
        for name in ("ConnectionError", "ChunkedEncodingError", "RetryError", "ProxyError")
    },
    **{_requests(name): timeout_error for name in ("Timeout", "ConnectTimeout", "ReadTimeout")},
    **{
        _requests(name): option_error
        for name in (
            "URLRequired",
            "MissingSchema",
            "InvalidSchema",
            "InvalidURL",
            "InvalidProxyURL",
            "InvalidHeader",
        )
    },
    _requests("SSLError"): tls_error,
    "requests_credssp.exceptions.AuthenticationException": authentication_error,
    "requests_credssp.exceptions.InvalidConfigurationException": option_error,
    "requests_credssp.exceptions.NTStatusException": logon_error,
    "spnego.exceptions.FeatureMissingError": logon_error,
    "spnego.exceptions.NativeError": logon_error,
    "spnego.exceptions.SpnegoError": logon_error,
    **{
        f"spnego.exceptions.{name}": logon_error
        for name in (
            "BadBindingsError",
            "BadMICError",
            "BadMechanismError",
            "BadNameError",
            "ContextExpiredError",
            "CredentialsExpiredError",
            "InvalidCredentialError",
            "InvalidTokenError",
            "NoContextError",
            "NoCredentialError",
            "OperationNotAvailableError",
            "UnsupportedQop",
        )
    },
    "urllib3.exceptions.HTTPError": connection_error,
    "ssl.SSLError": tls_error,
    "builtins.ImportError": library_error,
    "builtins.ValueError": option_error,
    "builtins.OSError": os_error,
}
"""Full names, so that the libraries need not be loaded.

A test fails if one of their exceptions is missing here.
"""
