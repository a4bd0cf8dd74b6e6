<#
.SYNOPSIS
Removes the session configuration %{name} and its module from this computer.

.DESCRIPTION
That restarts WinRM, which ends all remote sessions to this computer. The lab itself stays: undo or destroy it first.

.EXAMPLE
.\Unregister-NestLabRole.ps1
#>
#Requires -Version 5.1
#Requires -PSEdition Desktop
#Requires -RunAsAdministrator
[CmdletBinding(SupportsShouldProcess = $true)]
param()

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$name = %{name}
$target = Join-Path -Path $env:ProgramFiles -ChildPath "WindowsPowerShell\Modules\$name"
if (-not $PSCmdlet.ShouldProcess($name, 'Remove the session configuration, and restart WinRM')) {
    return
}
if (Get-PSSessionConfiguration -Name $name -ErrorAction SilentlyContinue) {
    Unregister-PSSessionConfiguration -Name $name -Force
}
if (Test-Path -LiteralPath $target) {
    Remove-Item -LiteralPath $target -Recurse -Force
}
