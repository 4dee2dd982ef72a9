@REM Runs moineau on Windows: finds a JDK 25, builds the jar when it is missing, and starts it with
@REM the Vector API, a small heap and an AOT cache made on the first start. See the script moineau.
@REM Java's line "WARNING: Using incubator modules" is shown here: cmd cannot filter one stream.
@echo off
setlocal
set "MOINEAU_ROOT=%~dp0"
if "%MOINEAU_ROOT:~-1%"=="\" set "MOINEAU_ROOT=%MOINEAU_ROOT:~0,-1%"
call "%MOINEAU_ROOT%\.mvn\jdk25.cmd" || exit /b 1
set "MOINEAU_JAR=%MOINEAU_ROOT%\cli\target\moineau.jar"
if not exist "%MOINEAU_JAR%" (
  echo moineau: building; the first time takes a minute or two ... 1>&2
  pushd "%MOINEAU_ROOT%"
  call mvnw.cmd -q -B -pl cli -am -Dmaven.test.skip=true -Dspotless.check.skip=true -Djacoco.skip=true package 1>&2
  popd
)
if not exist "%MOINEAU_JAR%" (
  echo moineau: the build failed 1>&2
  exit /b 1
)
if not defined MOINEAU_CACHE set "MOINEAU_CACHE=%LOCALAPPDATA%\moineau"
if not exist "%MOINEAU_CACHE%\" mkdir "%MOINEAU_CACHE%" 2>nul
set "MOINEAU_NEW=-XX:MaxNewSize=32m"
REM Arrays of a training live as long as it does, and little is new beside them. See the script moineau.
if /i "%~1"=="train" set "MOINEAU_NEW=-XX:MaxNewSize=8m -XX:SurvivorRatio=4"
if /i "%~1"=="finetune" set "MOINEAU_NEW=-XX:MaxNewSize=8m -XX:SurvivorRatio=4"
set MOINEAU_FLAGS=--add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -Xms32m -Xmx2g %MOINEAU_NEW% -XX:-UsePerfData -Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0 %MOINEAU_JAVA_OPTS%
REM The name holds the jar's size and time; the JVM checks both, and its own version, again.
for %%F in ("%MOINEAU_JAR%") do set "MOINEAU_KEY=%%~zF-%%~tF"
set "MOINEAU_KEY=%MOINEAU_KEY:/=-%"
set "MOINEAU_KEY=%MOINEAU_KEY::=-%"
set "MOINEAU_KEY=%MOINEAU_KEY: =-%"
set "MOINEAU_KEY=%MOINEAU_KEY:.=-%"
set "MOINEAU_AOT_FILE=%MOINEAU_CACHE%\moineau-%MOINEAU_KEY%.aot"
if /i "%MOINEAU_AOT%"=="off" goto :start
if exist "%MOINEAU_AOT_FILE%" (
  "%JAVA_HOME%\bin\java.exe" "-XX:AOTCache=%MOINEAU_AOT_FILE%" -Xlog:disable -Xlog:all=error:stderr %MOINEAU_FLAGS% -cp "%MOINEAU_JAR%" io.moineau.cli.Main %*
  exit /b
)
start "" /b /low cmd /c ""%JAVA_HOME%\bin\java.exe" "-XX:AOTCacheOutput=%MOINEAU_AOT_FILE%" %MOINEAU_FLAGS% -cp "%MOINEAU_JAR%" io.moineau.cli.Main rehearse >nul 2>nul <nul"
:start
"%JAVA_HOME%\bin\java.exe" %MOINEAU_FLAGS% -cp "%MOINEAU_JAR%" io.moineau.cli.Main %*
exit /b
