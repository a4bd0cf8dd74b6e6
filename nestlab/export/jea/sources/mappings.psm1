function Test-NestLabMapping {
    param([object] $Mapping)

    $lab = $MyInvocation.MyCommand.Module.PrivateData.NestLab
    return $Mapping -is [Microsoft.Management.Infrastructure.CimInstance] -and @($lab.Nats) -contains $Mapping.NatName
}
