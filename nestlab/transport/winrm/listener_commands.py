"""The cmdlets that make WinRM of a host listen on a port."""

from __future__ import annotations

ELEVATED = "On the host, in an elevated Windows PowerShell:"
HTTP_PORT, HTTPS_PORT = 5985, 5986


def listener_commands(port: int, *, tls: bool) -> str:
    """Return the cmdlets that make a host listen on a port, and open it in the firewall.

    There is one listener for each transport and address, so that Enable-PSRemoting makes that of
    HTTP, and its port is changed: about_Remote_FAQ, about_WSMan_Provider.
    """
    if tls:
        other_port = "" if port == HTTPS_PORT else f" -Port {port}"
        listener = (
            "$c = New-SelfSignedCertificate -DnsName $env:COMPUTERNAME -CertStoreLocation Cert:\\LocalMachine\\My; "
            f"New-Item WSMan:\\localhost\\Listener -Transport HTTPS -Address *{other_port} -CertificateThumbPrint $c.Thumbprint -Force"
        )
    else:
        listener = f"Enable-PSRemoting -Force; winrm set winrm/config/Listener?Address=*+Transport=HTTP '@{{Port=\"{port}\"}}'"
    name = f"WinRM {'HTTPS' if tls else 'HTTP'}"
    return f"{ELEVATED} {listener}; New-NetFirewallRule -DisplayName '{name}' -Direction Inbound -Protocol TCP -LocalPort {port} -Action Allow"
