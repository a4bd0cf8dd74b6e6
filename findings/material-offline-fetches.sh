#!/usr/bin/env bash
# mkdocs-material 9.8.2: the `offline` plugin adds a script from a public server to every page.
# A careful engineer would guess: documentation built for opening from a folder (a lab host without
# internet) needs the network for less than before, and for nothing when fonts are switched off.
# Instead, the page without the plugin names no foreign script, and with it names one on unpkg.com,
# in no fixed version. Only the `privacy` plugin, or an own copy of the script named under
# `extra.polyfills`, keeps it local.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q mkdocs==1.6.1 mkdocs-material==9.8.2 2>/dev/null
mkdir -p docs
echo '# Lab' > docs/index.md
echo '// The copy that the site brings.' > docs/iframe-worker.js
printf 'site_name: Lab\ntheme: {name: material, font: false}\nplugins: [search]\n' > plain.yml
sed 's/search/search, offline/' plain.yml > offline.yml
{ cat offline.yml; echo 'extra: {polyfills: [iframe-worker.js]}'; } > copied.yml
for site in plain offline copied; do
    venv/bin/mkdocs build -q -f $site.yml -d $site >/dev/null 2>&1
    echo "$site: $(grep -oE '<script[^>]* src="?(https?:)?//[^" >]+' $site/index.html | sed 's/.*src="*//' | paste -sd' ')"
done | tee seen
diff - seen <<'EOF'
plain: 
offline: https://unpkg.com/iframe-worker/shim
copied: 
EOF
echo "As described."
