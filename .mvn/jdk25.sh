# Finds a JDK 25 (or newer) and exports JAVA_HOME. Sourced by mvnw, moineau and oracles.
# Order: MOINEAU_JAVA_HOME, JAVA_HOME, the java on the PATH, then the usual places of each system.

moineau_java_major() { # prints the major version of the JDK in $1, nothing if $1 is not a JDK
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
  if [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" | head -n 1
  else
    "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
  fi
}

moineau_is_jdk25() {
  moineau_major=$(moineau_java_major "$1")
  [ -n "$moineau_major" ] && [ "$moineau_major" -ge 25 ] 2>/dev/null
}

moineau_find_jdk() {
  for moineau_home in "${MOINEAU_JAVA_HOME-}" "${JAVA_HOME-}"; do
    if [ -n "$moineau_home" ] && moineau_is_jdk25 "$moineau_home"; then
      printf '%s\n' "$moineau_home"
      return 0
    fi
  done
  moineau_javac=$(command -v javac 2>/dev/null || true)
  if [ -n "$moineau_javac" ]; then
    while [ -h "$moineau_javac" ]; do
      moineau_link=$(readlink "$moineau_javac")
      case "$moineau_link" in
        /*) moineau_javac=$moineau_link ;;
        *) moineau_javac=$(dirname "$moineau_javac")/$moineau_link ;;
      esac
    done
    moineau_home=$(CDPATH='' cd "$(dirname "$moineau_javac")/.." && pwd)
    if moineau_is_jdk25 "$moineau_home"; then
      printf '%s\n' "$moineau_home"
      return 0
    fi
  fi
  moineau_best=''
  moineau_best_major=0
  for moineau_home in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*jdk* \
    "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/* "${HOME-}"/.asdf/installs/java/* \
    "${HOME-}"/.local/share/mise/installs/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME-}"/Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    [ -d "$moineau_home" ] || continue
    moineau_is_jdk25 "$moineau_home" || continue
    # The oldest that will do: 25 is what this project is tested on.
    if [ -z "$moineau_best" ] || [ "$moineau_major" -lt "$moineau_best_major" ]; then
      moineau_best=$moineau_home
      moineau_best_major=$moineau_major
    fi
  done
  [ -n "$moineau_best" ] || return 1
  printf '%s\n' "$moineau_best"
}

# mvnw runs with globbing off (set -f); the search needs it.
moineau_flags=$-
set +f
if moineau_found=$(moineau_find_jdk); then
  JAVA_HOME=$moineau_found
  export JAVA_HOME
else
  cat >&2 <<'END'
moineau: no JDK 25 was found.
  looked in: MOINEAU_JAVA_HOME, JAVA_HOME, the PATH, /usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks and the like
  needed:    a JDK (not only a JRE) of version 25 or newer
  to do:     install one, for example
               Debian, Ubuntu:  apt install temurin-25-jdk   (Adoptium's repository) or openjdk-25-jdk
               Fedora:          dnf install java-25-openjdk-devel
               macOS:           brew install openjdk@25
               any:             https://adoptium.net/temurin/releases/?version=25
             or set MOINEAU_JAVA_HOME to where one is.
END
  exit 1
fi
case $moineau_flags in *f*) set -f ;; esac
