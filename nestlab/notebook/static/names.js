// @ts-check
// Cmdlets as text whose lines break between names: browsers break them after hyphens.
import { element } from "./dom.js";

const NAME = /^(?:--?[A-Za-z]|[A-Za-z]+-)[A-Za-z-]{0,40}$/;

/**
 * Return a text in parts, and whether each is the name of a cmdlet or a parameter.
 * @param {string} text
 * @returns {{text: string, isName: boolean}[]}
 */
export function nameParts(text) {
  return text.split(/(\s+)/).map((part) => ({ text: part, isName: NAME.test(part) }));
}

/**
 * Return an element with cmdlets.
 * @template {"code" | "pre"} Tag
 * @param {Tag} tag
 * @param {string} text
 */
export function cmdletText(tag, text) {
  const node = element(tag);
  for (const part of nameParts(text)) {
    if (!part.isName) {
      node.append(part.text);
      continue;
    }
    const name = element("span", "", part.text);
    name.style.whiteSpace = "nowrap";
    node.append(name);
  }
  return node;
}
