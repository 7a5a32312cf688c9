#!/bin/sh
# Linux, macOS: sh install.sh [FOLDER] [--lang fr]     No network is needed.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 2
for python in python@PYTHON@ python3 python; do
    if "$python" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "@PYTHON@")' >/dev/null 2>&1; then
        exec "$python" "$here/install.py" "$@"
    fi
done
echo "Python @PYTHON@ was not found: install it, then type the same command again." >&2
echo "Python @PYTHON@ est introuvable : l'installer, puis retaper la même commande." >&2
exit 2
