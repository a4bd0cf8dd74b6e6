// Runs compile_wheels.py in Pyodide. Arguments: the folder of Pyodide, that of the wheels, the program.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [, , core, wheels, program] = process.argv;
try {
  const { loadPyodide } = await import(pathToFileURL(path.join(core, "pyodide.mjs")).href);
  const pyodide = await loadPyodide({ indexURL: core + path.sep });
  pyodide.FS.mkdir("/wheels");
  pyodide.mountNodeFS("/wheels", wheels);
  await pyodide.runPythonAsync(fs.readFileSync(program, "utf8"));
} catch (error) {
  process.stderr.write(String(error));
  process.exitCode = 1;
}
