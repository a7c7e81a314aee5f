// What a fresh machine lacks is installed once, before the tests: which programs a run needs, and how the package manager is called.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { installPackages, type Machine, missingPackages, needsOf } from "../../../scripts/test-programs.ts";
import { PROGRAMS } from "../../support/programs.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
let scratch = "";

before(() => {
	scratch = mkdtempSync(join(tmpdir(), "framegate-programs-"));
});

after(() => rmSync(scratch, { recursive: true }));

/** Plays the package manager: answers in turn with errors or undefined, and keeps what it was called with. */
function packageManager(answers: readonly (string | undefined)[]) {
	const calls: string[] = [];
	const hadPolicy: boolean[] = [];
	const policy = join(scratch, "policy-rc.d");
	const on: Machine = {
		run(command, args) {
			hadPolicy.push(existsSync(policy));
			const output = answers[calls.length];
			calls.push([command, ...args].join(" "));
			return { ok: output === undefined, output: output ?? "" };
		},
		wait: () => void calls.push("wait"),
		policy,
	};
	return { calls, policy, hadPolicy, install: (...packages: string[]) => installPackages(packages, on) };
}

describe("what a run needs", () => {
	test("is what its files name, and all that they import", () => {
		const file = join(scratch, "a.test.ts");
		writeFileSync(join(scratch, "b.ts"), 'findProgram("redis-server"); execFileSync("openssl", []);');
		writeFileSync(file, 'import "./b.ts";\nimport "./missing.ts";\nfindProgram("unknown");');
		assert.deepEqual(needsOf([join(scratch, "*.test.ts")]), {
			programs: ["openssl", "redis-server"],
			pythonTools: false,
			kafka: false,
		});
	});

	test("is everything in a whole run, and less for an area", () => {
		const whole = needsOf([join(root, "test/**/*.test.ts")]);
		assert.deepEqual(whole.programs, Object.keys(PROGRAMS).sort());
		assert.ok(whole.pythonTools);
		assert.ok(whole.kafka);
		const area = needsOf([join(root, "test/middleware/**/*.test.ts")]);
		assert.deepEqual(area, { programs: [], pythonTools: false, kafka: false });
	});

	test("is in the packages that CI installs", () => {
		const ci = readFileSync(join(root, ".ci/run"), "utf8");
		for (const { debianPackage } of Object.values(PROGRAMS))
			assert.ok(ci.includes(`[${debianPackage}]=`), debianPackage);
	});
});

describe("installing", () => {
	test("takes each missing package once, and none that is there", () => {
		const there = { debianPackage: "there", paths: () => ["/bin/sh"] };
		const absent = { debianPackage: "absent", paths: () => ["/nonexistent"] };
		assert.deepEqual(missingPackages([there, absent, absent]), ["absent"]);
	});

	test("is one call, which waits for the package manager's lock", () => {
		const { calls, install } = packageManager([undefined]);
		assert.equal(install("one", "two"), undefined);
		assert.equal(calls.length, 1);
		assert.match(calls[0] ?? "", /^apt-get .*-o DPkg::Lock::Timeout=\d+ install -y .*one two$/);
	});

	test("reads the lists of packages when they are old, and waits for their lock, which apt-get does not", () => {
		const locked = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)";
		// The answer after the second is that of the waiting, which has none.
		const { calls, install } = packageManager(["E: Unable to locate package one", locked]);
		assert.equal(install("one"), undefined);
		const steps = calls.map((call) => /\b(?:install|update|wait)\b/.exec(call)?.[0]);
		assert.deepEqual(steps, ["install", "update", "wait", "update", "install"]);
	});

	test("that fails says why", () => {
		const { install } = packageManager(["E: old lists", "E: no network", "E: Unable to locate package one"]);
		assert.equal(install("one"), "E: no network\nE: Unable to locate package one");
	});

	test("starts no service: the policy is there meanwhile, and not afterwards", () => {
		const { install, policy, hadPolicy } = packageManager([undefined]);
		install("one");
		assert.deepEqual([hadPolicy, existsSync(policy)], [[true], false]);
	});
});
