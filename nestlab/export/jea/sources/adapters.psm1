function Test-NestLabAdapter {
    param([object] $Adapter)

    $lab = $MyInvocation.MyCommand.Module.PrivateData.NestLab
    if ($Adapter -isnot [Microsoft.HyperV.PowerShell.VMNetworkAdapterBase]) {
        return $false
    }
    if ($Adapter.IsManagementOs) {
        return @($lab.ManagementAdapters) -contains $Adapter.Name -and @($lab.Switches) -contains $Adapter.SwitchName
    }
    return $lab.Guests.ContainsKey($Adapter.VMName)
}
