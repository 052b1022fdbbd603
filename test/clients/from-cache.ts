/** With `--import`, packages that programs of this folder name are those of CLIENTS_FOLDER, not the project's. */
import { isBuiltin, registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const own = pathToFileURL(join(import.meta.dirname, "/")).href;
const parentURL = pathToFileURL(join(process.env.CLIENTS_FOLDER ?? "", "/")).href;

registerHooks({
  resolve(specifier, context, next) {
    const isPackage = !specifier.startsWith(".") && !isBuiltin(specifier);
    const isOurs = context.parentURL?.startsWith(own) ?? false;
    return next(specifier, isPackage && isOurs ? { ...context, parentURL } : context);
  },
});
