function Invoke-LabBlock {
    <#
    .SYNOPSIS
        Runs a block of code on this computer, or in a VM over PowerShell Direct, any number of levels down.
    #>
    [CmdletBinding()]
    param(
        # The names of the VMs on the way, the one on this computer first; none for this computer.
        [object[]] $Machine,
        # The credential of each VM on the way.
        [object[]] $Account,
        # The text of the block.
        [string] $Block,
        # What the block gets as its arguments: the values of the step, and the preferences for each change.
        [hashtable] $Data,
        [hashtable] $Preference = @{}
    )
    $hop = {
        param([object[]] $Machine, [object[]] $Account, [string] $Block, [hashtable] $Data, [hashtable] $Preference, [string] $Hop, [string] $SeveralVMs)
        if ($Machine.Count -eq 0) {
            # A block declares only those of the two that it uses.
            return & ([scriptblock]::Create($Block)) -Data $Data -Preference $Preference
        }
        $found = @(Get-VM -ErrorAction Stop | Where-Object -Property Name -EQ -Value $Machine[0])
        if ($found.Count -ne 1) {
            throw ($SeveralVMs -f $found.Count, $Machine[0])
        }
        $inside = @{
            VMId = $found[0].Id
            Credential = $Account[0]
            ScriptBlock = [scriptblock]::Create($Hop)
            ArgumentList = @($Machine | Select-Object -Skip 1), @($Account | Select-Object -Skip 1), $Block, $Data, $Preference, $Hop, $SeveralVMs
            ErrorAction = 'Stop'
        }
        Invoke-Command @inside
    }
    $text = $hop.ToString()
    & $hop $Machine $Account $Block $Data $Preference $text $lab.Texts.SeveralVMs
}

function Wait-LabCondition {
    <#
    .SYNOPSIS
        Runs a block on a machine until it returns true. Returns false when the time is up.
    #>
    [CmdletBinding()]
    param(
        # The arguments of Invoke-LabBlock.
        [hashtable] $Call,
        # What is waited for, as text.
        [string] $Activity,
        # How long, in seconds; 0 runs it once.
        [int] $Seconds
    )
    $started = (Get-Date).ToUniversalTime()
    while ($true) {
        $problem = $lab.Texts.NotYet
        try {
            if (Invoke-LabBlock @Call) {
                Write-Progress -Activity $Activity -Completed
                return $true
            }
        } catch {
            # A guest that is starting refuses sessions for a while; the last reason is shown.
            $problem = $_.Exception.Message
        }
        $waited = [int] ((Get-Date).ToUniversalTime() - $started).TotalSeconds
        if ($waited -ge $Seconds) {
            Write-Progress -Activity $Activity -Completed
            Write-Verbose -Message "${Activity}: $problem"
            return $false
        }
        Write-Progress -Activity $Activity -Status ($lab.Texts.Waiting -f $waited, $Seconds, $problem) -PercentComplete (100 * $waited / $Seconds)
        Start-Sleep -Seconds 5
    }
}

function Get-LabValue {
    <#
    .SYNOPSIS
        Returns the values of a step, with those that only the machines know: folders, names of adapters, sizes of files.
    #>
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        # The step, as it is in the data file.
        [hashtable] $Step,
        # The machine of the step, and the host of that machine: arguments of Invoke-LabBlock.
        [hashtable] $Inside,
        [hashtable] $Outside
    )
    $values = $Step.Data.Clone()
    foreach ($place in @{ Key = 'InDiskFolder'; Call = $Inside }, @{ Key = 'InDiskFolderOfHost'; Call = $Outside }) {
        if (-not $Step.ContainsKey($place.Key)) {
            continue
        }
        $call = $place.Call
        $folder = Invoke-LabBlock @call -Data @{} -Block '(Get-VMHost -ErrorAction Stop).VirtualHardDiskPath'
        foreach ($name in $Step[$place.Key].Keys) {
            $values[$name] = $folder.TrimEnd('\') + '\' + $Step[$place.Key][$name]
        }
    }
    if ($Step.ContainsKey('GuestAdapters')) {
        # Windows names the adapters of a guest in its own language: they are found by MAC address.
        $addresses = @(
            foreach ($adapter in $Step.GuestAdapters) {
                Invoke-LabBlock @Outside -Data @{ VMName = $Step.Machine[-1]; Adapter = $adapter } -Block {
                    param($Data)
                    Get-VM -ErrorAction Stop |
                        Where-Object -Property Name -EQ -Value $Data.VMName |
                        Get-VMNetworkAdapter -ErrorAction Stop |
                        Where-Object -Property Name -EQ -Value $Data.Adapter |
                        ForEach-Object -Process { $_.MacAddress -replace '(..)(?!$)', '$1-' }
                }
            }
        )
        $names = @(
            foreach ($address in $addresses) {
                Invoke-LabBlock @Inside -Data @{ MacAddress = $address } -Block {
                    param($Data)
                    # An adapter that an External switch is bound to is not an IP interface; the management adapter of the switch has its MAC address.
                    $interfaces = @(Get-NetIPInterface -AddressFamily IPv4 -ErrorAction Stop)
                    $adapters = @(Get-NetAdapter -ErrorAction Stop | Where-Object -Property MacAddress -EQ -Value $Data.MacAddress)
                    $own = @($adapters | Where-Object -Property Name -In -Value $interfaces.InterfaceAlias)
                    $own + $adapters | Select-Object -First 1 -ExpandProperty Name
                }
            }
        )
        if ($names.Count -ne @($Step.GuestAdapters).Count) {
            throw ($lab.Texts.NoAdapters -f ($Step.Machine -join '/'), ($Step.GuestAdapters -join ', '))
        }
        $values[$Step.GuestAdapterValue] = if ($names.Count -eq 1) { $names[0] } else { $names }
    }
    if ($Step.ContainsKey('SwitchAdapter')) {
        # Windows can give an adapter on a switch another name than vEthernet (NAME): it is found by its device.
        $names = @(
            Invoke-LabBlock @Inside -Data $Step.SwitchAdapter -Block {
                param($Data)
                $adapters = @(Get-VMNetworkAdapter -ManagementOS -ErrorAction Stop | Where-Object -Property SwitchName -EQ -Value $Data.Switch)
                $own = @($adapters | Where-Object -Property Name -EQ -Value $Data.Adapter)
                # The main adapter of a switch has its name, or is the first.
                if ($Data.IsMain) {
                    $own = @($own + $adapters | Select-Object -First 1)
                }
                foreach ($adapter in $own) {
                    Get-NetAdapter -ErrorAction Stop | Where-Object -Property DeviceID -EQ -Value $adapter.DeviceId | Select-Object -ExpandProperty Name
                }
            }
        )
        if ($names.Count -ne 1) {
            $place = if (@($Step.Machine).Count -eq 0) { $lab.Texts.ThisComputer } else { $Step.Machine -join '/' }
            throw ($lab.Texts.NoSwitchAdapter -f $place, $Step.SwitchAdapter.Adapter, $Step.SwitchAdapter.Switch)
        }
        $values.InterfaceAlias = $names[0]
    }
    if ($Step.ContainsKey('SizeOf')) {
        $values.FileSize = Invoke-LabBlock @Outside -Data @{ Path = $values[$Step.SizeOf] } -Block {
            param($Data)
            (Get-VHD -Path $Data.Path -ErrorAction Stop).FileSize
        }
    }
    return $values
}

