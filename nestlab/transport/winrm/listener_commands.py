"""The cmdlets that make WinRM of a host listen on a port."""

from __future__ import annotations

ELEVATED = "On the host, in an elevated Windows PowerShell:"
HTTP_PORT, HTTPS_PORT = 5985, 5986


def listener_commands(port: int, *, tls: bool) -> str:
    """Return the cmdlets that make a host listen on a port, and open it in the firewall.

    -Port of New-Item: about_WSMan_Provider.
    """
    transport = "HTTPS" if tls else "HTTP"
    certificate = "$c = New-SelfSignedCertificate -DnsName $env:COMPUTERNAME -CertStoreLocation Cert:\\LocalMachine\\My; "
    other_port = "" if port == (HTTPS_PORT if tls else HTTP_PORT) else f" -Port {port}"
    return (
        f"{ELEVATED} {certificate if tls else ''}New-Item WSMan:\\localhost\\Listener -Transport {transport} -Address *{other_port}"
        f"{' -CertificateThumbPrint $c.Thumbprint' if tls else ''} -Force; "
        f"New-NetFirewallRule -DisplayName 'WinRM {transport}' -Direction Inbound -Protocol TCP -LocalPort {port} -Action Allow"
    )
