function Get-NestLabRefusal {
    param([string] $Message, [object] $Target)

    $exception = New-Object -TypeName System.UnauthorizedAccessException -ArgumentList $Message
    $arguments = $exception, 'NotInThisLab', [System.Management.Automation.ErrorCategory]::PermissionDenied, $Target
    New-Object -TypeName System.Management.Automation.ErrorRecord -ArgumentList $arguments
}

function Invoke-NestLabGuest {
    <#
    .SYNOPSIS
    Runs commands of nestlab in a VM of this lab, over PowerShell Direct.

    .DESCRIPTION
    The body of a function is not restricted as the session is. So it accepts the VMs of this lab only, and in them only the
    commands that nestlab sends: the private data of the module lists both.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string[]] $VMName,
        [Parameter(Mandatory = $true)] [pscredential[]] $Credential,
        [Parameter(Mandatory = $true)] [object[]] $Statements
    )

    $lab = $MyInvocation.MyCommand.Module.PrivateData.NestLab
    if (-not $lab.Guests.ContainsKey($VMName[0])) {
        $PSCmdlet.ThrowTerminatingError((Get-NestLabRefusal "The VM '$($VMName[0])' is not in this lab." $VMName[0]))
    }
    for ($index = 1; $index -lt $VMName.Count; $index++) {
        if (@($lab.Guests[$VMName[0]]) -notcontains $VMName[$index]) {
            $message = "The VM '$($VMName[$index])' is not inside '$($VMName[0])' in this lab."
            $PSCmdlet.ThrowTerminatingError((Get-NestLabRefusal $message $VMName[$index]))
        }
    }
    foreach ($statement in $Statements) {
        foreach ($step in $statement.Pipeline) {
            if ($step.Command -isnot [string] -or $lab.GuestCommands -notcontains $step.Command) {
                $message = "The command '$($step.Command)' is not among those that nestlab runs in guests."
                $PSCmdlet.ThrowTerminatingError((Get-NestLabRefusal $message $step.Command))
            }
        }
    }
    %{script} -VMName $VMName -Credential $Credential -Statements $Statements
}
