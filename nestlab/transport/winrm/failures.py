"""Errors of pypsrp, requests and their libraries as errors of nestlab.

No error of nestlab refers to one of theirs: a requests exception holds its request, and with it the
logon header.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nestlab.errors import Cancelled, NestlabError
from nestlab.transport.winrm.explanations import (
    Attempt,
    authentication,
    bad_option,
    connection,
    error_text,
    http,
    logon,
    missing_library,
    os_error,
    other,
    session_error,
    timeout,
    tls,
)
from nestlab.transport.winrm.wsman_faults import fault

Translation = Callable[[Any, Attempt], NestlabError]


def translate(error: Exception, attempt: Attempt) -> NestlabError:
    """Return the NestlabError for an error of a library; a NestlabError is returned as it is."""
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
    "pypsrp.exceptions.WinRMError": other,
    "pypsrp.exceptions.AuthenticationError": authentication,
    "pypsrp.exceptions.WinRMTransportError": http,
    "pypsrp.exceptions.WSManFaultError": fault,
    "pypsrp.exceptions._InvalidStateError": other,
    "pypsrp.exceptions.InvalidRunspacePoolStateError": other,
    "pypsrp.exceptions.InvalidPipelineStateError": other,
    "pypsrp.exceptions.InvalidPSRPOperation": other,
    "pypsrp.exceptions.FragmentError": other,
    "pypsrp.exceptions.SerializationError": other,
    "pypsrp._pool_manager.NewConnectionDisabled": connection,
    **{
        _requests(name): other
        for name in (
            "RequestException",
            "HTTPError",
            "TooManyRedirects",
            "StreamConsumedError",
            "UnrewindableBodyError",
        )
    },
    **{
        _requests(name): other
        for name in ("InvalidJSONError", "JSONDecodeError", "ContentDecodingError")
    },
    **{
        _requests(name): connection
        for name in ("ConnectionError", "ChunkedEncodingError", "RetryError", "ProxyError")
    },
    **{_requests(name): timeout for name in ("Timeout", "ConnectTimeout", "ReadTimeout")},
    **{
        _requests(name): bad_option
        for name in (
            "URLRequired",
            "MissingSchema",
            "InvalidSchema",
            "InvalidURL",
            "InvalidProxyURL",
            "InvalidHeader",
        )
    },
    _requests("SSLError"): tls,
    "requests_credssp.exceptions.AuthenticationException": authentication,
    "requests_credssp.exceptions.InvalidConfigurationException": bad_option,
    "requests_credssp.exceptions.NTStatusException": logon,
    "spnego.exceptions.FeatureMissingError": logon,
    "spnego.exceptions.NativeError": logon,
    "spnego.exceptions.SpnegoError": logon,
    **{
        f"spnego.exceptions.{name}": logon
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
    "urllib3.exceptions.HTTPError": connection,
    "ssl.SSLError": tls,
    "builtins.ImportError": missing_library,
    "builtins.ValueError": bad_option,
    "builtins.OSError": os_error,
}
"""Full names, so that the libraries need not be loaded.

A test fails where one of their exceptions is missing here.
"""
