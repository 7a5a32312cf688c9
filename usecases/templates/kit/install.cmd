@echo off
rem Windows: install.cmd [FOLDER] [--lang fr]     No network is needed. A double click works too.
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0install.ps1" %*
set code=%ERRORLEVEL%
if "%~1"=="" pause
exit /b %code%
