#!/usr/bin/env bash
# Start the monitor in a detached screen session named "portfolio".
set -euo pipefail
cd "$(dirname "$0")/.."
command -v screen >/dev/null || { echo "screen is missing: apt-get install screen"; exit 1; }
if screen -list | grep -q '\.portfolio\b'; then
    echo "It runs already: screen -r portfolio"
    exit 0
fi
screen -dmS portfolio make run
echo "Started. Watch it with: screen -r portfolio   (leave with Ctrl-A D)"
