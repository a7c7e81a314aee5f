// `import file from "./shop.proto"`: what a .proto file is in a bundle, with the files that it imports, so that they are watched as well.
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import type { Plugin } from "esbuild";

const IMPORT = /^\s*import\s+(?:public\s+|weak\s+)?"([^"]+)"\s*;/gm;
/** Every gateway has these. */
const PROVIDED = /^(?:framegate|google)\//;

export const protoFiles: Plugin = {
	name: "proto-files",
	setup({ onLoad, initialOptions }) {
		onLoad({ filter: /\.proto$/ }, async ({ path }) => {
			const text = await readFile(path, "utf8");
			const names = [...text.matchAll(IMPORT)].map(([, name = ""]) => name).filter((name) => !PROVIDED.test(name));
			const imports = names.map((name, index) => `import file${index} from ${JSON.stringify(`./${name}`)};`);
			const members = names.map((name, index) => `${JSON.stringify(name)}: file${index}`);
			const file = JSON.stringify(relative(initialOptions.absWorkingDir ?? "", path));
			const contents = `${imports.join("\n")}
export default { path: ${file}, text: ${JSON.stringify(text)}, imports: { ${members.join(", ")} } };`;
			return { contents, loader: "js" };
		});
	},
};
