#!/bin/bash
# fill TEMPLATE FILE COMMAND...: writes the template with its ${words} out of the environment, then becomes the command.
# A word that nobody gave a value ends it: an engine must not start with half of its settings.
set -euo pipefail
template=$1 file=$2
shift 2
text=$(<"$template")
for word in $(envsubst --variables "$text" | sort -u); do
    [ -n "${!word+set}" ] || { echo "fill: $template wants \${$word}" >&2 && exit 1; }
done
umask 077
envsubst <"$template" >"$file"
exec "$@"
