foreach ($name in $GuestAccount.Keys) {
    if ($lab.Accounts -notcontains $name) {
        throw "-GuestAccount: the lab has no account $name. Its accounts: $($lab.Accounts -join ', ')."
    }
}
$accountOf = @{}
foreach ($name in $lab.Accounts) {
    if ($GuestAccount.ContainsKey($name)) {
        $accountOf[$name] = $GuestAccount[$name]
    } elseif ($WhatIfPreference) {
        Write-Verbose -Message "What is inside guests with the account $name is not tested: -WhatIf does not ask for it."
        continue
    } else {
        $accountOf[$name] = Get-Credential -Message "Account of the guests: $name"
    }
    if ($accountOf[$name] -isnot [pscredential]) {
        throw "There is no credential for the account $name. Give one, as Get-Credential returns it, with -GuestAccount or when the script asks."
    }
}
# Preference variables do not reach the functions of other modules: each change gets them as parameters.
# A step is confirmed as a whole before its changes run.
$preference = @{ WhatIf = [bool] $WhatIfPreference; Confirm = $false; ErrorAction = 'Stop' }
$ready = @{}
$hashOf = @{}
$isRefused = $false
$number = 0

foreach ($code in $steps) {
    $step = $lab.Steps[$code.Step]
    $path = @($step.Machine)
    $place = if ($path.Count -eq 0) { 'this computer' } else { $path -join '/' }
    Write-Progress -Activity $lab.Topology -Status "${place}: $($step.Title)" -PercentComplete (100 * $number / $steps.Count)
    $number += 1
    $accounts = @($step.Accounts | ForEach-Object -Process { $accountOf[$_] })
    $inside = @{ Machine = $path; Account = $accounts }
    $outside = @{ Machine = @($path | Select-Object -SkipLast 1); Account = @($accounts | Select-Object -SkipLast 1) }
    $row = [pscustomobject] @{ Machine = $place; Step = $step.Title; Result = 'not needed' }
    $values = $null
    $isNeeded = $true
    $isConflict = $false
    if (-not $ready.ContainsKey($place) -and $accounts -notcontains $null) {
        $seconds = if ($WhatIfPreference -or $isRefused) { 0 } else { 60 * $TimeoutMinutes }
        $started = @{ Call = $inside + @{ Block = '$true'; Data = @{} }; Activity = "$place starts"; Seconds = $seconds }
        if (Wait-LabCondition @started) {
            $ready[$place] = $true
        } elseif ($isRefused) {
            # A step that was refused may be the one that would have started it.
            $row.Result = 'not done'
            $row
            continue
        } elseif (-not $WhatIfPreference) {
            throw "$place did not answer over PowerShell Direct within $TimeoutMinutes minutes. With -Verbose, the script says why."
        }
    }
    if ($ready.ContainsKey($place)) {
        try {
            $values = Get-LabValue -Step $step -Inside $inside -Outside $outside
            $isNeeded = -not (Invoke-LabBlock @inside -Data $values -Block $code.Test)
            if ($isNeeded -and $code.ContainsKey('Conflict')) {
                $isConflict = Invoke-LabBlock @inside -Data $values -Block $code.Conflict
            }
        } catch {
            if (-not $WhatIfPreference) {
                throw
            }
            # With -WhatIf, what earlier steps would make does not exist.
            Write-Verbose -Message "$($step.Title): $($_.Exception.Message)"
        }
    }
    if ($isConflict) {
        throw "${place}: $($step.Title): $($step.Conflict)"
    }
    if (-not $isNeeded) {
        $row
        continue
    }
    $row.Result = 'not done'
    if ($PSCmdlet.ShouldProcess($place, "$($step.Title), because $($step.Why)")) {
        $on = if ($code.ContainsKey('OnHost')) { $outside } else { $inside }
        foreach ($name in @($step.Texts)) {
            $values[$name] = @($values[$name] | ForEach-Object -Process { Get-LabText -Line $_ -AccountOf $accountOf -HashOf $hashOf })
        }
        $problem = ''
        try {
            $null = Invoke-LabBlock @on -Data $values -Preference $preference -Block $code.Change
        } catch {
            if (-not $code.ContainsKey('Restarts')) {
                throw
            }
            # The session may end before the command that restarts Windows does.
            $problem = " $($_.Exception.Message)"
        }
        if (-not $code.ContainsKey('TestedLater')) {
            $seconds = if ($code.ContainsKey('Restarts')) { 60 * $TimeoutMinutes } else { 0 }
            $effect = @{ Call = $inside + @{ Block = $code.Test; Data = $values }; Activity = $step.Title; Seconds = $seconds }
            if (-not (Wait-LabCondition @effect)) {
                throw "${place}: $($step.Title): the change did not take effect.$problem"
            }
        }
        $row.Result = 'done'
    } else {
        $isRefused = -not $WhatIfPreference
    }
    $row
}
Write-Progress -Activity $lab.Topology -Completed
