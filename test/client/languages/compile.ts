// Generates code for other languages from the .proto files, compiles it, and runs a program of each that prints the heartbeat of
// protocol/README.md. C# and Objective-C are compiled only, as no runtime of theirs is to be had from package registries.
// `npm run languages` runs it; `npm test` does not, as it takes compilers and minutes. What is downloaded (modules of Go, crates,
// packages of npm and Maven) stays in the caches of their tools, and what Rust has compiled in ~/.cache.
import assert from "node:assert/strict";
import { type ExecFileOptions, execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { codeBlocks, page, section } from "../../docs/markdown.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Not a file of its own, as the types of this repository do not have what it imports. */
const TYPESCRIPT_CLIENT = `
import { create, toBinary } from "@bufbuild/protobuf";
import { HeartbeatRequestSchema } from "./gen/framegate/v1/auth_pb.js";
import { EnvelopeSchema } from "./gen/framegate/v1/envelope_pb.js";

const body = toBinary(HeartbeatRequestSchema, create(HeartbeatRequestSchema, { clientTimeMs: 1754530782000n }));
const traceId = "0af7651916cd43dd8448eb211c80319c";
const envelope = create(EnvelopeSchema, { protocol: 1005, seq: 7, body, traceId });
console.log(Buffer.from(toBinary(EnvelopeSchema, envelope)).toString("hex"));
`;
/** With the options of ours, and without them. */
const WITH_OPTIONS = join(root, "protocol/proto");
const PLAIN = join(root, "protocol/plain");
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "framegate-languages");
const TIMEOUT_MS = 600_000;

const execute = promisify(execFile);

/** Runs a program to its end. @returns what it printed. @throws Error with all that it said. */
async function run(command: string, args: readonly string[], options: ExecFileOptions = {}): Promise<string> {
	const limits = { maxBuffer: 64 * 1024 * 1024, timeout: TIMEOUT_MS };
	try {
		const { stdout } = await execute(command, args, { cwd: root, ...limits, ...options, encoding: "utf8" });
		return stdout.trim();
	} catch (error) {
		const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
		throw new Error(`${command} ${args.slice(0, 6).join(" ")} failed:\n${stdout}\n${stderr}`, { cause: error });
	}
}

/** The files of ours, and with the options those of google.api that they import: few runtimes bring them. */
function protoFiles(folder: string): string[] {
	return filesBelow(folder, ".proto");
}

const protoc = (folder: string, ...args: string[]): Promise<string> =>
	run("protoc", ["-I", folder, ...args, ...protoFiles(folder)]);

