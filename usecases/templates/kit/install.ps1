# Windows PowerShell: .\install.ps1 [FOLDER] [--lang fr]     No network is needed. install.cmd starts this file.
$kit = Split-Path -Parent $MyInvocation.MyCommand.Path
$test = "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '@PYTHON@')"
foreach ($candidate in @("py -@PYTHON@", "python@PYTHON@", "python", "python3")) {
    $words = $candidate.Split(" ")
    $options = @($words | Select-Object -Skip 1)
    if (Get-Command $words[0] -ErrorAction SilentlyContinue) {
        & $words[0] @options -c $test 2>$null | Out-Null
        if ($LASTEXITCODE -eq 0) {
            & $words[0] @options (Join-Path $kit "install.py") @args
            exit $LASTEXITCODE
        }
    }
}
Write-Host "Python @PYTHON@ was not found: install it from python.org, then type the same command again."
Write-Host "Python @PYTHON@ est introuvable : l'installer depuis python.org, puis retaper la commande."
exit 2
