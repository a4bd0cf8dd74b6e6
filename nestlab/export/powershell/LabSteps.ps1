foreach ($name in $GuestAccount.Keys) {
    if ($lab.Accounts -notcontains $name) {
        throw ($lab.Texts.NoAccount -f $name, ($lab.Accounts -join ', '))
    }
}
$accountOf = @{}
foreach ($name in $lab.Accounts) {
    if ($GuestAccount.ContainsKey($name)) {
        $accountOf[$name] = $GuestAccount[$name]
    } elseif ($WhatIfPreference) {
        Write-Verbose -Message ($lab.Texts.NotTested -f $name)
        continue
    } else {
        $accountOf[$name] = Get-Credential -Message ($lab.Texts.AskAccount -f $name)
    }
    if ($accountOf[$name] -isnot [pscredential]) {
        throw ($lab.Texts.NoCredential -f $name)
    }
}
# Preference variables do not reach the functions of other modules: each change gets them as parameters.
# A step is confirmed as a whole before its changes run.
$preference = @{ WhatIf = [bool] $WhatIfPreference; Confirm = $false; ErrorAction = 'Stop' }
$ready = @{}
$hashOf = @{}
$isRefused = $false
$number = 0

# All conflicts are listed before the first change: on this computer, then in the guests that answer already.
$conflicts = @()
foreach ($isInGuests in $false, $true) {
    if ($conflicts.Count -ne 0) {
        continue
    }
    $conflicts = @(
        foreach ($code in $steps) {
            $step = $lab.Steps[$code.Step]
            $on = Get-LabPlace -Step $step -AccountOf $accountOf
            $isInside = @($step.Machine).Count -ne 0
            if (-not $code.ContainsKey('Conflicts') -or $isInside -ne $isInGuests -or -not $on.IsKnown) {
                continue
            }
            try {
                $values = Get-LabValue -Step $step -Inside $on.Inside -Outside $on.Outside
                Get-LabConflict -Code $code -Step $step -Values $values -Place $on
            } catch {
                if (-not $isInGuests) {
                    throw
                }
                # In a guest that does not exist or answer yet, it is tested before the step.
                Write-Verbose -Message "$($step.Title): $($_.Exception.Message)"
            }
        }
    )
}
if ($conflicts.Count -ne 0) {
    throw ($lab.Texts.NothingChanged -f ($conflicts -join ' | '))
}

foreach ($code in $steps) {
    $step = $lab.Steps[$code.Step]
    $on = Get-LabPlace -Step $step -AccountOf $accountOf
    $place = $on.Name
    $inside = $on.Inside
    $outside = $on.Outside
    Write-Progress -Activity $lab.Topology -Status "${place}: $($step.Title)" -PercentComplete (100 * $number / $steps.Count)
    $number += 1
    $row = [pscustomobject] @{ Machine = $place; Step = $step.Title; Result = $lab.Texts.NotNeeded }
    $values = $null
    $isNeeded = $true
    $conflicts = @()
    if (-not $ready.ContainsKey($place) -and $on.IsKnown) {
        $seconds = if ($WhatIfPreference -or $isRefused) { 0 } else { 60 * $TimeoutMinutes }
        $started = @{ Call = $inside + @{ Block = '$true'; Data = @{} }; Activity = $lab.Texts.Starting -f $place; Seconds = $seconds }
        if (Wait-LabCondition @started) {
            $ready[$place] = $true
        } elseif ($isRefused) {
            # A step that was refused may be the one that would have started it.
            $row.Result = $lab.Texts.NotDone
            $row
            continue
        } elseif (-not $WhatIfPreference) {
            throw ($lab.Texts.NoAnswer -f $place, $TimeoutMinutes)
        }
    }
    if ($ready.ContainsKey($place)) {
        try {
            $values = Get-LabValue -Step $step -Inside $inside -Outside $outside
            $conflicts = @(Get-LabConflict -Code $code -Step $step -Values $values -Place $on)
            $isNeeded = -not (Invoke-LabBlock @inside -Data $values -Block $code.Test)
        } catch {
            if (-not $WhatIfPreference) {
                throw
            }
            # With -WhatIf, what earlier steps would make does not exist.
            Write-Verbose -Message "$($step.Title): $($_.Exception.Message)"
        }
    }
    if ($conflicts.Count -ne 0) {
        throw ($lab.Texts.Conflicts -f ($conflicts -join ' | '))
    }
    if (-not $isNeeded) {
        $row
        continue
    }
    $row.Result = $lab.Texts.NotDone
    if ($PSCmdlet.ShouldProcess($place, ($lab.Texts.Because -f $step.Title, $step.Why))) {
        $there = if ($code.ContainsKey('OnHost')) { $outside } else { $inside }
        foreach ($name in @($step.Texts)) {
            $values[$name] = @($values[$name] | ForEach-Object -Process { Get-LabText -Line $_ -AccountOf $accountOf -HashOf $hashOf })
        }
        $problem = ''
        try {
            $null = Invoke-LabBlock @there -Data $values -Preference $preference -Block $code.Change
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
                throw (($lab.Texts.NoEffect -f $place, $step.Title) + $problem)
            }
        }
        $row.Result = $lab.Texts.Done
        if ($code.ContainsKey('Stops')) {
            $ready = @{}
        }
    } else {
        $isRefused = -not $WhatIfPreference
    }
    $row
}
Write-Progress -Activity $lab.Topology -Completed
