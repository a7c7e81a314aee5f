// Archives for field boxes: which image they hold, by a container engine that only records what it is asked for. The real one is
// in deploy/arm64/check.sh.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };

const edge = fileURLToPath(new URL("../../deploy/edge/", import.meta.url));
const { version } = packageJson;
let directory = "";
let env: NodeJS.ProcessEnv = {};

/** Saves a file that says which platform it was built for, and says the same of it when it is loaded. */
const ENGINE = `#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
case "$1" in
  build) for word in "$@"; do case "$word" in linux/*) echo "\${word#linux/}" >"$CALLS.built" ;; esac; done ;;
  save) cp "$CALLS.built" "$3" ;;
  load) cat >"$CALLS.loaded"; echo "Loaded image: localhost/framegate:${version}" ;;
  image) case "$*" in *Architecture*) cat "$CALLS.loaded" ;; *version*) echo ${version} ;; *'.Id'*current*) exit 1 ;; *) echo id ;; esac ;;
esac
`;

before(() => {
	directory = mkdtempSync(join(tmpdir(), "framegate-edge-"));
	writeFileSync(join(directory, "docker"), ENGINE);
	chmodSync(join(directory, "docker"), 0o755);
	env = { PATH: `${directory}:${process.env["PATH"]}`, CALLS: join(directory, "calls"), EDGE_STATE: directory };
});

after(() => rmSync(directory, { recursive: true }));

const run = (script: string, ...args: string[]) =>
	spawnSync("sh", [script, ...args], { env: { ...env, EDGE_ENGINE: "docker" }, encoding: "utf8" });

/** The folder that the archive for an architecture unpacks to. */
function unpacked(arch: string, ...args: string[]): string {
	const out = mkdtempSync(join(directory, "out-"));
	const { status, stderr } = run(join(edge, "build_image.sh"), ...args, out);
	assert.equal(status, 0, stderr);
	const name = `framegate-edge-${version}-${arch}`;
	assert.deepEqual(readdirSync(out), [`${name}.tar`]);
	execFileSync("tar", ["-C", out, "-xf", join(out, `${name}.tar`)]);
	return join(out, name);
}

describe("build_image.sh", () => {
	for (const [arch, dockerfile, args] of [
		["arm64", "Dockerfile.arm64", []],
		["amd64", "Dockerfile", ["--arch", "amd64"]],
	] as const) {
		test(`packs an image for ${arch}, with scripts that name it`, () => {
			const folder = unpacked(arch, ...args);
			const build = readFileSync(join(directory, "calls"), "utf8")
				.split("\n")
				.findLast((line) => line.startsWith("build"));
			assert.match(build ?? "", new RegExp(`--platform linux/${arch} .*--file \\S*/${dockerfile} `));
			assert.ok(readdirSync(folder).includes(`framegate-${version}-${arch}.tar.gz`));
		});
	}

	test("names an architecture that it does not know, and an option", () => {
		const other = run(join(edge, "build_image.sh"), "--arch", "riscv64");
		assert.deepEqual([other.status, other.stderr], [1, "build_image.sh: --arch is arm64 or amd64, not riscv64\n"]);
		assert.match(run(join(edge, "build_image.sh"), "--arch").stderr, /--arch/);
		assert.match(run(join(edge, "build_image.sh"), "--amd64").stderr, /unknown option --amd64/);
	});
});

test("load_image.sh takes the image of this processor, and refuses the other", () => {
	const [own, other] = process.arch === "arm64" ? ["arm64", "amd64"] : ["amd64", "arm64"];
	const load = (arch: string) => run(join(unpacked(arch, "--arch", arch), "load_image.sh"));
	const accepted = load(own);
	assert.equal(accepted.status, 0, accepted.stderr);
	const refused = load(other);
	assert.equal(refused.status, 1);
	assert.match(refused.stderr, new RegExp(`the image is for ${other}, this box is ${own}`));
});
