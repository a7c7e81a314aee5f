// The package in Deno and Bun, whose binaries the npm registry has. `npm run languages` runs it; `npm test` does not, as it downloads
// some 200 MB, which stay in ~/.cache.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { packClient, run, type Tarball } from "./tarball.ts";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "framegate-languages/runtimes");
const arm = process.arch === "arm64";

interface Runtime {
	readonly name: string;
	readonly package: string;
	readonly version: string;
	/** Below the package. */
	readonly binary: string;
	readonly args: readonly string[];
}

const RUNTIMES: readonly Runtime[] = [
	{
		name: "Deno",
		package: `@deno/linux-${arm ? "arm64" : "x64"}-glibc`,
		version: "2.9.6",
		binary: "deno",
		args: ["run", "--quiet", "--allow-net=127.0.0.1", "--cached-only"],
	},
	{
		name: "Bun",
		package: `@oven/bun-linux-${arm ? "aarch64" : "x64"}`,
		version: "1.4.5",
		binary: "bin/bun",
		args: ["run"],
	},
];

const program = (url: string, username: string): string => `
import { createClient } from "framegate-client";
import { chatPart, chatPushes } from "framegate-client/chat";

const client = createClient({ url: ${JSON.stringify(url)} });
await client.connect();
await client.auth.register({ username: "${username}", password: "correct horse battery" });
await client.login({ username: "${username}", password: "correct horse battery" });
const chat = client.use(chatPart);
const { room } = await chat.createRoom({ name: "runtime" });
const posted = new Promise<string>((resolve) =>
	client.on(chatPushes.messagePosted, ({ message }) => resolve(message?.content?.text ?? "")),
);
await chat.send(room?.id ?? "", "hällo ✓");
console.log(await posted, (await client.http.auth.getUserInfo()).user?.username);
client.close();
`;

suite("framegate-client in other runtimes", () => {
	let gateway: GatewayProcess;
	let tarball: Tarball;
	before(async () => {
		tarball = await packClient();
		gateway = await startGateway();
	});
	after(async () => {
		await gateway?.stop();
		tarball?.remove();
	});

	for (const { name, version, binary, args, ...runtime } of RUNTIMES) {
		test(name, async () => {
			const prefix = join(cache, name.toLowerCase());
			const path = join(prefix, "node_modules", runtime.package, binary);
			mkdirSync(prefix, { recursive: true });
			if (!existsSync(path)) {
				const wanted = `${runtime.package}@${version}`;
				await run(
					"npm",
					["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", prefix, wanted],
					prefix,
				);
			}
			const folder = await tarball.project({ "program.ts": program(gateway.url, name.toLowerCase()) });
			assert.equal(await run(path, [...args, "program.ts"], folder), `hällo ✓ ${name.toLowerCase()}\n`);
		});
	}
});
