<#
    Two networks and a machine between them, with a prefix for all names.
#>
@{
    AllNodes = @(
        @{
            NodeName                = '*';
            PrefixLength            = 24;
            DefaultGateway          = '10.30.0.1';
            DnsServerAddress        = '10.30.0.10', '10.30.0.11';
            Lability_SwitchName     = 'Inside';
            Lability_StartupMemory  = 3GB;
            Lability_ProcessorCount = 2;
            Lability_Media          = '2022_x64_Datacenter_EN_Eval';
        },
        @{
            NodeName                  = 'EDGE';
            IPAddress                 = '10.30.0.1';
            DefaultGateway            = '';
            SecondaryIPAddress        = '203.0.113.2';
            SecondaryPrefixLength     = 29;
            SecondaryDefaultGateway   = '203.0.113.1';
            SecondaryDnsServerAddress = '203.0.113.1';
            Role                      = 'Router';
            Lability_SwitchName       = 'Inside', 'Outside';
            Lability_MACAddress       = '00-15-5d-30-00-01', '00-15-5d-30-00-02';
            Lability_NICName          = 'LAN', 'WAN';
            Lability_WarningMessage   = @'
Set up routing and NAT on EDGE
after its deployment.
'@;
        },
        @{ NodeName = 'DC1'; IPAddress = '10.30.0.10'; Lability_HardDiskDrive = @( @{ Generation = 'VHDX'; MaximumSizeBytes = 40GB } ) },
        @{ NodeName = 'DC2'; IPAddress = '10.30.0.11'; Lability_HardDiskDrive = @( @{ Generation = 'VHDX'; MaximumSizeBytes = 40GB } ) },
        @{ NodeName = 'CLIENT'; Lability_Media = 'ClientGold'; Lability_DvdDrive = @{ ControllerNumber = 0; ControllerLocation = 3; Path = 'D:\iso\tools.iso' } }
    );
    NonNodeData = @{
        Lability = @{
            EnvironmentPrefix = 'EL-';
            Network = @(
                @{ Name = 'Inside'; Type = 'Private'; }
                @{ Name = 'Outside'; Type = 'External'; NetAdapterName = 'Ethernet 2'; AllowManagementOS = $true; }
            );
            Media = (
                @{
                    Id           = 'ClientGold';
                    Filename     = 'client-gold.vhdx';
                    Architecture = 'x64';
                    MediaType    = 'VHD';
                    Uri          = '\\files.example\images\client-gold.vhdx';
                }
            );
        };
    };
};
