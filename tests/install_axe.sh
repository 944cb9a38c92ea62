#!/bin/sh
# Puts axe-core, with which tests/server/test_page_for_everyone.py checks the page's accessibility,
# into .venv/axe-core, from npm. Never fails: without it that test is skipped and says so.
folder="$(dirname "$0")/../.venv/axe-core"
test -f "$folder/axe.min.js" && exit 0
if ! command -v npm > /dev/null; then
    echo "no npm here: the page's accessibility will not be checked" >&2
    exit 0
fi
mkdir -p "$folder"
(cd "$folder" && npm pack --silent axe-core@4 > /dev/null && tar -xzf axe-core-*.tgz \
    && mv package/axe.min.js . && rm -r package axe-core-*.tgz) > /dev/null 2>&1 \
    || echo "axe-core could not be fetched: the page's accessibility will not be checked" >&2
exit 0
