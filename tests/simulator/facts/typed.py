"""PowerShell as the vectors write it, as cmdlets: ``HV1> Set-VMProcessor -VMName 'web 1' -Count 2 | Select-Object -Property Name``."""

import re

from nestlab.model import Cmdlet, Secret, Size, SwitchParameter

_TOKEN = re.compile(r"'(?:[^']|'')*'|\||,|[^\s,|']+")
_PARAMETER = re.compile(r"-([A-Za-z]\w*)(:\$(true|false))?")
_SIZE = re.compile(r"\d+(?:KB|MB|GB|TB)")
_CONSTANTS = {"$true": True, "$false": False, "$null": None}


def typed(line):
    """Return the machine path and the cmdlet of a line."""
    where, _, text = line.rpartition("> ")
    cmdlet = None
    for command in reversed(_split(_TOKEN.findall(text), "|")):
        cmdlet = Cmdlet(command[0], _parameters(command[1:]), cmdlet)
    return tuple(where.split("/")) if where else (), cmdlet


def _split(tokens, separator):
    parts = [[]]
    for token in tokens:
        if token == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _parameters(tokens):
    parameters, name = {}, None
    for token in tokens:
        match = _PARAMETER.fullmatch(token)
        if match:
            name = match[1]
            parameters[name] = SwitchParameter.OFF if match[3] == "false" else SwitchParameter.ON
        elif token == ",":
            value = parameters[name]
            parameters[name] = value if isinstance(value, list) else [value]
        elif isinstance(parameters[name], list):
            parameters[name].append(_value(token))
        else:
            parameters[name] = _value(token)
    return parameters


def _value(token):
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    if token.startswith("$"):
        return Secret(token[1:])
    if _SIZE.fullmatch(token):
        return Size.parse(token)
    return int(token) if token.isdigit() else token
