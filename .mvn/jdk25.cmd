@REM Finds a JDK 25 (or newer) and sets JAVA_HOME. Called by moineau.cmd and mvnw.cmd.
@REM Order: MOINEAU_JAVA_HOME, JAVA_HOME, the javac on the PATH, then the usual places.
@echo off
set "MOINEAU_FOUND="
call :try "%MOINEAU_JAVA_HOME%"
call :try "%JAVA_HOME%"
for %%J in (javac.exe) do if not "%%~$PATH:J"=="" call :try "%%~dp$PATH:J.."
for %%P in ("%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Java" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%ProgramFiles%\BellSoft" "%USERPROFILE%\.jdks" "%USERPROFILE%\scoop\apps") do (
  if exist "%%~P\" for /d %%D in ("%%~P\*") do (
    call :try "%%~D"
    if exist "%%~D\current\" call :try "%%~D\current"
  )
)
if not defined MOINEAU_FOUND (
  echo moineau: no JDK 25 was found. 1>&2
  echo   looked in: MOINEAU_JAVA_HOME, JAVA_HOME, the PATH, Program Files, .jdks and the like 1>&2
  echo   needed:    a JDK ^(not only a JRE^) of version 25 or newer 1>&2
  echo   to do:     winget install EclipseAdoptium.Temurin.25.JDK 1>&2
  echo              or https://adoptium.net/temurin/releases/?version=25 1>&2
  echo              or set MOINEAU_JAVA_HOME to where one is. 1>&2
  exit /b 1
)
set "JAVA_HOME=%MOINEAU_FOUND%"
set "MOINEAU_FOUND="
exit /b 0

:try
if defined MOINEAU_FOUND exit /b 0
if "%~1"=="" exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
for /f "tokens=2 delims==" %%V in ('findstr /b "JAVA_VERSION=" "%~1\release"') do (
  for /f "tokens=1 delims=.-+" %%M in ("%%~V") do if %%~M GEQ 25 set "MOINEAU_FOUND=%~1"
)
exit /b 0
