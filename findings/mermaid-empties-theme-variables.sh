#!/usr/bin/env bash
# mermaid 11.17.2 (npm): a theme variable that holds a usual CSS value, such as `Arial, sans-serif`,
# is replaced by the empty text.
# A careful engineer would guess: `themeVariables` of a diagram takes what CSS takes, or the page
# reports what it refuses; `mermaid.initialize` with the same values takes them.
# Instead, in a diagram's own configuration (front matter or directive), a value with any character
# but letters, digits, space and "#%(),.; is emptied without a word: a hyphen, an apostrophe or a
# minus is enough. Font lists with a generic family, `calc` with a difference and every `var(--name)`
# are lost.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm init -y >/dev/null
npm install --silent mermaid@11.17.2
cat > fonts.mjs <<'EOF'
import mermaid from "mermaid";

const values = {
  fontFamily: ["Arial, sans-serif", '"Segoe UI", Arial', "'Segoe UI', Arial"],
  fontSize: ["14px", "calc(1rem - 2px)", "var(--size)"],
};
for (const [name, texts] of Object.entries(values))
  for (const text of texts) {
    const config = { theme: "base", themeVariables: { [name]: text } };
    const diagram = `---\nconfig: ${JSON.stringify(config)}\n---\nflowchart TB\n  HV1 --> VM1\n`;
    const read = await mermaid.parse(diagram);
    console.log(`${name}: ${text} -> ${JSON.stringify(read.config.themeVariables[name])}`);
  }
EOF
node fonts.mjs | tee seen
diff - seen <<'EOF'
fontFamily: Arial, sans-serif -> ""
fontFamily: "Segoe UI", Arial -> "\"Segoe UI\", Arial"
fontFamily: 'Segoe UI', Arial -> ""
fontSize: 14px -> "14px"
fontSize: calc(1rem - 2px) -> ""
fontSize: var(--size) -> ""
EOF
echo "As described."
