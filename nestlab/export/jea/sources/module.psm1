%{title}
# nestlab wrote this file. Commands with rules are visible only if their module is imported when the session starts;
# a module that the host does not have is left out, and so are its commands.
foreach ($module in %{modules}) {
    if (Get-Module -ListAvailable -Name $module) {
        Import-Module -Name $module -Global
    }
}
