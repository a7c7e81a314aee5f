// The generator: what is checked in is fresh, and mistakes in .proto files are refused by name.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

function generate(directory: string, ...args: string[]): Promise<{ code: number; stderr: string }> {
	return new Promise((resolve) => {
		execFile(process.execPath, [join(directory, "protocol/generate.ts"), ...args], (error, _stdout, stderr) => {
			resolve({ code: error === null ? 0 : 1, stderr });
		});
	});
}

suite("generator", () => {
	let copy = "";

	before(async () => {
		copy = await mkdtemp(join(tmpdir(), "framegate-generate-test-"));
		await cp(join(root, "protocol"), join(copy, "protocol"), { recursive: true });
		await cp(join(root, "package.json"), join(copy, "package.json"));
		await symlink(join(root, "node_modules"), join(copy, "node_modules"));
	});

	after(() => rm(copy, { recursive: true }));

	async function edit(path: string, change: (text: string) => string): Promise<() => Promise<void>> {
		const file = join(copy, path);
		const original = await readFile(file, "utf8");
		const changed = change(original);
		assert.notEqual(changed, original, `${path} has changed: adapt this test`);
		await writeFile(file, changed);
		return () => writeFile(file, original);
	}

	test("gives what is checked in", async () => {
		assert.deepEqual(await generate(root, "--check"), { code: 0, stderr: "" });
	});

	test("notices a stale file", async () => {
		const restore = await edit("protocol/gen/schema.ts", (text) => text.replace("number: 1005", "number: 1999"));
		const { code, stderr } = await generate(copy, "--check");
		assert.equal(code, 1);
		assert.match(stderr, /schema\.ts.*npm run generate/);
		await restore();
	});

	test("refuses two routes of one number, naming both", async () => {
		const restore = await edit("protocol/proto/framegate/v1/auth.proto", (text) =>
			text.replace("number: 1002", "number: 1001"),
		);
		const { code, stderr } = await generate(copy, "--check");
		assert.equal(code, 1);
		assert.match(stderr, /auth\.register: number 1001 belongs to auth\.login/);
		await restore();
	});

	test("refuses a route without a number", async () => {
		const restore = await edit("protocol/proto/framegate/v1/auth.proto", (text) =>
			text.replace(/option \(route\) = \{\s*number: 1007[^}]*\};/, ""),
		);
		const { code, stderr } = await generate(copy, "--check");
		assert.equal(code, 1);
		assert.match(stderr, /auth\.getUserInfo: the \(route\) option needs a number/);
		await restore();
	});

	test("refuses a push with the number of another, or with a request's number", async () => {
		for (const [number, problem] of [
			["1501", /Notification: number 1501 belongs to SessionRevoked/],
			["1005", /Notification: number 1005 is no push number/],
			["0", /Notification: the \(push\) option needs a number/],
		] as const) {
			const restore = await edit("protocol/proto/framegate/v1/auth.proto", (text) =>
				text.replace("option (push) = 1502;", `option (push) = ${number};`),
			);
			const { code, stderr } = await generate(copy, "--check");
			assert.equal(code, 1, `push ${number}`);
			assert.match(stderr, problem);
			await restore();
		}
	});
});
