// @ts-check
// Lists whose choice acts at once. Where a key changes a closed list, as in Chrome on Windows and
// Linux, the first choice would act before the others are read (WCAG 2.2, 3.2.2).

const CHOOSING = /^(Arrow.*|Page.*|Home|End|[^ ])$/;

/**
 * Let the keys that choose open the list instead, and no key of it reach the canvas or the cell.
 * @param {HTMLSelectElement} list
 */
export function openByKeys(list) {
  list.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.altKey || event.ctrlKey || event.metaKey || !CHOOSING.test(event.key)) return;
    event.preventDefault();
    try {
      list.showPicker?.();
    } catch {} // refused in a frame of another site
  });
}
