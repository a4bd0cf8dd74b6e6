#!/usr/bin/env bash
# @jupyter-widgets/controls 5.0.13 (npm), the page's half of ipywidgets 8.1: a click on a button
# reaches the kernel before the text that was typed before it.
# A careful engineer would guess: what a page sends arrives in the order in which the user did it,
# so the handler of "Create" reads the field as the user left it.
# Instead, while the kernel has not answered the first change of a field (because a cell is running,
# say), the next ones wait in the page and the last of them is sent with the answer; a click does not
# wait. The VM is created with the memory 4, and the field says 4096 then and afterwards. Messages
# keep their order within a widget only. With `continuous_update=False` the field sends once, when it
# is left, and is in time.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm install --silent --no-audit --no-fund @jupyter-widgets/base@6.0.12 @jupyter-widgets/controls@5.0.13 \
  @jupyter-widgets/base-manager@1.0.13 jsdom@29.1.1 esbuild@0.28.2 >/dev/null 2>&1
cat > page.mjs <<'END'
import * as base from '@jupyter-widgets/base';
import * as controls from '@jupyter-widgets/controls';
import {ManagerBase} from '@jupyter-widgets/base-manager';

// The kernel: it notes what arrives, and answers when `answer` is called.
let arrived, unanswered;
const comm = (id) => ({
  comm_id: id, on_msg() {}, on_close() {}, close() {},
  send(data, callbacks) {
    arrived.push(data.method === 'update' ? `memory is ${data.state.value}` : data.content.event);
    unanswered.push(callbacks);
    return String(unanswered.length);
  },
});
const answer = () => unanswered.splice(0).forEach((callbacks) => callbacks.iopub?.status?.({content: {execution_state: 'idle'}}));

class Manager extends ManagerBase {
  async loadClass(name, module) { return (module === '@jupyter-widgets/base' ? base : controls)[name]; }
  async _get_comm_info() { return {}; }
}

async function show(manager, id, kind, state) {
  const make = (part, module, name, values) => manager.new_model({
    model_module: module, model_module_version: '2.0.0', model_name: name, model_id: part, comm: comm(part),
  }, values);
  await make(`${id}-layout`, '@jupyter-widgets/base', 'LayoutModel', {});
  await make(`${id}-style`, '@jupyter-widgets/controls', `${kind}StyleModel`, {});
  const model = await make(id, '@jupyter-widgets/controls', `${kind}Model`,
    {...state, layout: `IPY_MODEL_${id}-layout`, style: `IPY_MODEL_${id}-style`});
  const view = await manager.create_view(model, {});
  document.body.appendChild(view.el);
  return view.el;
}

for (const continuous of [true, false]) {
  arrived = []; unanswered = [];
  const manager = new Manager();
  const field = (await show(manager, 'memory', 'Text', {continuous_update: continuous})).querySelector('input');
  const button = await show(manager, 'create', 'Button', {description: 'Create'});
  for (const text of ['4', '40', '409', '4096']) {
    field.value = text;
    field.dispatchEvent(new window.Event('input', {bubbles: true}));
  }
  field.dispatchEvent(new window.Event('change', {bubbles: true}));  // A browser sends it when the field is left.
  button.click();
  answer();
  answer();
  console.log(`continuous_update ${continuous}: ${arrived.join(', ')}`);
}
process.exit(0);
END
cat > run.mjs <<'END'
import {JSDOM} from 'jsdom';
const {window} = new JSDOM('<body></body>', {url: 'http://localhost/', pretendToBeVisual: true});
Object.assign(globalThis, {window, document: window.document, self: globalThis});
for (const name of Object.getOwnPropertyNames(window)) if (!(name in globalThis)) globalThis[name] = window[name];
globalThis.DragEvent ??= class extends window.Event {};
await import('./bundle.mjs');
END
node_modules/.bin/esbuild page.mjs --bundle --platform=node --format=esm --outfile=bundle.mjs --loader:.css=empty \
  --loader:.svg=empty --log-level=error --banner:js="import {createRequire} from 'module'; const require = createRequire(import.meta.url);"
node run.mjs | tee seen
diff - seen <<'END'
continuous_update true: memory is 4, click, memory is 4096
continuous_update false: memory is 4096, click
END
echo "As described."
