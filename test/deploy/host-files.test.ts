// What deploy/ puts on machines without a cluster: shell scripts that shellcheck has nothing against, Dockerfiles that are
// one, and a systemd unit that systemd understands, with a sandbox that leaves little to take.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { drainLimitMs } from "../../server/cli/serve.ts";
import { loadConfig } from "../../server/config/load.ts";
import { findProgram } from "../support/programs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
let scratch = "";

before(() => {
	scratch = mkdtempSync(join(tmpdir(), "framegate-host-files-"));
});

after(() => rmSync(scratch, { recursive: true }));

describe("shell scripts", () => {
	const shellcheck = findProgram("shellcheck");

	test("shellcheck finds nothing", () => {
		const listed = execFileSync(findProgram("git"), ["ls-files", "-co", "--exclude-standard", "*.sh", ".ci/run"], {
			cwd: root,
		});
		const scripts = listed.toString().trim().split("\n");
		assert.ok(scripts.length > 10, scripts.join(" "));
		const { status, stdout } = spawnSync(shellcheck, ["-x", ...scripts], { cwd: root, encoding: "utf8" });
		assert.equal(status, 0, stdout);
	});

	test("it would find something", () => {
		const file = join(scratch, "wrong.sh");
		writeFileSync(file, "#!/bin/sh\nrm $1/*\n");
		assert.notEqual(spawnSync(shellcheck, [file]).status, 0);
	});
});

test("whatever starts the gateway bounds the young generation in the same way", () => {
	const flag = "--max-semi-space-size=8";
	const starts = {
		Dockerfile: "ENTRYPOINT",
		"deploy/systemd/framegate.service": "ExecStart=",
		"package.json": '"start":',
	};
	for (const [path, begin] of Object.entries(starts)) {
		const line = read(path)
			.split("\n")
			.find((each) => each.trim().startsWith(begin));
		assert.ok(line?.includes(flag), `${path}: ${line}`);
	}
	assert.ok(read("bench/servers/framegate.ts").includes(flag), "the bench measures what is shipped");
	assert.ok(read("docs/operations/capacity.md").includes(flag));
});

describe("Dockerfiles", () => {
	test("the one for ARM64 differs in its comment and in the platform alone", () => {
		const instructions = (path: string) => {
			const text = read(path);
			return text.slice(text.indexOf("\nARG "));
		};
		const arm64 = instructions("Dockerfile.arm64");
		assert.equal(arm64.replaceAll("FROM --platform=linux/arm64 ", "FROM "), instructions("Dockerfile"));
		assert.equal(arm64.match(/^FROM --platform=linux\/arm64 /gm)?.length, 2);
	});

	test("copy nothing into the build but what is built, and no secret", () => {
		const [first, ...rest] = read(".dockerignore")
			.split("\n")
			.filter((line) => line !== "" && !line.startsWith("#"));
		assert.equal(first, "*");
		const allowed = rest.filter((line) => line.startsWith("!"));
		for (const name of ["data", "logs", "node_modules", "test", ".git", ".env", "deploy"]) {
			assert.ok(!allowed.includes(`!${name}`), name);
		}
	});

	test("copy every folder that the program imports from", () => {
		const lines = read(".dockerignore").split("\n");
		const seen = new Set<string>(["server"]);
		for (const folder of seen) {
			for (const file of globSync(`${folder}/**/*.ts`, { cwd: root })) {
				for (const [, imported = ""] of read(file).matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)) {
					const [first = ""] = relative(root, resolve(root, dirname(file), imported)).split("/");
					if (!first.includes(".")) seen.add(first);
				}
			}
		}
		assert.ok(seen.size > 8, [...seen].join(" "));
		for (const folder of seen) assert.ok(lines.includes(`!${folder}`), folder);
	});

	test("copy every script that the build of an image imports at its start", () => {
		const lines = read(".dockerignore").split("\n");
		const scripts = ["scripts/build.ts", "scripts/image-packages.ts"];
		for (const script of scripts) {
			assert.ok(lines.includes(`!${script}`), script);
			for (const [, name = ""] of read(script).matchAll(/^import .* from "\.\/([^"]+)";$/gm)) {
				if (!scripts.includes(`scripts/${name}`)) scripts.push(`scripts/${name}`);
			}
		}
		assert.ok(scripts.length >= 5, scripts.join(" "));
	});
});

describe("the systemd unit", () => {
	const analyze = findProgram("systemd-analyze");
	const unit = read("deploy/systemd/framegate.service");
	/** The Node.js that is installed with the program. */
	const NODE = "/opt/framegate/bin/node";
	/** At which systemd itself says "OK"; what is not sandboxed has 9.6. */
	const MAX_EXPOSURE = 20;

	function file(text: string): string {
		const path = join(scratch, "framegate.service");
		// Where Node is on this machine: that the program exists is part of what is verified.
		writeFileSync(path, text.replaceAll(NODE, process.execPath));
		return path;
	}

	function verify(text: string) {
		const { status, stderr } = spawnSync(analyze, ["verify", "--man=no", file(text)], { encoding: "utf8" });
		return { status, stderr };
	}

	test("systemd finds nothing wrong with it", () => {
		assert.deepEqual(verify(unit), { status: 0, stderr: "" });
	});

	test("it would complain of a wrong name and of a program that is not there", () => {
		assert.match(verify(unit.replace("KillMode=", "KilMode=")).stderr, /Unknown key (name )?'KilMode'/);
		assert.match(verify(unit.replaceAll(NODE, "/opt/no-such-node")).stderr, /no-such-node/);
	});

	test("its sandbox leaves little exposed", () => {
		const security = (text: string) =>
			spawnSync(analyze, ["security", "--offline=true", `--threshold=${MAX_EXPOSURE}`, file(text)]).status;
		assert.equal(security(unit), 0);
		const [open = ""] = unit.split("# MemoryDenyWriteExecute");
		assert.notEqual(security(`${open}\n`), 0);
	});

	test("the gateway has the time to drain, and the descriptors for its connections", () => {
		const setting = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1] ?? "";
		const production = { FRAMEGATE_PROFILE: "production", JWT_SECRET: "qN3v8Zr1Lk6Wt0Yx5Hb2Jd9Gs4Pf7Ma-" };
		const config = loadConfig({ env: production, cwd: scratch });
		assert.ok(Number(setting("TimeoutStopSec")) * 1000 > drainLimitMs(config));
		assert.ok(Number(setting("LimitNOFILE")) > config.limits.maxConnections);
	});
});