function Get-LabPlace {
    <#
    .SYNOPSIS
        Returns where a step runs: the name of the machine, and the arguments of Invoke-LabBlock for it and for its host.
    #>
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        # The step, as it is in the data file.
        [hashtable] $Step,
        # The credentials by their names.
        [hashtable] $AccountOf
    )
    $path = @($Step.Machine)
    $accounts = @($Step.Accounts | ForEach-Object -Process { $AccountOf[$_] })
    return @{
        Name = if ($path.Count -eq 0) { $lab.Texts.ThisComputer } else { $path -join '/' }
        Inside = @{ Machine = $path; Account = $accounts }
        Outside = @{ Machine = @($path | Select-Object -SkipLast 1); Account = @($accounts | Select-Object -SkipLast 1) }
        IsKnown = $accounts -notcontains $null
    }
}

function Get-LabConflict {
    <#
    .SYNOPSIS
        Returns the conflicts of a step with what the script did not create; nothing where it may run.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param(
        # The step in the script and in the data file, its values, and where it runs.
        [hashtable] $Code,
        [hashtable] $Step,
        [hashtable] $Values,
        [hashtable] $Place
    )
    if (-not $Code.ContainsKey('Conflicts')) {
        return
    }
    $call = $Place.Inside
    $number = 0
    foreach ($block in $Code.Conflicts) {
        if (Invoke-LabBlock @call -Data $Values -Block $block) {
            "$($Place.Name): $($Step.Title): $(@($Step.Conflicts)[$number])"
        }
        $number += 1
    }
}

function Get-LabText {
    <#
    .SYNOPSIS
        Returns a line of a file as text, with the parts of a credential that it names.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param(
        # A text, or a table of an account and the parts of the text.
        [object] $Line,
        # The credentials by their names, and the hashes of their passwords that have been asked for.
        [hashtable] $AccountOf,
        [hashtable] $HashOf
    )
    if ($Line -is [string]) {
        return $Line
    }
    $credential = $AccountOf[$Line.Account].GetNetworkCredential()
    $user = $credential.UserName
    if ($Line.ContainsKey('NotFor') -and $Line.NotFor -contains $user) {
        return ''
    }
    $words = @(
        foreach ($part in $Line.Parts) {
            if ($part -is [string]) {
                $part
            } elseif ($part.Part -eq 'AccountName') {
                $user.ToLower()
            } elseif ($part.Part -eq 'UserName') {
                [Security.SecurityElement]::Escape($user)
            } elseif ($part.Part -eq 'EncodedPassword') {
                # As answer files have it, which is not encrypted.
                [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($credential.Password + $part.Suffix))
            } else {
                if (-not $HashOf.ContainsKey($Line.Account)) {
                    # Windows cannot compute it; mkpasswd -m bcrypt on Linux does.
                    $hash = Read-Host -Prompt ($lab.Texts.AskHash -f $user)
                    if ($hash -notmatch '^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$') {
                        throw ($lab.Texts.NoHash -f $user)
                    }
                    $HashOf[$Line.Account] = $hash
                }
                $HashOf[$Line.Account]
            }
        }
    )
    return $words -join ''
}
