// Addresses of modules that a thread loads. They lie beside the module that names them: as sources, and in the chunks that
// scripts/build.ts makes of them.
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @param name - of the module, without its extension.
 * @param from - `import.meta.url` of the module that names it.
 */
export function moduleBeside(name: string, from: string): URL {
	return new URL(`${name}${extname(fileURLToPath(from))}`, from);
}
