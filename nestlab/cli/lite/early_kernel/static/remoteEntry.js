// An extension of JupyterLab for the site of `nestlab lite`. It starts the session of the notebook
// that the page's address names as soon as JupyterLab starts its extensions, so that Python starts
// in its worker while JupyterLab draws the page. Otherwise it starts when the notebook has been
// drawn. The notebook finds the session by its path, as after a reload on a server.
//
// The file is a container of module federation, as JupyterLab's builder writes them:
// https://jupyterlab.readthedocs.io/en/stable/extension/extension_dev.html#deduplication-of-dependencies
(() => {
  const KERNEL = "python";
  let shared = {};

  /** Return a module that JupyterLite shares with its extensions. */
  async function sharedModule(name) {
    const [provided] = Object.values(shared[name]);
    return (await provided.get())();
  }

  /** Return the path of the notebook that the page's address names, or null. */
  function openedNotebook() {
    const path = new URLSearchParams(window.location.search).get("path");
    return path?.endsWith(".ipynb") ? path : null;
  }

  /** Wait until the extension of the kernel has registered it. */
  async function registered(kernelSpecs) {
    while (!kernelSpecs.factories.has(KERNEL)) {
      await new Promise((resolve) => {
        const seen = () => {
          kernelSpecs.changed.disconnect(seen);
          resolve();
        };
        kernelSpecs.changed.connect(seen);
      });
    }
  }

  /** Wait until the service worker, by which Python reads the notebook's folder, serves the page. */
  async function servedByWorker(workers) {
    await workers.ready;
    const { serviceWorker } = window.navigator;
    if (!serviceWorker.controller) {
      await new Promise((resolve) => {
        serviceWorker.addEventListener("controllerchange", resolve, { once: true });
      });
    }
  }

  async function startSession(app, kernelSpecs, workers) {
    const path = openedNotebook();
    if (path === null) return;
    await Promise.all([registered(kernelSpecs), servedByWorker(workers)]);
    const { sessions } = app.serviceManager;
    await sessions.refreshRunning();
    if ([...sessions.running()].some((session) => session.path === path)) return;
    const name = path.slice(path.lastIndexOf("/") + 1);
    const kernel = { name: KERNEL };
    const connection = await sessions.startNew({ path, name, type: "notebook", kernel });
    connection.dispose(); // the session runs on: it is the notebook's
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["nestlab-early-kernel"] = {
    init(scope) {
      shared = scope;
    },
    async get() {
      const { IKernelSpecs } = await sharedModule("@jupyterlite/services");
      const { IServiceWorkerManager } = await sharedModule("@jupyterlite/apputils");
      const plugin = {
        id: "nestlab-early-kernel:plugin",
        description: "Starts the kernel of the notebook that the page opens.",
        autoStart: true,
        requires: [IKernelSpecs, IServiceWorkerManager],
        activate: (app, kernelSpecs, workers) => {
          // Without it, the notebook starts its kernel itself.
          startSession(app, kernelSpecs, workers).catch(console.warn);
        },
      };
      return () => ({ __esModule: true, default: [plugin] });
    },
  };
})();
