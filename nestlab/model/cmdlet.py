"""One PowerShell cmdlet call as a value."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nestlab.dataclass import dataclass, field
from nestlab.model.parameter_values import Value, decoded, encoded
from nestlab.model.powershell_text import parameter_text


@dataclass(frozen=True)
class Cmdlet:
    """One PowerShell cmdlet call, as data: shown as text, sent to hosts with typed values.

    Parameters keep their order. ``pipe_to`` is the next command of the same pipeline.

    >>> from nestlab.model import SwitchParameter
    >>> print(Cmdlet("Set-VMProcessor", {"VMName": "n1", "ExposeVirtualizationExtensions": True}))
    Set-VMProcessor -VMName 'n1' -ExposeVirtualizationExtensions $true
    >>> print(Cmdlet("Stop-VM", {"Name": "it's", "Force": True, "Confirm": SwitchParameter.OFF}))
    Stop-VM -Name 'it''s' -Force -Confirm:$false
    >>> print(Cmdlet("Get-VM", pipe_to=Cmdlet("Select-Object", {"Property": ["Name", "State"]})))
    Get-VM | Select-Object -Property 'Name','State'
    """

    name: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    pipe_to: Cmdlet | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __str__(self) -> str:
        words = [
            self.name,
            *(parameter_text(name, value) for name, value in self.parameters.items()),
        ]
        text = " ".join(words)
        return f"{text} | {self.pipe_to}" if self.pipe_to else text

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def stages(self) -> tuple[Cmdlet, ...]:
        """The commands of the pipeline, in order."""
        return (self, *self.pipe_to.stages) if self.pipe_to else (self,)

    @property
    def last_command(self) -> Cmdlet:
        """The last command of the pipeline, which acts on the objects that the others return."""
        return self.stages[-1]

    def with_parameters(self, **parameters: Value) -> Cmdlet:
        """Return a copy with these parameters added or replaced."""
        return Cmdlet(self.name, {**self.parameters, **parameters}, self.pipe_to)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data that `from_dict` reads back; secrets only by name."""
        data: dict[str, Any] = {
            "name": self.name,
            "parameters": {k: encoded(v) for k, v in self.parameters.items()},
        }
        if self.pipe_to:
            data["pipe_to"] = self.pipe_to.to_dict()
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Cmdlet:
        """Read what `to_dict` wrote.

        Anything else raises KeyError, ValueError, TypeError or AttributeError.
        """
        parameters = {name: decoded(value) for name, value in data["parameters"].items()}
        return cls(
            data["name"], parameters, cls.from_dict(data["pipe_to"]) if "pipe_to" in data else None
        )

    def _repr_html_(self) -> str:
        from nestlab.html import code  # noqa: PLC0415  # only notebooks need it

        return f"<pre>{code(self)}</pre>"
