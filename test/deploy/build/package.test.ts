// The package as TypeScript users get it: packed, unpacked in a fresh project, and compiled against by an ordinary `tsc`.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../../package.json" with { type: "json" };
import { codeBlocks, page, section } from "../../docs/markdown.ts";
import { freePort } from "../../support/real-server.ts";
import { tied } from "../../support/tied-process.ts";
import { until } from "../../support/until.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
let scratch = "";
let project = "";

function run(command: string, args: readonly string[], cwd: string): string {
	const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
	assert.equal(status, 0, `${command} ${args.join(" ")}: ${stdout}${stderr}`);
	return stdout;
}

before(() => {
	scratch = mkdtempSync(join(tmpdir(), "framegate-package-"));
	const stage = join(scratch, "stage");
	for (const name of ["client", "protocol", "package.json", "LICENSE", "README.md"]) {
		cpSync(join(root, name), join(stage, name), { recursive: true });
	}
	run(process.execPath, [join(root, "scripts/build.ts"), join(stage, "dist")], root);
	const packed = run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", scratch], stage).trim();
	project = join(scratch, "project");
	const installed = join(project, "node_modules/framegate");
	mkdirSync(installed, { recursive: true });
	run("tar", ["-xzf", join(scratch, packed), "--strip-components=1"], installed);
	// As npm installs them, being dependencies.
	for (const name of readdirSync(join(root, "node_modules"))) {
		if (name.startsWith(".") || name === "framegate") continue;
		symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
	}
	writeFileSync(join(project, "package.json"), '{ "type": "module" }');
});

after(() => rmSync(scratch, { recursive: true }));

interface Compilation {
	readonly module: string;
	readonly moduleResolution: string;
	readonly types?: readonly string[];
	/** By the name of the file. */
	readonly programs: Readonly<Record<string, string>>;
}

/**
 * Compiles programs in the project, with every check that a user may have on and no types but the language's and the browser's. All
 * that have the same options together: the compiler spends its time on the declarations that they share.
 *
 * @returns what is wrong with each, by its name, "" when it is nothing. @throws Error for what is wrong elsewhere.
 */
function compile({ module, moduleResolution, types = [], programs }: Compilation): ReadonlyMap<string, string> {
	const strict = [
		"strict",
		"exactOptionalPropertyTypes",
		"noUncheckedIndexedAccess",
		"noPropertyAccessFromIndexSignature",
	];
	const style = [
		"verbatimModuleSyntax",
		"isolatedModules",
		"noUnusedLocals",
		"noUnusedParameters",
		"noImplicitOverride",
	];
	const compilerOptions = {
		...Object.fromEntries([...strict, ...style].map((name) => [name, true])),
		...{ noEmit: true, skipLibCheck: false, types, target: "es2022", lib: ["es2022", "dom"] },
		...{ module, moduleResolution },
	};
	const names = Object.keys(programs);
	const files = names.map((name) => `${name}.ts`);
	writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
	for (const [name, program] of Object.entries(programs)) writeFileSync(join(project, `${name}.ts`), program);
	const compiler = join(root, "node_modules/typescript/bin/tsc");
	const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", "."], { cwd: project, encoding: "utf8" });
	// Further lines of an error are indented.
	const errors = stdout.split(/\n(?=\S)/).filter((error) => error.trim() !== "");
	const found = new Map(names.map((name) => [name, ""]));
	for (const error of errors) {
		const name = names.find((each) => error.startsWith(`${each}.ts(`));
		if (name === undefined) throw new Error(error);
		found.set(name, `${found.get(name)}${error}\n`);
	}
	assert.equal(status === 0, errors.length === 0, stdout);
	return found;
}

/** What a program does with the client, types written out; the line that must not compile says so. */
const PROGRAM = `
import {
	authRoutes, type ClientOptions, CommandStage, createClient, DataType, ErrorCode, GatewayError, pushes, type RequestOf,
} from "framegate/client";
const options: ClientOptions = { url: "ws://localhost:8080/ws" };
const client = createClient(options);
const body: RequestOf<typeof authRoutes.heartbeat> = { clientTimeMs: 1 };
const { serverTimeMs }: { serverTimeMs: number } = await client.request(authRoutes.heartbeat, body);
// @ts-expect-error: there is no such field.
await client.request(authRoutes.heartbeat, { clientTime: 1 });
const subscription = await client.edge.subscribe({ channels: [1001], intervalMs: 1000 });
const num: number | null | undefined = subscription.value(1001, DataType.TELEMETRY, 1)?.num;
const command = await client.edge.write({ channel: 1001, dataType: DataType.CONTROL, pointId: 100 }, 1);
const done: boolean = (await command.ended).stage === CommandStage.EXECUTED;
client.on(pushes.notification, ({ title }) => console.log(title));
export const isBusy = (error: unknown): boolean => error instanceof GatewayError && error.code === ErrorCode.RATE_LIMITED;
export { done, num, serverTimeMs };
`;

