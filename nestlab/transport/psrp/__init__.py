"""PowerShell remoting (MS-PSRP): messages, runspace pools and pipelines, whatever carries them."""
