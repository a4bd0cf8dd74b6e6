// @ts-check

/**
 * Let a picture follow the theme of JupyterLab, or the reader's preference.
 * Return a function that stops following it.
 * @param {SVGSVGElement} svg
 */
export function followTheme(svg) {
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
    const dark = jpThemeLight ? jpThemeLight === "false" : media.matches && !vscodeThemeKind;
    svg.classList.toggle("nestlab-dark", dark);
    svg.classList.toggle("nestlab-light", !dark);
  };
  const observer = new MutationObserver(apply);
  const attributeFilter = ["data-jp-theme-light"];
  observer.observe(document.body, { attributes: true, attributeFilter });
  media.addEventListener("change", apply);
  apply();
  return () => {
    observer.disconnect();
    media.removeEventListener("change", apply);
  };
}
