import assert from "node:assert/strict";
import { test } from "node:test";

const TOKENS = { IKernelSpecs: "specs", IServiceWorkerManager: "workers" };
const provided = { 1: { get: async () => () => TOKENS } };
globalThis.window = { location: {}, navigator: {} };
await import("../../nestlab/cli/lite/early_kernel/static/remoteEntry.js");
const container = window._JUPYTERLAB["nestlab-early-kernel"];
container.init({ "@jupyterlite/services": provided, "@jupyterlite/apputils": provided });
const [plugin] = (await container.get("./extension"))().default;

/** Activate the extension on a page, let waiting work run, and return what it started. */
function page(search, running = []) {
  const started = [];
  const seen = new Set();
  const events = new EventTarget();
  window.location.search = search;
  window.navigator.serviceWorker = events;
  const specs = {
    factories: new Map(),
    changed: { connect: (slot) => seen.add(slot), disconnect: (slot) => seen.delete(slot) },
  };
  const sessions = {
    refreshRunning: async () => undefined,
    running: () => running.values(),
    startNew: async (asked) => {
      started.push(asked);
      return { dispose: () => started.push("connection closed") };
    },
  };
  plugin.activate({ serviceManager: { sessions } }, specs, { ready: Promise.resolve() });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    started,
    async register(name) {
      await settled();
      specs.factories.set(name, () => undefined);
      for (const slot of [...seen]) slot();
      await settled();
    },
    async serve() {
      await settled();
      events.controller = {};
      events.dispatchEvent(new Event("controllerchange"));
      await settled();
    },
  };
}

const SESSION = {
  path: "es/04-apply-step-by-step.ipynb",
  name: "04-apply-step-by-step.ipynb",
  type: "notebook",
  kernel: { name: "python" },
};

test("JupyterLab starts it, with what JupyterLite shares", () => {
  assert.equal(plugin.autoStart, true);
  assert.deepEqual(plugin.requires, ["specs", "workers"]);
});

test("the session of the opened notebook starts when its kernel and its folder are there", async () => {
  const opened = page(`?path=${SESSION.path}`);
  await opened.register("another");
  await opened.serve();
  assert.deepEqual(opened.started, []);
  await opened.register("python");
  assert.deepEqual(opened.started, [SESSION, "connection closed"]);
});

test("without the service worker, the notebook starts its kernel itself", async () => {
  const opened = page(`?path=${SESSION.path}`);
  await opened.register("python");
  assert.deepEqual(opened.started, []);
});

test("a session that runs is left alone, and so are pages without a notebook", async () => {
  for (const opened of [page(`?path=${SESSION.path}`, [SESSION]), page(""), page("?path=a.yml")]) {
    await opened.register("python");
    await opened.serve();
    assert.deepEqual(opened.started, []);
  }
});
