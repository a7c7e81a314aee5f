// The client of before the package, and the one of now, at one gateway: they see the same, and take over each other's sessions. And the
// package in Node.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { build } from "esbuild";
import type * as framegate from "../../../client/index.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { findProgram } from "../../support/programs.ts";
import { until } from "../../support/until.ts";
import { packClient, root, run, type Tarball } from "./tarball.ts";

/** The last one whose client encoded by generated code, and came with the package of the server alone. */
const BEFORE_THE_PACKAGE = "01c24a8";
const PASSWORD = "correct horse battery";

type Library = typeof framegate;

/** The client of a commit, as its build made it. */
async function libraryOf(commit: string, scratch: string): Promise<Library> {
	const sources = join(scratch, "sources");
	mkdirSync(sources);
	const archive = execFileSync(findProgram("git"), ["archive", commit, "client", "protocol"], {
		cwd: root,
		maxBuffer: 64 * 1024 * 1024,
	});
	execFileSync("tar", ["-x", "-C", sources], { input: archive });
	const outfile = join(scratch, "client.mjs");
	await build({
		entryPoints: [join(sources, "client/index.ts")],
		outfile,
		bundle: true,
		format: "esm",
		platform: "browser",
		nodePaths: [join(root, "node_modules")],
		logLevel: "error",
	});
	return (await import(outfile)) as Library;
}

suite("clients of two versions at one gateway", () => {
	const scratch = mkdtempSync(join(tmpdir(), "framegate-versions-"));
	let gateway: GatewayProcess;
	let tarball: Tarball;
	let former: Library;
	let present: Library;
	const clients: framegate.Client[] = [];

	before(async () => {
		gateway = await startGateway();
		tarball = await packClient();
		former = await libraryOf(BEFORE_THE_PACKAGE, scratch);
		const folder = await tarball.project({});
		present = (await import(join(folder, "node_modules/framegate-client/dist/full.js"))) as Library;
	});

	after(async () => {
		for (const client of clients) client.close();
		await gateway?.stop();
		tarball?.remove();
		rmSync(scratch, { recursive: true, force: true });
	});

	async function signedIn(library: Library, username: string): Promise<framegate.Client> {
		const client = library.createClient({ url: gateway.url });
		clients.push(client);
		await client.connect();
		await client.auth.register({ username, password: PASSWORD });
		await client.login({ username, password: PASSWORD });
		return client;
	}

	test("they talk in one room, and read the same of it", async () => {
		const [ann, bob] = [await signedIn(former, "ann"), await signedIn(present, "bob")];
		const { room } = await ann.chat.createRoom({ name: "both", isPublic: true });
		const roomId = room?.id ?? "";
		await bob.chat.joinRoom({ roomId });
		const received: string[][] = [[], []];
		[ann, bob].forEach((client, index) => {
			const { pushes } = index === 0 ? former : present;
			client.chat.on(roomId, pushes.messagePosted, ({ message }, { offset }) =>
				received[index]?.push(`${offset} ${message?.sequence} ${message?.content?.text}`),
			);
		});
		await ann.chat.send(roomId, "from before ✓");
		await bob.chat.send(roomId, "from now ✓");
		await until(() => received.every((messages) => messages.length === 2));
		assert.deepEqual(received[1], received[0]);
		assert.match(received[0]?.join() ?? "", /from before ✓.*from now ✓/);
		const read = async (client: framegate.Client) => {
			const messages: unknown[] = [];
			for await (const message of client.chat.history(roomId)) messages.push(message);
			return JSON.stringify(messages);
		};
		assert.equal(await read(bob), await read(ann));
	});

	test("they play in one room", async () => {
		const [dan, eve] = [await signedIn(former, "dan"), await signedIn(present, "eve")];
		const { room } = await dan.rooms.create({ game: "gomoku", name: "both" });
		const roomId = room?.id ?? "";
		await eve.rooms.join({ roomId });
		const numbers: number[] = [];
		eve.rooms.on(roomId, present.pushes.roomEvent, ({ eventNumber }) => numbers.push(eventNumber));
		await dan.rooms.action({ roomId, action: former.RoomAction.READY });
		await eve.rooms.action({ roomId, action: present.RoomAction.READY });
		await until(() => numbers.length >= 2);
		const seen = async (client: framegate.Client) =>
			JSON.stringify((await client.rooms.state({ roomId })).room?.members);
		assert.equal(await seen(eve), await seen(dan));
		const payload = present.GomokuMove.encode({ row: 7, column: 7 }).finish();
		assert.deepEqual([...payload], [...former.GomokuMove.encode({ row: 7, column: 7 }).finish()]);
	});

	test("a session that the one began is gone on with by the other", async () => {
		const fay = await signedIn(former, "fay");
		const { tokens } = fay;
		fay.close();
		const later = present.createClient({ url: gateway.url, tokens: { load: () => tokens } });
		clients.push(later);
		await later.connect();
		assert.equal(later.user?.username, "fay");
		await later.refresh();
		const again = former.createClient({ url: gateway.url, tokens: { load: () => later.tokens } });
		clients.push(again);
		await again.connect();
		assert.equal(again.user?.username, "fay");
	});

	test("errors are the same", async () => {
		const errors = await Promise.all(
			[former, present].map(async (library) => {
				const client = library.createClient({ url: gateway.url });
				clients.push(client);
				await client.connect();
				const error = await client.auth.register({ username: "x", password: "y" }).catch((thrown: unknown) => thrown);
				assert.ok(error instanceof library.GatewayError);
				const { code, message, retryAfterMs, retryable, violations } = error;
				return { code, message, retryAfterMs, retryable, violations };
			}),
		);
		assert.deepEqual(errors[1], errors[0]);
	});

	test("every name that the former exports is there", () => {
		assert.deepEqual(
			Object.keys(former).filter((name) => !(name in present)),
			[],
		);
	});

	test("the package runs in Node, with its parts from their entries", async () => {
		const folder = await tarball.project({
			"program.js": `import { createClient } from "framegate-client";
import { chatPart, chatPushes } from "framegate-client/chat";
const client = createClient({ url: "${gateway.url}" });
await client.connect();
await client.auth.register({ username: "gus", password: "${PASSWORD}" });
await client.login({ username: "gus", password: "${PASSWORD}" });
const chat = client.use(chatPart);
const { room } = await chat.createRoom({ name: "node" });
const posted = new Promise((resolve) => chat.on(room.id, chatPushes.messagePosted, resolve));
await chat.send(room.id, "hello");
console.log((await posted).message.content.text, (await client.http.auth.getUserInfo()).user.username, client.use(chatPart) === chat);
client.close();`,
		});
		assert.equal(await run(process.execPath, ["program.js"], folder), "hello gus true\n");
	});
});
