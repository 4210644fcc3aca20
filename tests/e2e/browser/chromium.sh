#!/bin/sh
# Installs Debian's Chromium and fonts that have the page's symbols, where they are missing.
set -eu
. "$(dirname "$0")/../../lab/debian.sh"
install_missing chromium fonts-dejavu-core fonts-roboto-unhinted
