"""The base types of .NET exceptions, and their HResults."""

from __future__ import annotations

from types import MappingProxyType

_AUTOMATION = "System.Management.Automation."
_RUNTIME = f"{_AUTOMATION}RuntimeException"
_SYSTEM = "System.SystemException"
_BINDING = f"{_AUTOMATION}ParameterBindingException"

# From the declarations in PowerShell/PowerShell and dotnet/runtime; other exceptions, such as those
# of the Hyper-V module, derive from System.Exception.
_BASES = MappingProxyType(
    {
        f"{_AUTOMATION}ActionPreferenceStopException": _RUNTIME,
        f"{_AUTOMATION}CommandNotFoundException": _RUNTIME,
        f"{_AUTOMATION}ExtendedTypeSystemException": _RUNTIME,
        f"{_AUTOMATION}Host.HostException": _RUNTIME,
        f"{_AUTOMATION}ItemNotFoundException": f"{_AUTOMATION}SessionStateException",
        f"{_AUTOMATION}MethodException": f"{_AUTOMATION}ExtendedTypeSystemException",
        f"{_AUTOMATION}MethodInvocationException": f"{_AUTOMATION}MethodException",
        f"{_AUTOMATION}ParameterBindingArgumentTransformationException": _BINDING,
        f"{_AUTOMATION}ParameterBindingException": _RUNTIME,
        f"{_AUTOMATION}ParameterBindingValidationException": _BINDING,
        f"{_AUTOMATION}ParentContainsErrorRecordException": _SYSTEM,
        f"{_AUTOMATION}ParseException": _RUNTIME,
        f"{_AUTOMATION}PipelineStoppedException": _RUNTIME,
        f"{_AUTOMATION}PSInvalidOperationException": "System.InvalidOperationException",
        f"{_AUTOMATION}RemoteException": _RUNTIME,
        f"{_AUTOMATION}Remoting.PSRemotingTransportException": _RUNTIME,
        _RUNTIME: _SYSTEM,
        f"{_AUTOMATION}SessionStateException": _RUNTIME,
        "Microsoft.PowerShell.Cmdletization.Cim.CimJobException": _SYSTEM,
        "Microsoft.PowerShell.Commands.WriteErrorException": _SYSTEM,
        "System.ArgumentException": _SYSTEM,
        "System.ArgumentNullException": "System.ArgumentException",
        "System.ArgumentOutOfRangeException": "System.ArgumentException",
        "System.FormatException": _SYSTEM,
        "System.InvalidOperationException": _SYSTEM,
        "System.IO.FileNotFoundException": "System.IO.IOException",
        "System.IO.IOException": _SYSTEM,
        "System.NotImplementedException": _SYSTEM,
        "System.NotSupportedException": _SYSTEM,
        "System.UnauthorizedAccessException": _SYSTEM,
        _SYSTEM: "System.Exception",
    }
)

_EXCEPTION, _SYSTEM_EXCEPTION = -2146233088, -2146233087  # COR_E_EXCEPTION, COR_E_SYSTEM
_HRESULTS = MappingProxyType(
    {
        "System.ArgumentException": -2147024809,
        "System.FormatException": -2146233033,
        "System.InvalidOperationException": -2146233079,
        "System.IO.FileNotFoundException": -2147024894,
        "System.IO.IOException": -2146232800,
        "System.NotImplementedException": -2147467263,
        "System.NotSupportedException": -2146233067,
        "System.UnauthorizedAccessException": -2147024891,
        _SYSTEM: _SYSTEM_EXCEPTION,
    }
)


def type_chain(exception_type: str) -> tuple[str, ...]:
    """Return an exception's type and all that it derives from.

    >>> [name.rsplit(".", 1)[-1] for name in type_chain("System.ArgumentNullException")]
    ['ArgumentNullException', 'ArgumentException', 'SystemException', 'Exception', 'Object']
    """
    chain = [exception_type]
    while (base := _BASES.get(chain[-1])) is not None:
        chain.append(base)
    return (*dict.fromkeys((*chain, "System.Exception")), "System.Object")


def hresult_of(chain: tuple[str, ...]) -> int:
    """Return the HResult of an exception of these types."""
    return next((_HRESULTS[name] for name in chain if name in _HRESULTS), _EXCEPTION)


def is_runtime_exception(chain: tuple[str, ...]) -> bool:
    """Whether it is a RuntimeException of PowerShell, which carries its error record."""
    return _RUNTIME in chain


def is_binding_exception(chain: tuple[str, ...]) -> bool:
    """Whether it is a failure of the parameter binder."""
    return _BINDING in chain
