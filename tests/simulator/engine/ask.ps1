# Answers questions, one JSON object a line in the file -Questions, with one JSON object a line in the file -Answers.
param([string] $Questions, [string] $Answers)

function Get-Answer($question) {
    switch ($question.kind) {
        'matches' {
            $options = if ($question.case_sensitive) { 'None' } else { 'IgnoreCase' }
            $pattern = New-Object System.Management.Automation.WildcardPattern $question.pattern, $options
            return $pattern.IsMatch($question.text)
        }
        'has_wildcard' { return [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($question.pattern) }
        'escape' { return [System.Management.Automation.WildcardPattern]::Escape($question.pattern) }
        'compare' {
            $parameters = @{ Property = 'P'; Value = $question.right; $question.operator = $true }
            $passed = New-Object psobject -Property @{ P = $question.left } | Where-Object @parameters
            return $null -ne $passed
        }
        'parse' {
            $tokens = $null
            $errors = $null
            $null = [System.Management.Automation.Language.Parser]::ParseInput($question.text, [ref] $tokens, [ref] $errors)
            return (@($errors | ForEach-Object { $_.ErrorId }) -join ' ')
        }
    }
}

$utf8 = New-Object System.Text.UTF8Encoding $false
foreach ($line in [System.IO.File]::ReadAllLines($Questions, $utf8)) {
    $question = ConvertFrom-Json $line
    try {
        $answer = @{ id = $question.id; answer = Get-Answer $question }
    } catch {
        $answer = @{ id = $question.id; error = $_.Exception.GetBaseException().GetType().Name }
    }
    [System.IO.File]::AppendAllText($Answers, (ConvertTo-Json -Compress -InputObject $answer) + "`n", $utf8)
}
