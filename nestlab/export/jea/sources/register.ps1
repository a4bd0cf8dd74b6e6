<#
.SYNOPSIS
Registers the session configuration %{name} on this computer.

.DESCRIPTION
Copies the module with the role capability to Program Files, writes the session configuration for a group, tests it, and
registers it. That restarts WinRM, which ends all remote sessions to this computer. Run it here, not in a remote session.

.PARAMETER Group
The group whose members may connect: 'CONTOSO\LabBuilders'. A local group is named with the computer: 'HV01\LabBuilders'.

.EXAMPLE
.\Register-NestLabRole.ps1 -Group 'CONTOSO\LabBuilders'
#>
#Requires -Version 5.1
#Requires -PSEdition Desktop
#Requires -RunAsAdministrator
#Requires -Modules Hyper-V
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)] [ValidateNotNullOrEmpty()] [string] $Group
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$name = %{name}
$source = Join-Path -Path $PSScriptRoot -ChildPath $name
$modules = Join-Path -Path $env:ProgramFiles -ChildPath 'WindowsPowerShell\Modules'
$target = Join-Path -Path $modules -ChildPath $name
$file = Join-Path -Path $target -ChildPath "$name.pssc"

foreach ($module in %{modules}) {
    if (-not (Get-Module -ListAvailable -Name $module)) {
        Write-Warning -Message "The module $module is not installed: its commands are visible in sessions that begin after it is."
    }
}
if (-not $PSCmdlet.ShouldProcess($name, "Register the session configuration for $Group, and restart WinRM")) {
    return
}

if (Test-Path -LiteralPath $target) {
    Remove-Item -LiteralPath $target -Recurse -Force
}
Copy-Item -LiteralPath $source -Destination $modules -Recurse
$text = [System.IO.File]::ReadAllText((Join-Path -Path $PSScriptRoot -ChildPath "$name.pssc"))
$quoted = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($Group) + "'"
$utf8 = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $true
[System.IO.File]::WriteAllText($file, $text.Replace("%{group}", $quoted), $utf8)
if (-not (Test-PSSessionConfigurationFile -Path $file)) {
    throw "$file is not a valid session configuration: Test-PSSessionConfigurationFile -Path '$file' -Verbose says why."
}
if (Get-PSSessionConfiguration -Name $name -ErrorAction SilentlyContinue) {
    Unregister-PSSessionConfiguration -Name $name -Force
}
Register-PSSessionConfiguration -Name $name -Path $file -Force
