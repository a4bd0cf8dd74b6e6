// @ts-check
// The edits that have a button, a key and an entry of the context menu: one table for all three.
import { marked } from "../../static/texts.js";
import { HOSTS } from "./geometry.js";

/**
 * @typedef {import("./keys.js").Intent} Intent
 * @typedef {object} Act
 * @property {string} text
 * @property {string} title
 * @property {string} key as `keyName` gives it
 * @property {string[]} kinds the kinds of parts that it can be done to; none: any
 * @property {(id: string, ids: string[]) => Intent} intent for the current part, and all selected
 * @property {string[]} [onto] the kinds of parts that its button can be dragged onto
 */

const VMS = ["vm", "nested-host"];

/** @type {Act[]} */
export const ADDING = [
  {
    text: marked("Add VM"),
    title: marked("Add a VM to the selected machine (V)"),
    key: "v",
    kinds: [],
    intent: (id) => ({ do: "add-vm", into: id }),
    onto: [...HOSTS, "switch"],
  },
  {
    text: marked("Add nested host"),
    title: marked("Add a nested host to the selected machine (H)"),
    key: "h",
    kinds: [],
    intent: (id) => ({ do: "add-nested-host", into: id }),
    onto: [...HOSTS, "switch"],
  },
  {
    text: marked("Add switch"),
    title: marked("Add a switch to the selected machine (S)"),
    key: "s",
    kinds: [],
    intent: (id) => ({ do: "add-switch", into: id }),
    onto: HOSTS,
  },
  {
    text: marked("Add adapter"),
    title: marked("Add a network adapter to the selected VM (A)"),
    key: "a",
    kinds: [...VMS, "adapter"],
    intent: (id) => ({ do: "add-adapter", into: id }),
    onto: VMS,
  },
];

/** @type {Act[]} */
export const NESTING = [
  {
    text: marked("Make nested host"),
    title: marked("Make the selected VM a nested host, with extensions, memory and processors (N)"),
    key: "n",
    kinds: ["vm"],
    intent: (id) => ({ do: "nest", id }),
  },
  {
    text: marked("Add VM inside"),
    title: marked("Add a VM inside the selected VM, which becomes a nested host (I)"),
    key: "i",
    kinds: VMS,
    intent: (id) => ({ do: "add-vm-inside", id }),
  },
  {
    text: marked("Bridge"),
    title: marked("Bridge VMs inside to the network outside: External switch, MAC spoofing (B)"),
    key: "b",
    kinds: [...VMS, "adapter", "host"],
    intent: (id) => ({ do: "bridge", id }),
  },
  {
    text: marked("Put behind NAT"),
    title: marked("Put the VMs of the selected host, the VM or the switch behind a NAT (T)"),
    key: "t",
    kinds: [...VMS, "adapter", "host", "switch"],
    intent: (id) => ({ do: "nat", id }),
  },
];

/** @type {Act[]} */
export const COPYING = [
  {
    text: marked("Duplicate"),
    title: marked("Copy what is selected, with fresh names and addresses (Ctrl+D)"),
    key: "Ctrl+d",
    kinds: [...VMS, "adapter", "switch"],
    intent: (id, ids) => selected("duplicate", id, ids),
  },
  {
    text: marked("Delete"),
    title: marked("Delete what is selected (Delete)"),
    key: "Delete",
    kinds: [...VMS, "adapter", "switch", "network"],
    intent: (id, ids) => selected("delete", id, ids),
  },
];

/** What changes only the picture: it is possible as well where nothing can be edited. */
/** @type {Act[]} */
export const FOLDING = [
  {
    text: marked("Fold or unfold"),
    title: marked("Fold the selected nested host, or unfold it; for the host, all on it (E)"),
    key: "e",
    kinds: ["nested-host", "host"],
    intent: (id) => ({ do: "fold", id }),
  },
];

export const ACTS = [...ADDING, ...NESTING, ...COPYING];

/**
 * Return an intent for one part, or for several.
 * @param {string} does
 * @param {string} id
 * @param {string[]} ids
 * @returns {Intent}
 */
function selected(does, id, ids) {
  return ids.length > 1 ? { do: does, ids } : { do: does, id };
}

/**
 * Whether an act can be done to a part of a kind.
 * @param {Act} act
 * @param {string | undefined} kind
 */
export function fits(act, kind) {
  return !act.kinds.length || (kind !== undefined && act.kinds.includes(kind));
}
