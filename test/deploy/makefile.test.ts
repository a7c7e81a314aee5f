// The targets of the Makefile, run with programs that only write down how they were called: each leads to a command that exists, and
// what `make dev` starts is what `make run` uses.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { loadConfig } from "../../server/config/load.ts";
import { page } from "../docs/markdown.ts";
import { findProgram } from "../support/programs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const make = findProgram("make");

describe("the Makefile", () => {
	let cwd = "";
	const calls = () => join(cwd, "calls");
	before(() => {
		cwd = mkdtempSync(join(tmpdir(), "framegate-make-"));
		for (const path of ["Makefile", "package.json", "deploy/compose/compose.yaml", "deploy/compose/dev.yaml"])
			cpSync(join(root, path), join(cwd, path), { recursive: true });
		cpSync(join(root, "deploy/compose/make_secrets.sh"), join(cwd, "deploy/compose/make_secrets.sh"));
		mkdirSync(join(cwd, "bin"));
		for (const program of ["npm", "npx", "docker", "git", "node"]) {
			const file = join(cwd, "bin", program);
			const answer = { git: "echo 0123abc", node: "echo 1.2.3" }[program] ?? "";
			const settings = `"REDIS_HOST=$REDIS_HOST" "REDIS_PASSWORD_FILE=$REDIS_PASSWORD_FILE" "DATABASE_URL_FILE=$DATABASE_URL_FILE"`;
			writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "${program} $*" >>"${calls()}"\n${answer}\n`);
			if (program === "npx") writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "npx $*" ${settings} >>"${calls()}"\n`);
			chmodSync(file, 0o755);
		}
	});
	after(() => rmSync(cwd, { recursive: true }));

	/** The commands that a target ran. */
	function ran(target: string): string[] {
		rmSync(calls(), { force: true });
		const env = { PATH: `${join(cwd, "bin")}:/usr/bin:/bin` };
		const { status, stderr } = spawnSync(make, ["--no-print-directory", target], { cwd, env, encoding: "utf8" });
		assert.equal(status, 0, stderr);
		return readFileSync(calls(), "utf8").trim().split("\n");
	}

	const settingsOf = (lines: readonly string[]) =>
		Object.fromEntries(lines.filter((line) => /^[A-Z_]+=./.test(line)).map((line) => line.split("=", 2)));

	it("runs the scripts of package.json", () => {
		assert.deepEqual(ran("build"), ["npm run build"]);
		assert.deepEqual(ran("test"), ["npm test"]);
		assert.deepEqual(ran("lint"), ["npm run check"]);
		for (const script of ["build", "test", "check"]) assert.ok(script in packageJson.scripts, script);
		assert.equal(ran("fmt")[0], "npx biome check --write");
	});

	it("runs what was built, by itself or with the services of `make dev`", () => {
		const alone = ran("run");
		assert.deepEqual(alone.slice(0, 2), ["npm run build", "npx node --max-semi-space-size=8 dist/framegate.js start"]);
		assert.deepEqual(settingsOf(alone), {});

		const [started] = ran("dev");
		const files = "-f deploy/compose/compose.yaml -f deploy/compose/dev.yaml";
		assert.equal(started, `docker compose ${files} up --detach --wait redis postgres`);
		const config = loadConfig({ env: settingsOf(ran("run")), cwd });
		const password = readFileSync(join(cwd, "deploy/compose/secrets/redis_password"), "utf8");
		assert.equal(config.redis.url, `redis://:${password}@127.0.0.1:6379`);
		assert.match(config.database.url, /^postgres:\/\/framegate:\w+@127\.0\.0\.1:5432\/framegate$/);

		assert.deepEqual(ran("dev-stop"), [`docker compose ${files} stop redis postgres`]);
		assert.deepEqual(settingsOf(ran("run")), {});
	});

	it("publishes the services of `make dev` to this machine only", () => {
		const read = (file: string) => parse(readFileSync(join(root, "deploy/compose", file), "utf8")).services;
		const services = read("compose.yaml");
		for (const [name, service] of Object.entries<{ ports: string[] }>(read("dev.yaml"))) {
			assert.ok(name in services, name);
			for (const port of service.ports) assert.match(port, /^127\.0\.0\.1:/);
		}
	});

	it("builds, runs and shows containers", () => {
		const compose = "docker compose -f deploy/compose/compose.yaml";
		assert.equal(
			ran("docker-build").at(-1),
			"docker build --build-arg VERSION=1.2.3 --build-arg REVISION=0123abc --tag framegate .",
		);
		assert.match(ran("docker-run")[0] ?? "", /^docker run --rm .*--publish 8080:8080 .* framegate$/);
		assert.deepEqual(ran("docker-up"), [`${compose} up --build --detach --wait`]);
		assert.ok(existsSync(join(cwd, "deploy/compose/secrets/jwt_secret")));
		assert.deepEqual(ran("docker-down"), [`${compose} down`]);
		for (const target of ["logs", "docker-logs"]) assert.deepEqual(ran(target), [`${compose} logs -f gateway`]);
	});

	it("lists every target, as CONTRIBUTING.md does", () => {
		const phony = /^\.PHONY: (.*)$/m.exec(readFileSync(join(root, "Makefile"), "utf8"))?.[1] ?? "";
		const { stdout } = spawnSync(make, ["--no-print-directory"], { cwd, encoding: "utf8" });
		for (const target of phony.split(" ")) {
			assert.ok(stdout.includes(target), target);
			if (target !== "help") assert.ok(page("CONTRIBUTING.md").includes(`\`${target}\``), target);
		}
	});
});
