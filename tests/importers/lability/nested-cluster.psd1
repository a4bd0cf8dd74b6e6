@{
    AllNodes = @(
        @{
            NodeName                 = '*'
            Lability_SwitchName      = 'Fabric', 'Storage'
            Lability_StartupMemory   = 8GB
            Lability_MinimumMemory   = 8GB
            Lability_MaximumMemory   = 16GB
            Lability_ProcessorCount  = 4
            Lability_ProcessorOption = @{ ExposeVirtualizationExtensions = $true }
            SubnetMask               = '255.255.255.0'
            Lability_Media           = '2025_x64_Datacenter_EN_Core_Eval'
            Lability_HardDiskDrive   = @(
                @{ Generation = 'VHDX'; MaximumSizeBytes = 200GB }
                @{ Generation = 'VHDX'; MaximumSizeBytes = 200GB }
                @{ Generation = 'VHDX'; MaximumSizeBytes = 1TB }
            )
        }
        @{ NodeName = 'NODE1'; IPAddress = '10.40.0.1', '10.41.0.1' }
        @{ NodeName = 'NODE2'; IPAddress = '10.40.0.2', '10.41.0.2' }
        @{ NodeName = 'NODE3'; IPAddress = '10.40.0.3', '10.41.0.3' }
        @{ NodeName = 'NODE4'; IPAddress = '10.40.0.4', '10.41.0.4' }
        @{
            NodeName                 = 'WITNESS'
            IPAddress                = '10.40.0.9/24', 'fd00::9/64'
            Lability_StartupMemory   = 1GB
            Lability_MinimumMemory   = 512MB
            Lability_MaximumMemory   = 2GB
            Lability_ProcessorCount  = 1
            Lability_ProcessorOption = @{ ExposeVirtualizationExtensions = $false }
            Lability_Media           = 'BlankLegacy'
            Lability_SwitchName      = 'Fabric'
            Lability_HardDiskDrive   = $null
        }
    )
    NonNodeData = @{
        Lability = @{
            Media = @(
                @{
                    Id = 'BlankLegacy'; Filename = '-'; Architecture = 'x86'; MediaType = 'NULL'; Uri = '-'
                    CustomData = @{ DiskSize = 30GB; DiskType = 'Dynamic' }
                }
            )
        }
    }
}
