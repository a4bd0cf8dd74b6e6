# A training room: a domain controller, two members and four student machines behind a NAT of the host.
@{
    AllNodes    = @(
        @{
            NodeName                    = '*'
            InterfaceAlias              = 'Ethernet'
            AddressFamily               = 'IPv4'
            DefaultGateway              = '172.20.5.254'
            SubnetMask                  = 24
            IPNetwork                   = '172.20.5.0/24'
            IPNatName                   = 'TrainingNat'
            DnsServerAddress            = '172.20.5.10'
            DomainName                  = 'training.example'
            LabPassword                 = 'never-to-be-imported'
            PSDscAllowPlainTextPassword = $true
            CertificateFile             = "$env:AllUsersProfile\Lability\Certificates\LabClient.cer"
            Lability_SwitchName         = 'TrainingNet'
            Lability_ProcessorCount     = 1
            Lability_MinimumMemory      = 1GB
            SecureBoot                  = $false
            Lability_Media              = '2019_x64_Standard_EN_Core_Eval'
        }
        @{
            NodeName                = 'TDC'
            IPAddress               = '172.20.5.10'
            DnsServerAddress        = '127.0.0.1'
            Role                    = @('DC', 'DHCP', 'ADCS')
            Lability_ProcessorCount = 2
            Lability_BootOrder      = 10
            Lability_BootDelay      = 60
            Lability_timeZone       = 'W. Europe Standard Time'
        }
        @{ NodeName = 'TSRV1'; IPAddress = '172.20.5.21'; Role = 'DomainJoin'; Lability_BootOrder = 20 }
        @{ NodeName = 'TSRV2'; IPAddress = '172.20.5.22'; Role = 'DomainJoin'; Lability_BootOrder = 20 }
        @{
            NodeName               = 'STUDENT01'
            IPAddress              = '172.20.5.101'
            Role                   = @('RSAT', 'RDP')
            Lability_MinimumMemory = 2GB
            Lability_Media         = 'WIN11_x64_Enterprise_24H2_EN_Eval'
        }
        @{
            NodeName               = 'STUDENT02'
            IPAddress              = '172.20.5.102'
            Role                   = @('RSAT', 'RDP')
            Lability_MinimumMemory = 2GB
            Lability_Media         = 'WIN11_x64_Enterprise_24H2_EN_Eval'
        }
        @{
            NodeName               = 'STUDENT03'
            IPAddress              = '172.20.5.103'
            Role                   = @('RSAT', 'RDP')
            Lability_MinimumMemory = 2GB
            Lability_Media         = 'WIN11_x64_Enterprise_24H2_EN_Eval'
        }
        @{
            NodeName               = 'STUDENT04'
            IPAddress              = '172.20.5.104'
            Role                   = @('RSAT', 'RDP')
            Lability_MinimumMemory = 2GB
            Lability_Media         = 'WIN11_x64_Enterprise_24H2_EN_Eval'
        }
    )
    NonNodeData = @{
        Lability = @{
            Network     = @( @{ Name = 'TrainingNet'; Type = 'Internal' } )
            DSCResource = @(
                @{ Name = 'ActiveDirectoryDsc'; RequiredVersion = '6.0.1' },
                @{ Name = 'NetworkingDsc'; RequiredVersion = '9.0.0' }
            )
        }
    }
}
