# Runs statements in a guest over PowerShell Direct: one constant text, everything else arrives as parameters.
#   VMName, Credential   the path to the guest, one entry per hop: the VM on this machine first
#   Statements           hashtables: Pipeline (hashtables of Command and Parameters), OnError (Stop, Continue, SilentlyContinue)
# The last object is NestLab.GuestDone. Where it is missing, the guest was not reached, and the error stream says why;
# NestLab.GuestRefused names the VM that rejected its credential.
# Select-Object is named with its module: in a restricted session, the bare name is a function without -Skip.
param(
    [string[]] $VMName,
    [pscredential[]] $Credential,
    [object[]] $Statements
)

$body = {
    param([object[]] $VMName, [object[]] $Credential, [object[]] $Statements, [string] $Body)

    if ($VMName.Count -gt 0) {
        $names = @($VMName | Microsoft.PowerShell.Utility\Select-Object -Skip 1)
        $credentials = @($Credential | Microsoft.PowerShell.Utility\Select-Object -Skip 1)
        $there = @{
            VMName = $VMName[0]
            Credential = $Credential[0]
            ScriptBlock = [scriptblock]::Create($Body)
            ArgumentList = $names, $credentials, $Statements, $Body
        }
        Invoke-Command @there -ErrorVariable problems
        # Only this machine sees the type of the exception: on the way back it becomes a RemoteException.
        foreach ($problem in $problems) {
            if ($problem.Exception.GetType().Name -eq 'PSDirectException') {
                [pscustomobject] @{ PSTypeName = 'NestLab.GuestRefused'; VMName = $VMName[0] }
            }
        }
        return
    }

    $done = @{ PSTypeName = 'NestLab.GuestDone'; Index = -1; Message = ''; Category = ''; ErrorId = ''; Target = ''; ExceptionType = '' }
    for ($index = 0; $index -lt $Statements.Count; $index++) {
        $statement = $Statements[$index]
        try {
            $values = $null
            $isFirst = $true
            foreach ($step in $statement.Pipeline) {
                $command = $step.Command
                $parameters = $step.Parameters
                if ($isFirst) {
                    $values = @(& $command @parameters)
                } else {
                    $values = @($values | & $command @parameters)
                }
                $isFirst = $false
            }
            $values
        } catch {
            if ($statement.OnError -eq 'Continue') {
                Write-Error -ErrorRecord $_ -ErrorAction Continue
            } elseif ($statement.OnError -ne 'SilentlyContinue') {
                $done.Index = $index
                $done.Message = $_.Exception.Message
                $done.Category = $_.CategoryInfo.Category.ToString()
                $done.ErrorId = $_.FullyQualifiedErrorId
                $done.Target = [string] $_.TargetObject
                $done.ExceptionType = $_.Exception.GetType().FullName
                break
            }
        }
    }
    [pscustomobject] $done
}

& $body $VMName $Credential $Statements $body.ToString()
