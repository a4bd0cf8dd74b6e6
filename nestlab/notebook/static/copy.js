// @ts-check
// Copy a text to the clipboard, and say so on the button.
import { element } from "./dom.js";

/**
 * @param {HTMLButtonElement} button
 * @param {string} text
 * @param {string} copied what the button says afterwards
 */
export async function copy(button, text, copied) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard API needs a secure context.
    const area = element("textarea");
    area.value = text;
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = copied;
  setTimeout(() => {
    button.textContent = label;
  }, 1500);
}