/** Files below a folder whose names end so. */
function filesBelow(folder: string, ending: string): string[] {
	const names = readdirSync(folder, { recursive: true }) as string[];
	return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

function heartbeat(): string {
	const blocks = codeBlocks(section(page("protocol/README.md"), "Envelope"), "");
	return (blocks.find((block) => /^[\da-f ]+$/.test(block.trim())) ?? "").replace(/\s/g, "");
}

suite("generated code, compiled and run", { concurrency: 2 }, () => {
	const expected = heartbeat();
	let scratch = "";
	let jars: Promise<string> | undefined;

	before(() => {
		assert.equal(expected.length, 96);
		scratch = mkdtempSync(join(tmpdir(), "framegate-languages-"));
	});

	after(() => rmSync(scratch, { recursive: true, force: true }));

	/** A new folder with the sources of a language's client. */
	function folderOf(language: string, name = language): string {
		const folder = join(scratch, name);
		mkdirSync(join(folder, "gen"), { recursive: true });
		cpSync(join(here, language), folder, { recursive: true });
		return folder;
	}

	/** From Maven Central, once. */
	function mavenJars(): Promise<string> {
		jars ??= downloadJars(join(scratch, "jars"));
		return jars;
	}

	async function downloadJars(target: string): Promise<string> {
		const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
		await run("mvn", ["-q", "-B", "-f", join(here, "java/pom.xml"), goal, `-DoutputDirectory=${target}`]);
		return target;
	}

	for (const [name, folder] of Object.entries({ "protocol/proto": WITH_OPTIONS, "protocol/plain": PLAIN })) {
		test(`Go, from ${name}`, async () => {
			const client = folderOf("go", `go-${folder === PLAIN}`);
			const env = { ...process.env, GOFLAGS: "-mod=readonly", GOTOOLCHAIN: "local" };
			const plugin = join(client, "protoc-gen-go");
			await run("go", ["build", "-o", plugin, "google.golang.org/protobuf/cmd/protoc-gen-go"], { cwd: client, env });
			const out = [`--go_out=${join(client, "gen")}`, "--go_opt=paths=source_relative"];
			await protoc(folder, `--plugin=${plugin}`, ...out);
			assert.equal(await run("go", ["run", "."], { cwd: client, env }), expected);
		});

		test(`Python, from ${name}`, async () => {
			const client = folderOf("python", `python-${folder === PLAIN}`);
			await protoc(folder, `--python_out=${join(client, "gen")}`);
			const env = { PYTHONPATH: join(client, "gen"), PYTHONDONTWRITEBYTECODE: "1" };
			const printed = await run("/usr/bin/python3", [join(client, "client.py"), join(client, "gen")], { env });
			assert.equal(printed, expected);
		});

		test(`Rust with prost, from ${name}`, async () => {
			const target = join(cache, "rust");
			const args = [
				"run",
				"--quiet",
				"--locked",
				"--manifest-path",
				join(here, "rust/Cargo.toml"),
				"--target-dir",
				target,
			];
			assert.equal(await run("cargo", args, { env: { ...process.env, PROTO: folder } }), expected);
		});

		test(`TypeScript with protobuf-es, from ${name}`, async () => {
			const client = folderOf("typescript", `typescript-${folder === PLAIN}`);
			writeFileSync(join(client, "client.ts"), TYPESCRIPT_CLIENT);
			await run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: client });
			const bin = join(client, "node_modules/.bin/protoc-gen-es");
			await protoc(
				folder,
				`--plugin=${bin}`,
				`--es_out=${join(client, "gen")}`,
				"--es_opt=target=ts,import_extension=js",
			);
			const strict = [
				"--ignoreConfig",
				"--strict",
				"--module",
				"nodenext",
				"--target",
				"es2022",
				"--outDir",
				join(client, "out"),
			];
			const types = ["--typeRoots", join(root, "node_modules/@types"), "--types", "node"];
			await run(join(root, "node_modules/.bin/tsc"), [
				...strict,
				...types,
				"--rootDir",
				client,
				join(client, "client.ts"),
			]);
			cpSync(join(client, "package.json"), join(client, "out/package.json"));
			assert.equal(await run(process.execPath, [join(client, "out/client.js")]), expected);
		});
	}

	test("Java and Kotlin, from protocol/proto", async () => {
		const client = folderOf("java", "java-full");
		const libraries = await mavenJars();
		const gen = join(client, "gen");
		const classes = join(client, "classes");
		await protoc(WITH_OPTIONS, `--java_out=${gen}`, `--kotlin_out=${gen}`);
		const runtime = [join(libraries, "protobuf-java-3.21.12.jar"), join(libraries, "protobuf-kotlin-3.21.12.jar")];
		const path = [...runtime, join(libraries, "kotlin-stdlib-1.9.25.jar"), classes].join(":");
		await run("javac", ["-nowarn", "-d", classes, "-cp", path, ...filesBelow(client, ".java")]);
		assert.equal(await run("java", ["-cp", path, "Client"]), expected);

		// A folder of its own: with the one that has Java's classes, the compiler does not see their nested classes.
		const out = join(client, "kotlin");
		// A quick start matters more than quick code: it takes half the time.
		const start = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", `${libraries}/*`];
		const compiler = [...start, "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", "-no-stdlib", "-no-reflect", "-nowarn"];
		await run("java", [...compiler, "-cp", path, "-d", out, ...filesBelow(client, ".kt")]);
		assert.equal(await run("java", ["-cp", `${path}:${out}`, "ClientKt"]), expected);
	});

	test("Java lite, from protocol/plain", async () => {
		const client = folderOf("java", "java-lite");
		const path = [join(await mavenJars(), "protobuf-javalite-3.21.12.jar"), join(client, "classes")].join(":");
		await protoc(PLAIN, `--java_out=lite:${join(client, "gen")}`);
		const sources = filesBelow(client, ".java");
		await run("javac", ["-nowarn", "-d", join(client, "classes"), "-cp", path, ...sources]);
		assert.equal(await run("java", ["-cp", path, "Client"]), expected);
	});

	test("C++ with libprotobuf-lite and the macros of windows.h, from protocol/plain", async () => {
		const client = folderOf("cpp");
		const gen = join(client, "gen");
		await protoc(PLAIN, `--cpp_out=lite:${gen}`);
		const sources = filesBelow(gen, ".cc").map((file) => `#include "${file}"\n`);
		writeFileSync(join(client, "all.inc"), sources.join(""));
		const program = join(client, "client");
		const includes = [`-I${join(client, "msvc")}`, `-I${gen}`];
		await run("g++", [
			"-std=c++17",
			"-O0",
			...includes,
			"-o",
			program,
			join(client, "client.cpp"),
			"-lprotobuf-lite",
			"-pthread",
		]);
		assert.equal(await run(program, []), expected);
	});

	for (const [language, { plugin, library, flags }] of Object.entries({
		nanopb: { plugin: "nanopb", library: "protobuf-nanopb", flags: [] },
		// It initialises a oneof that begins with bytes by one brace less than -Wall wants.
		"protobuf-c": { plugin: "c", library: "protobuf-c", flags: ["-Wno-missing-braces"] },
	})) {
		test(`C with ${language}, from protocol/plain`, async () => {
			const client = folderOf(language);
			const gen = join(client, "gen");
			await protoc(PLAIN, `--${plugin}_out=${gen}`);
			const program = join(client, "client");
			const sources = [...filesBelow(gen, ".c"), join(client, "client.c")];
			await run("gcc", ["-Wall", "-Werror", ...flags, `-I${gen}`, "-o", program, ...sources, `-l${library}`]);
			assert.equal(await run(program, []), expected);
		});
	}

	test("C#, from protocol/plain, compiled against declarations of its runtime and not run", async () => {
		const client = folderOf("csharp");
		await protoc(PLAIN, `--csharp_out=${join(client, "gen")}`);
		// mono's compiler knows C# 7: without this, generated code uses types of later ones.
		const options = ["-nologo", "-define:GOOGLE_PROTOBUF_REFSTRUCT_COMPATIBILITY_MODE", "-nowarn:1591,0436"];
		await run("mcs", [...options, `-out:${join(client, "client.exe")}`, ...filesBelow(client, ".cs")]);
	});

	test("Objective-C, from protocol/plain, checked by clang with the headers of its runtime and not run", async () => {
		const client = folderOf("objc");
		const gen = join(client, "gen");
		await protoc(PLAIN, `--objc_out=${gen}`);
		const runtime = join(await crateFolder("protobuf-src"), "protobuf/objectivec");
		const compiler = await run("gcc", ["-print-file-name=include"]);
		const system = [join(client, "gnustep"), compiler, "/usr/include/GNUstep", runtime].flatMap((path) => [
			"-isystem",
			path,
		]);
		const dialect = ["-x", "objective-c", "-fno-objc-arc", "-fblocks", "-fobjc-runtime=gnustep-2.0", "-fsyntax-only"];
		const args = [...dialect, "-Werror", "-include", join(client, "gnustep/apple.h"), ...system, `-I${gen}`];
		for (const file of filesBelow(client, ".m")) await run("clang", [...args, file]);
	});

	/** Where cargo has unpacked a crate of rust/Cargo.lock. */
	async function crateFolder(name: string): Promise<string> {
		const manifest = ["--locked", "--manifest-path", join(here, "rust/Cargo.toml")];
		await run("cargo", ["fetch", ...manifest]);
		const metadata = await run("cargo", ["metadata", "--format-version", "1", ...manifest]);
		const { packages } = JSON.parse(metadata) as { packages: { name: string; manifest_path: string }[] };
		const found = packages.find((one) => one.name === name);
		assert.ok(found, name);
		return dirname(found.manifest_path);
	}
});
