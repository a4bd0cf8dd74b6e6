"""Parameters that the simulated host does not support: a call with one of them is an error."""

from __future__ import annotations

from nestlab.model import ErrorRecord, SwitchParameter
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError

_RULE_QUERIES = "Action AssociatedNetFirewallAddressFilter AssociatedNetFirewallApplicationFilter AssociatedNetFirewallInterfaceFilter AssociatedNetFirewallInterfaceTypeFilter AssociatedNetFirewallPortFilter AssociatedNetFirewallProfile AssociatedNetFirewallSecurityFilter AssociatedNetFirewallServiceFilter Description Direction DisplayGroup EdgeTraversalPolicy Enabled Group LocalOnlyMapping LooseSourceMapping Owner PolicyStore PolicyStoreSource TracePolicyStore"

# Command -> its parameters, separated by spaces.
UNSUPPORTED = {
    "Add-DhcpServerv4Reservation": "Description Type",
    "Add-DhcpServerv4Scope": "ActivatePolicies Delay Description LeaseDuration MaxBootpClients NapEnable NapProfile SuperscopeName",
    "Add-VMDvdDrive": "ResourcePoolName",
    "Add-VMHardDiskDrive": "DiskNumber MaximumIOPS MinimumIOPS OverrideCacheAttributes QoSPolicy QoSPolicyID ResourcePoolName SupportPersistentReservations",
    "Add-VMNetworkAdapter": "ResourcePoolName",
    "Convert-VHD": "BlockSizeBytes",
    "Connect-VMNetworkAdapter": "UseAutomaticConnection",
    "Disable-NetAdapterBinding": "AllBindings",
    "Disable-NetFirewallRule": _RULE_QUERIES,
    "Disable-WindowsOptionalFeature": "PackageName Path Remove SystemDrive WindowsDirectory",
    "Enable-NetAdapterBinding": "AllBindings",
    "Dismount-VHD": "SnapshotId",
    "Enable-NetFirewallRule": _RULE_QUERIES,
    "Enable-WindowsOptionalFeature": "PackageName Path SystemDrive WindowsDirectory",
    "Get-CimInstance": "InputObject KeyOnly QueryDialect ResourceUri Shallow",
    "Get-Command": "ArgumentList FullyQualifiedModule ParameterName ParameterType ShowCommandInfo Syntax TotalCount",
    "Get-DhcpServerv4OptionValue": "Brief PolicyName ReservedIP UserClass VendorClass",
    "Get-DhcpServerv4Lease": "AllLeases",
    "Get-ItemProperty": "Exclude Filter Include UseTransaction",
    "Get-NetIPAddress": "AssociatedIPInterface PreferredLifetime SkipAsSource ValidLifetime",
    "Get-NetIPInterface": "AdvertiseDefaultRoute AdvertisedRouterLifetime Advertising AssociatedAdapter AssociatedIPAddress AssociatedNeighbor AssociatedRoute BaseReachableTimeMs ClampMss CompartmentId CurrentHopLimit DadRetransmitTimeMs DadTransmits DirectedMacWolPattern EcnMarking ForceArpNdWolPattern IgnoreDefaultRoutes ManagedAddressConfiguration NeighborDiscoverySupported NeighborUnreachabilityDetection OtherStatefulConfiguration PolicyStore ReachableTimeMs RetransmitTimeMs RouterDiscovery WeakHostReceive WeakHostSend",
    "Find-NetRoute": "LocalIPAddress",
    "Get-NetAdapterBinding": "AllBindings",
    "Get-NetIPConfiguration": "AllCompartments CompartmentId",
    "Get-NetFirewallRule": _RULE_QUERIES,
    "Get-NetRoute": "AssociatedIPInterface CompartmentId PolicyStore PreferredLifetime Publish ValidLifetime",
    "Get-Service": "DependentServices Exclude Include RequiredServices",
    "Get-VM": "ClusterObject",
    "Get-VMSwitch": "ResourcePoolName",
    "Get-Variable": "Exclude Include Scope",
    "Get-WinEvent": "FilterHashtable FilterXml ListLog ListProvider Path ProviderName",
    "Get-WindowsFeature": "Vhd",
    "Get-WindowsOptionalFeature": "PackageName PackagePath Path SystemDrive WindowsDirectory",
    "Install-WindowsFeature": "ConfigurationFilePath IncludeAllSubFeature Vhd",
    "Mount-VHD": "SnapshotId",
    "New-NetFirewallRule": "EdgeTraversalPolicy GPOSession Group InterfaceType LocalAddress LocalOnlyMapping LocalPort LocalUser LooseSourceMapping OverrideBlockRules Owner Package Platform PolicyStore Profile Program RemoteAddress RemoteDynamicKeywordAddresses RemoteMachine RemotePort RemoteUser Service",
    "New-NetIPAddress": "PolicyStore PreferredLifetime SkipAsSource ValidLifetime",
    "New-NetRoute": "PolicyStore PreferredLifetime Publish ValidLifetime",
    "New-VHD": "BlockSizeBytes LogicalSectorSizeBytes PhysicalSectorSizeBytes SourceDisk",
    "New-VM": "GuestStateIsolationType SourceGuestStatePath",
    "Remove-DhcpServerv4OptionValue": "PolicyName ReservedIP UserClass VendorClass",
    "Remove-Item": "Exclude Filter Include Stream",
    "Remove-NetFirewallRule": _RULE_QUERIES,
    "Remove-NetIPAddress": "AddressState PolicyStore PreferredLifetime PrefixOrigin SkipAsSource SuffixOrigin ValidLifetime",
    "Remove-NetRoute": "AssociatedIPInterface CompartmentId PolicyStore PreferredLifetime Publish ValidLifetime",
    "Remove-VMSavedState": "VMSnapshot",
    "Remove-VMSwitch": "ResourcePoolName",
    "Resize-VHD": "ToMinimumSize",
    "Restart-Computer": "Delay For Timeout Wait",
    "Set-DhcpServerv4OptionValue": "DnsDomain PolicyName ReservedIP UserClass VendorClass WinsServer Wpad",
    "Set-DhcpServerv4Scope": "ActivatePolicies Delay LeaseDuration MaxBootpClients NapEnable NapProfile SuperscopeName",
    "Set-DnsClientServerAddress": "Validate",
    "Set-NetIPAddress": "AddressState PolicyStore PreferredLifetime PrefixOrigin SkipAsSource SuffixOrigin ValidLifetime",
    "Set-NetIPInterface": "AdvertiseDefaultRoute AdvertisedRouterLifetime Advertising BaseReachableTimeMs ClampMss CompartmentId CurrentHopLimit DadRetransmitTimeMs DadTransmits DirectedMacWolPattern EcnMarking ForceArpNdWolPattern IgnoreDefaultRoutes ManagedAddressConfiguration NeighborDiscoverySupported NeighborUnreachabilityDetection OtherStatefulConfiguration ReachableTime RetransmitTimeMs RouterDiscovery WeakHostReceive WeakHostSend",
    "Set-NetRoute": "PolicyStore PreferredLifetime Protocol Publish ValidLifetime",
    "Set-VM": "AutomaticCriticalErrorAction AutomaticCriticalErrorActionTimeout GuestControlledCacheTypes HighMemoryMappedIoSpace LockOnDisconnect LowMemoryMappedIoSpace",
    "Set-VMDvdDrive": "ResourcePoolName",
    "Set-VMFirmware": "SecureBootTemplateId",
    "Set-VMHardDiskDrive": "DiskNumber MaximumIOPS MinimumIOPS OverrideCacheAttributes QoSPolicy QoSPolicyID ResourcePoolName SupportPersistentReservations",
    "Set-VMHost": "FibreChannelWwnn FibreChannelWwpnMaximum FibreChannelWwpnMinimum MaximumStorageMigrations MaximumVirtualMachineMigrations ResourceMeteringSaveInterval UseAnyNetworkForMigration VirtualMachineMigrationAuthenticationType VirtualMachineMigrationPerformanceOption",
    "Set-VMKeyProtector": "RestoreLastKnownGoodKeyProtector",
    "Set-VMMemory": "MaximumAmountPerNumaNodeBytes ResourcePoolName",
    "Set-VMNetworkAdapter": "DynamicIPAddressLimit FixSpeed10G IPsecOffloadMaximumSecurityAssociation IeeePriorityTag IovInterruptModeration IovQueuePairsRequested IovWeight MandatoryFeatureId MaximumBandwidth MinimumBandwidthAbsolute MinimumBandwidthWeight NotMonitoredInCluster PacketDirectModerationCount PacketDirectModerationInterval PacketDirectNumProcs PortMirroring ResourcePoolName StormLimit TestReplicaPoolName TestReplicaSwitchName VirtualSubnetId VmmqEnabled VmmqQueuePairs VmqWeight VrssEnabled",
    "Set-VMProcessor": "EnableHostResourceProtection MaximumCountPerNumaNode MaximumCountPerNumaSocket Perfmon ResourcePoolName",
    "Set-VMSwitch": "DefaultFlowMinimumBandwidthAbsolute DefaultFlowMinimumBandwidthWeight DefaultQueueVmmqEnabled DefaultQueueVmmqQueuePairs DefaultQueueVrssEnabled",
    "Start-Service": "Exclude Include",
    "Stop-Service": "Exclude Include",
    "Test-Connection": "Delay Source TimeToLive",
    "Test-NetConnection": "ConstrainInterface ConstrainSourceAddress DiagnoseRouting Hops TraceRoute",
    "Test-Path": "Exclude Filter Include IsValid NewerThan OlderThan",
    "Test-VHD": "SupportPersistentReservations",
    "Uninstall-WindowsFeature": "Remove Vhd",
    "Add-PartitionAccessPath": "DiskId Offset",
    "Format-Volume": "AllocationUnitSize Compress DisableHeatGathering FileSystemLabel InputObject ObjectId Path SetIntegrityStreams ShortFileNameSupport UseLargeFRS",
    "Get-Disk": "Path SerialNumber StorageJob StorageNode StorageSubSystem VirtualDisk iSCSIConnection iSCSISession",
    "Get-ChildItem": "Depth Directory Exclude File Force Include Name Recurse",
    "Get-Item": "Exclude Filter Include Stream",
    "Get-Partition": "DiskId Offset StorageSubSystem UniqueId Volume",
    "Initialize-Disk": "Path VirtualDisk",
    "New-Item": "Name Value",
    "New-Partition": "Alignment DiskPath FriendlyName GptType IsActive IsHidden MbrType Offset",
    "Remove-PartitionAccessPath": "DiskId Offset",
    "Set-Content": "Exclude Filter Include Stream",
    "Set-Disk": "Guid PartitionStyle Path Signature",
}
# Where a cmdlet does not read one of these, it has no visible effect: they concern log files,
# remote computers, output that the cmdlet does not have, and checks that simulated hosts skip.
WITHOUT_EFFECT = (
    "AllowUnverifiedPaths AsJob CimSession ComputerName CreateFullPath Credential DcomAuthentication DomainCredential FileSource Full "
    "Impersonation IncludeAllCompartments IncludeHidden LimitAccess LocalCredential LogLevel LogPath NoDriveLetter NoRestart NoVHD NoWait "
    "OperationTimeoutSec PassThru Passthru ScratchDirectory Session ThrottleLimit WsmanAuthentication"
)


def require_supported(bound: Bound) -> None:
    """Raise PowerShellError if a parameter is given that the simulated host does not support."""
    names = UNSUPPORTED.get(bound.name, "").split()
    for name in bound:
        if name in names and bound[name] is not SwitchParameter.OFF:
            text = (
                f"The simulated host does not simulate -{name} of '{bound.name}'. Nothing was changed. "
                "A real host accepts it; omit it here."
            )
            fully_qualified_id = f"NotSimulated,{bound.name}"
            raise PowerShellError(
                ErrorRecord(
                    text,
                    "NotImplemented",
                    fully_qualified_id,
                    name,
                    "System.NotImplementedException",
                )
            )