/** A module, with the end of its function. */
const moduleOf = (run: string) => `import { CallError, defineFunction, defineModule, z } from "framegate/module";
export default defineModule({
	load: (context) => void context.every(1000, () => context.log.info("tick")),
	functions: {
		buy: defineFunction({
			number: 7001,
			input: z.object({ item: z.string(), count: z.int().default(1) }),
			output: z.object({ left: z.int() }),
			rest: { method: "POST", path: "/api/v1/shop/{item}" },
			run: async ({ item, count }, call) => {
				if (item === "") throw new CallError("NOT_FOUND", "no such item", { field: "item" });
				call.log.info("sold", { user: call.user?.id });
				${run}
			},
		}),
	},
});
`;
const SERVER = readFileSync(join(root, "examples/library/server.ts"), "utf8");
const example = (name: string): string => readFileSync(join(root, `examples/modules/${name}.ts`), "utf8");

describe("the packed package in a fresh TypeScript project", { timeout: 240_000 }, () => {
	let nodenext: ReadonlyMap<string, string>;
	let bundler: ReadonlyMap<string, string>;
	let library: ReadonlyMap<string, string>;
	const [readmeProgram = ""] = codeBlocks(section(page("README.md"), "A client"), "ts");
	const [libraryProgram = ""] = codeBlocks(page("docs/library.md"), "ts");

	before(() => {
		const both = { client: PROGRAM, module: moduleOf("return { left: count };") };
		nodenext = compile({
			...{ module: "nodenext", moduleResolution: "nodenext" },
			programs: {
				...both,
				readme: readmeProgram,
				wrongType: moduleOf('return { left: "none" };'),
				wrongName: moduleOf("return { left: item.price };"),
				shop: example("shop"),
				chatfilter: example("chatfilter"),
				tricks: example("tricks"),
				pong: example("pong"),
			},
		});
		bundler = compile({ module: "esnext", moduleResolution: "bundler", programs: both });
		library = compile({
			...{ module: "nodenext", moduleResolution: "nodenext", types: ["node"] },
			programs: {
				page: `${libraryProgram}export { port };\n`,
				server: SERVER,
				misspelled: SERVER.replace("host: ", "hots: "),
			},
		});
	});

	test("compiles with nodenext and bundler resolution, every strict option, and declarations checked", () => {
		assert.equal(nodenext.get("client"), "");
		assert.equal(bundler.get("client"), "");
	});

	test("compiles the program of the README", () => {
		assert.match(readmeProgram, /createClient/);
		assert.equal(nodenext.get("readme"), "");
	});

	test("compiles a module, whose mistakes are found", () => {
		assert.equal(nodenext.get("module"), "");
		assert.equal(bundler.get("module"), "");
		assert.match(nodenext.get("wrongType") ?? "", /TS2322/);
		assert.match(nodenext.get("wrongName") ?? "", /TS2339.*price/);
		const script = 'console.log(typeof (await import("framegate/module")).defineModule)';
		assert.equal(run(process.execPath, ["--input-type=module", "--eval", script], project), "function\n");
	});

	for (const name of ["shop", "chatfilter", "tricks", "pong"]) {
		test(`compiles the example ${name}`, () => assert.equal(nodenext.get(name), ""));
	}

	test("compiles the program of the page about the library", () => {
		assert.match(libraryProgram, /createGateway/);
		assert.equal(library.get("page"), "");
	});

	test("compiles and runs a program with a gateway in it, which ends by the program's own signal", async () => {
		assert.equal(library.get("server"), "");
		assert.match(library.get("misspelled") ?? "", /TS2\d+.*hots/, "a key that does not exist");
		writeFileSync(join(project, "main.ts"), SERVER);
		const port = await freePort();
		const env = { PATH: process.env["PATH"] ?? "", DATA_DIR: join(scratch, "data"), PORT: String(port) };
		const child = spawn(...tied(process.execPath, ["main.ts"]), {
			cwd: project,
			env,
			stdio: ["ignore", "pipe", "pipe"],
		});
		let output = "";
		child.stdout?.on("data", (chunk: Buffer) => {
			output += chunk.toString();
		});
		child.stderr?.on("data", (chunk: Buffer) => {
			output += chunk.toString();
		});
		const exited = once(child, "close");
		await until(() => output.includes("listening on") || child.exitCode !== null);
		assert.match(output, /^listening on 127\.0\.0\.1:/, output);
		const url = `http://127.0.0.1:${port}/greeter/hello`;
		const answer = await fetch(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
		assert.deepEqual((await answer.json()).data, { message: "Hello, World!" });
		child.kill("SIGTERM");
		assert.deepEqual(await exited, [0, null], output);
	});

	test("holds what package.json exports, and it is loaded by its name", () => {
		for (const path of Object.values(packageJson.exports["./client"])) {
			assert.ok(existsSync(join(project, "node_modules/framegate", path)), path);
		}
		const script = 'console.log(typeof (await import("framegate/client")).createClient)';
		assert.equal(run(process.execPath, ["--input-type=module", "--eval", script], project), "function\n");
	});
});
