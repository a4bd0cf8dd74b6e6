"""Known errors of other hypervisors next to Hyper-V, and of Vagrant, Packer and minikube."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation

TOOLS: tuple[Explanation, ...] = (
    Explanation(
        code="hypervisor-has-the-extensions",
        cause="Another hypervisor (VMware, VirtualBox) cannot use or pass on VT-x or AMD-V: the hypervisor of this Windows has them (Hyper-V, WSL 2, virtualization-based security), or they are off in the firmware or not exposed to this VM.",
        check="Get-CimInstance Win32_ComputerSystem | Format-Table Model, HypervisorPresent; Get-CimInstance -Namespace root\\Microsoft\\Windows\\DeviceGuard -ClassName Win32_DeviceGuard | Format-Table VirtualizationBasedSecurityStatus",
        fix="Build the lab in Hyper-V, where this edition of Windows has it; or give the extensions to the other hypervisor: bcdedit /set hypervisorlaunchtype off, turn off virtualization-based security (memory integrity, Credential Guard), and restart. VMs of Hyper-V and WSL 2 do not start then",
        runs_on="the machine on which the other hypervisor runs",
        source="https://github.com/GNS3/gns3-server/issues/2164",
        texts=(
            "virtualized intel vt-x/ept is not supported on this platform",
            "virtualized amd-v/rvi is not supported on this platform",
            "does not support nested virtualization on this host",
            "device/credential guard are not compatible",
            "raw-mode is unavailable courtesy of hyper-v",
            "vt-x is not available",
            "amd-v is not available",
            "verr_vmx_no_vmx",
            "verr_svm_no_svm",
            "verr_nem_vm_create_failed",
            "this host does not support intel vt-x",
            'this host does not support "intel ept"',
        ),
    ),
    Explanation(
        code="kvm-without-extensions",
        cause="The Linux guest finds no virtualization extensions, so KVM does not run in it: the VM does not expose them, or its host cannot.",
        check="Get-VMProcessor -VMName '<VM>' | Select-Object ExposeVirtualizationExtensions, on the host. In the guest: grep -c -E 'vmx|svm' /proc/cpuinfo",
        fix="Stop-VM -Name '<VM>'; Set-VMProcessor -VMName '<VM>' -ExposeVirtualizationExtensions $true; Start-VM -Name '<VM>'; in the guest: modprobe kvm_intel, or kvm_amd",
        runs_on="the host of the VM",
        source="https://learn.microsoft.com/windows-server/virtualization/hyper-v/enable-nested-virtualization",
        texts=(
            "could not insert 'kvm_intel'",
            "could not insert 'kvm_amd'",
            "could not access kvm kernel module",
            "/dev/kvm not found",
            "/dev/kvm not present",
            "/dev/kvm does not exist",
            "cpu does not support kvm extensions",
            "no kvm support",
            "kvm: disabled by bios",
            "kvm is not available",
        ),
    ),
    Explanation(
        code="no-switch-to-use",
        cause="The tool looked for an External switch or the Default Switch, and this machine has neither: a server has no Default Switch, and the lab's own switches are Internal.",
        check="Get-VMSwitch | Format-Table Name, SwitchType, Id",
        fix="Name a switch to the tool (minikube start --hyperv-virtual-switch '<switch>'), or create one: New-VMSwitch -Name '<switch>' -NetAdapterName '<adapter>' -AllowManagementOS $true",
        source="https://github.com/kubernetes/minikube/issues/12001",
        texts=("no external vswitch nor default switch found", "no external vswitch found"),
    ),
    Explanation(
        code="guest-address-not-reported",
        cause="The host does not learn the address of the guest in time: the guest has not booted, got no address (no DHCP on its switch), or does not report it, because its integration services (data exchange) do not run.",
        check="Get-VM -Name '<VM>' | Format-Table State, Heartbeat, Uptime; Get-VMNetworkAdapter -VMName '<VM>' | Format-List SwitchName, IPAddresses, Status",
        fix="Look at its console; connect it to a switch with DHCP (Default Switch, an External switch, or a DHCP server in the lab) or give it a static address; in Linux install hyperv-daemons (Ubuntu: linux-cloud-tools-virtual)",
        runs_on="the host of the VM",
        source="https://github.com/deluxebrain/wsl-vagrant-hyperv-setup/issues/1",
        texts=(
            "failed to determine your machine's ip address",
            "failed to determine ip address",
            "waiting for the machine to report its ip address",
            "no ip address found for this virtual machine",
            "timeout waiting for ssh",
            "timed out waiting for initialization to complete",
            "timed out while waiting for the machine to boot",
        ),
    ),
    Explanation(
        code="host-not-on-switch",
        cause="The machine itself has no adapter on the switch, or that adapter has no address: the switch is Private, or External and not shared with the machine.",
        check="Get-VMNetworkAdapter -ManagementOS | Format-Table Name, SwitchName; Get-NetIPAddress -AddressFamily IPv4",
        fix="Set-VMSwitch -Name '<switch>' -AllowManagementOS $true (External), or use an Internal switch, and give its adapter an address: New-NetIPAddress -InterfaceAlias 'vEthernet (<switch>)' -IPAddress '<address>' -PrefixLength 24",
        source="https://github.com/hashicorp/packer/issues/4947",
        texts=(
            "error getting host adapter ip address",
            "no network adapter is found with the given input",
        ),
    ),
)
