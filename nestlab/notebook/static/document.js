// @ts-check
// The preview of a document, with links that download its files.
import { element, make } from "./dom.js";
import { tr, useTexts } from "./texts.js";

/**
 * @typedef {import("./dom.js").Model} Model
 * @typedef {{name: string, type: string, content: DataView}} DocumentFile
 * @typedef {object} Preview
 * @property {string} form "page", "picture" or "text"
 * @property {string} label
 * @property {string} note
 * @property {string} text
 * @property {string} type
 * @property {DataView} content
 */

const KILOBYTE = 1024;

/** @param {number} bytes */
export function sizeText(bytes) {
  if (bytes < KILOBYTE) return tr("{bytes} bytes", { bytes });
  const kilobytes = bytes / KILOBYTE;
  return kilobytes < KILOBYTE
    ? `${Math.round(kilobytes)} KB`
    : `${(kilobytes / KILOBYTE).toFixed(1)} MB`;
}

/** Return whether the surrounding page is dark: by JupyterLab or VS Code, else by the system. */
function isDark() {
  const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
  if (jpThemeLight) return jpThemeLight === "false";
  if (vscodeThemeKind) return /dark|high-contrast$/.test(vscodeThemeKind);
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/**
 * Return a page with the styles of a theme. A frame has the preference of the system, and no
 * browser gives it that of the surrounding page (Chromium 156 does for images).
 * @param {string} html
 * @param {boolean} dark
 */
export function themed(html, dark) {
  return html.replace(/<style>[\s\S]*?<\/style>/g, (style) =>
    style
      .replaceAll("(prefers-color-scheme: dark)", dark ? "(min-width: 0)" : "(max-width: 0)")
      .replaceAll("color-scheme: light dark", `color-scheme: ${dark ? "dark" : "light"}`),
  );
}

/**
 * @param {DataView} content
 * @param {string} type
 */
function address(content, type) {
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  // A copy: the buffer of a message may be a shared one, which a Blob does not accept.
  return URL.createObjectURL(new Blob([bytes.slice()], { type }));
}

/**
 * @param {DocumentFile} file
 * @param {string[]} addresses
 */
function linkTo(file, addresses) {
  const href = address(file.content, file.type);
  addresses.push(href);
  const size = sizeText(file.content.byteLength);
  const link = make("a", { href, download: file.name }, tr("Download {file}", { file: file.name }));
  link.className = "nestlab-document-download";
  const line = element("li");
  line.append(link, element("span", "nestlab-document-size", size));
  return line;
}

/**
 * @param {Preview} preview
 * @param {string[]} addresses
 */
function previewOf(preview, addresses) {
  if (preview.form === "page") {
    // An empty sandbox: no scripts, no forms, an origin of its own.
    const srcdoc = themed(preview.text, isDark());
    const frame = make("iframe", { sandbox: "", title: preview.label, srcdoc });
    frame.className = "nestlab-document-page";
    return frame;
  }
  const region = element("div", `nestlab-document-${preview.form}`);
  region.tabIndex = 0; // scrolls by keyboard
  region.setAttribute("role", "region");
  if (preview.form === "picture") {
    const src = address(preview.content, preview.type);
    addresses.push(src);
    region.setAttribute("aria-label", tr("Preview of the picture"));
    region.append(make("img", { src, alt: preview.label }));
  } else {
    region.setAttribute("aria-label", preview.label);
    region.append(element("pre", "", preview.text));
  }
  return region;
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const box = element("div", "nestlab-document");
  el.append(box);
  /** @type {string[]} */
  let addresses = [];
  const forget = () => {
    for (const href of addresses) URL.revokeObjectURL(href);
    addresses = [];
  };
  function show() {
    forget();
    useTexts(model);
    /** @type {DocumentFile[]} */
    const files = model.get("files");
    /** @type {Preview} */
    const preview = model.get("preview");
    box.hidden = !preview.form;
    if (!preview.form) return box.replaceChildren();
    const links = element("ul", "nestlab-document-files");
    links.append(...files.map((file) => linkTo(file, addresses)));
    const note = element("p", "nestlab-document-note", preview.note);
    note.hidden = !preview.note;
    return box.replaceChildren(links, note, previewOf(preview, addresses));
  }
  let due = false;
  const showOnce = () => {
    if (due) return;
    due = true; // files and preview come in one message
    queueMicrotask(() => {
      due = false;
      show();
    });
  };
  model.on("change:preview", showOnce);
  model.on("change:files", showOnce);
  const theme = new MutationObserver(() => {
    if (model.get("preview").form === "page") show();
  });
  const attributeFilter = ["data-jp-theme-light", "data-vscode-theme-kind"];
  theme.observe(document.body, { attributeFilter });
  show();
  return () => {
    theme.disconnect();
    forget();
  };
}
export default { render };
