"""The cmdlets that make WinRM of a host listen on a port."""

from __future__ import annotations

from nestlab.texts import mark, translate

ELEVATED = mark("On the host, in an elevated Windows PowerShell:")
HTTP_PORT, HTTPS_PORT = 5985, 5986


def listener_commands(port: int, *, tls: bool) -> str:
    """Return the cmdlets that make a host listen on a port, and open it in the firewall.

    There is one listener for each transport and address, so that Enable-PSRemoting makes that of
    HTTP, and its port is changed: about_Remote_FAQ, about_WSMan_Provider.
    """
    if tls:
        other_port = "" if port == HTTPS_PORT else f" -Port {port}"
        listener = (
            "$c = New-SelfSignedCertificate -DnsName $env:COMPUTERNAME "  # not shown
            "-CertStoreLocation Cert:\\LocalMachine\\My; "
            f"New-Item WSMan:\\localhost\\Listener -Transport HTTPS -Address *{other_port} -CertificateThumbPrint $c.Thumbprint -Force"
        )
    else:
        listener = (
            "Enable-PSRemoting -Force; winrm set "  # not shown
            f"winrm/config/Listener?Address=*+Transport=HTTP '@{{Port=\"{port}\"}}'"
        )
    name = f"WinRM {'HTTPS' if tls else 'HTTP'}"
    rule = (
        f"New-NetFirewallRule -DisplayName '{name}' "  # not shown
        f"-Direction Inbound -Protocol TCP -LocalPort {port} -Action Allow"
    )
    return f"{translate(ELEVATED)} {listener}; {rule}"
