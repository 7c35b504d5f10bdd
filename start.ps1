# Start the stack with Docker on Windows: -WithCelery everything, -CeleryOnly worker and beat, neither: the web alone.
param([switch]$WithCelery, [switch]$CeleryOnly)
function Invoke-Docker { docker @args; if ($LASTEXITCODE) { exit $LASTEXITCODE } }
$stack = if ($env:STACK_NAME) { $env:STACK_NAME } else { 'ticketing' }
$tag = if ($env:TAG) { $env:TAG } else { 'local' }
$secrets = New-Item -ItemType Directory -Force "$PSScriptRoot/.run/$stack/secrets"
foreach ($file in 'secret_key', 'db_password', 'redis_password', 'email_host_password', 'webhook_secret', 'alert_webhook', 'metrics_token', 'flower_password', 'metrics_password' | ForEach-Object { "$secrets/$_" }) {
  if (-not (Test-Path $file)) { Set-Content -NoNewline $file $(if ($file -like '*/alert_webhook') { '' } else { (New-Guid).ToString('N') + (New-Guid).ToString('N') }) }
}
Invoke-Docker pull --quiet debian:trixie-slim
Invoke-Docker tag debian:trixie-slim "deskbeat/base:$tag"
$compose = 'compose', '--file', "$PSScriptRoot/deploy/compose/compose.yaml"
foreach ($round in @('db', 'redis', 'backend'), @('celery')) { Invoke-Docker @compose build @round }
$services = if ($CeleryOnly) { @('celery') } elseif ($WithCelery) { @() } else { @('backend') }
Invoke-Docker @compose up --detach --wait @services
