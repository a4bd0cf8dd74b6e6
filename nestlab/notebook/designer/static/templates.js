// @ts-check
// The list of topologies to start from.
import { make } from "../../static/dom.js";
import { marked, tr } from "../../static/texts.js";

/** @typedef {import("./canvas.js").Canvas} Canvas */

const TEMPLATES = [
  ["nat", marked("NAT: a nested host, and VMs behind its NAT")],
  ["bridged", marked("Bridged: VMs in a nested host, on the physical network")],
  ["two-node-cluster", marked("Cluster: two nested hosts, with heartbeat and storage networks")],
  ["domain", marked("Domain: a domain controller and a client")],
  ["router", marked("Router: a VM between two networks, with NAT to the outside")],
  ["vlan-trunk", marked("VLAN trunk: VMs of two VLANs in a nested host, and a router")],
  ["three-levels", marked("Three levels: a VM in a nested host in a nested host")],
];

/**
 * Make the list; choosing one sends it, and the list shows its name again.
 * @param {Canvas} canvas
 */
export function templateList(canvas) {
  const title = tr("Fill an empty topology from a template");
  const list = make("select", { class: "nd-templates", title, "aria-label": title });
  list.append(make("option", { value: "" }, tr("Template…")));
  list.append(...TEMPLATES.map(([name, text]) => make("option", { value: name }, tr(text))));
  list.addEventListener("keydown", (event) => event.stopPropagation());
  list.addEventListener("change", () => {
    canvas.send({ do: "template", template: list.value });
    list.value = "";
  });
  return list;
}
