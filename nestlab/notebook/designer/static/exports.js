// @ts-check
// The list of files to download: the picture, and the topology's file. Python makes their texts.
import { make } from "../../static/dom.js";
import { marked, tr } from "../../static/texts.js";
import { openByKeys } from "./at_once.js";

/**
 * @typedef {import("./canvas.js").Canvas} Canvas
 * @typedef {{name: string, text: string, view: unknown}} Exported a file, and the view that asked
 */

/** @type {[format: string, text: string][]} */
const FORMATS = [
  ["svg", marked("Picture (SVG)")],
  ["png", marked("Picture (PNG)")],
  ["yml", marked("File (YAML)")],
];
const TYPES = { svg: "image/svg+xml", png: "image/png", yml: "application/yaml" };
// pixels of a PNG for each of the picture
const SHARPNESS = 2;
// pixels of its longer edge: more is too much for a canvas of a browser
const LONGEST = 8000;

/**
 * Make the list; choosing a format asks Python for the file, for this view of the designer alone.
 * @param {Canvas} canvas
 */
export function exportList(canvas) {
  const title = tr("Download the picture or the file");
  const list = make("select", { class: "nd-exports", title, "aria-label": title });
  list.append(make("option", { value: "" }, tr("Export…")));
  list.append(...FORMATS.map(([format, text]) => make("option", { value: format }, tr(text))));
  openByKeys(list);
  list.addEventListener("change", () => {
    canvas.send({ do: "export", format: list.value, view: canvas.id });
    list.value = "";
  });
  return list;
}

/**
 * Download a file that Python has sent.
 * @param {Exported} file
 * @param {(text: string) => void} announce
 */
export async function download({ name, text }, announce) {
  const format = /** @type {keyof typeof TYPES} */ (name.split(".").pop());
  const type = TYPES[format];
  try {
    const content = format === "png" ? await pixels(text) : new Blob([text], { type });
    const href = URL.createObjectURL(content);
    make("a", { href, download: name }).click();
    // the browser has read it by then
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
    announce(tr("Downloaded {file}.", { file: name }));
  } catch {
    announce(`✗ ${tr("This browser could not make {file}.", { file: name })}`);
  }
}

/**
 * Return an SVG as PNG.
 * @param {string} svg
 * @returns {Promise<Blob>}
 */
async function pixels(svg) {
  const src = URL.createObjectURL(new Blob([svg], { type: TYPES.svg }));
  try {
    const image = new Image();
    image.src = src;
    await image.decode();
    return await drawn(image);
  } finally {
    URL.revokeObjectURL(src);
  }
}

/**
 * Return a picture as PNG.
 * @param {HTMLImageElement} image
 * @returns {Promise<Blob>}
 */
function drawn(image) {
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = Math.min(SHARPNESS, LONGEST / Math.max(width, height));
  const canvas = make("canvas", {});
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(TYPES.png))), TYPES.png);
  });
}
