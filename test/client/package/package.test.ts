// The client as a package, in fresh projects: what is in it, what an ordinary TypeScript compiler says, what a bundler makes of it.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import * as codec from "../../../protocol/gen/codec/index.ts";
import { codeBlocks, page as markdown } from "../../docs/markdown.ts";
import { packClient, run, type Tarball, tool } from "./tarball.ts";

/** A browser's program with login and channels, minified and compressed. */
const MAX_CORE_BYTES = 30 * 1024;
const MAX_FULL_BYTES = 60 * 1024;

const CORE_PROGRAM = `
import { authPushes, createClient, ErrorCode, GatewayError } from "framegate-client";

const client = createClient({ url: "wss://gateway.example/ws", tokens: { save: (tokens) => console.log(tokens?.accessToken) } });
client.on(authPushes.notification, (notification, { channel, offset }) => console.log(notification.title, channel, offset));
client.onRecovery(({ channel, recovered }) => console.log(channel, recovered));
try {
	const { user } = await client.login({ username: "ada", password: "correct horse" });
	console.log(user?.nickname, client.channel("user:1").state);
	console.log((await client.http.auth.getUserInfo()).user?.roles.join());
} catch (error) {
	if (error instanceof GatewayError && error.code === ErrorCode.UNAUTHENTICATED) console.log(error.violations);
}
`;

const FULL_PROGRAM = `
import * as framegate from "framegate-client/full";

(globalThis as { framegate?: unknown }).framegate = framegate;
`;

const CHAT_PROGRAM = `
import { createClient } from "framegate-client";
import { chatPart } from "framegate-client/chat";

await createClient({ url: "wss://gateway.example/ws" }).use(chatPart).send("r1", "hello");
`;

/** Every entry, and uses that the compiler has to refuse. */
const TYPED_PROGRAM = `
import { keyRoutes } from "framegate-client/server";
import { type ClientPart, createClient, createHttpClient, type HttpClient, type User, type WireRoute } from "framegate-client";
import { type Chat, chatPart, chatPushes, chatRoutes, MessageKind } from "framegate-client/chat";
import { DataType, type EdgeSubscription, edgePart, type PointValue } from "framegate-client/edge";
import { createClient as createFullClient, pushes } from "framegate-client/full";
import { gamePushes, RoomAction, roomsPart } from "framegate-client/rooms";

const client = createClient({ url: ["wss://a.example/ws", "wss://b.example/ws"], requestTimeoutMs: 1000 });
const chat: Chat = client.use(chatPart);
const { sequence } = await chat.send("r1", { kind: MessageKind.TEXT, text: "hello" }, { retry: true });
const next: number = sequence + 1;
for await (const { name, memberCount } of chat.rooms()) console.log(name.length, memberCount.toFixed(), next);
client.on(chatPushes.messagePosted, ({ message }) => console.log(message?.content?.text.length));
chat.on("r1", chatPushes.readReceipt, ({ conversationId }) => conversationId.length);
const rooms = client.use(roomsPart);
await rooms.action({ roomId: "1", action: RoomAction.READY, payload: new Uint8Array(1) });
rooms.on("1", gamePushes.gameEvent, ({ eventNumber }) => eventNumber.toFixed());
const subscription: EdgeSubscription = await client.use(edgePart).subscribe({ channels: [1001], dataTypes: [DataType.TELEMETRY] });
const point: PointValue | undefined = subscription.value(1001, DataType.TELEMETRY, 1);
if (point?.value === "num") point.num.toFixed();
const full = createFullClient({ url: "wss://a.example/ws", WebSocket, fetch });
full.on(pushes.alarm, ({ alarm }) => alarm?.title.length);
await full.edge.ackAlarm({ alarmId: "1" });
const http: HttpClient = createHttpClient({ url: "https://a.example", token: "key" });
const history = await http.routes(chatRoutes).getHistory({ roomId: "r1" }, { signal: AbortSignal.timeout(1), idempotencyKey: "k" });
console.log(history.messages.map(({ senderId }) => senderId.length));
const ownPart: ClientPart<() => Promise<User | null>> = ({ request }) => async () => (await request(infoRoute, {})).user;
const infoRoute: WireRoute<unknown, { readonly userId?: string }, { readonly user: User | null }, unknown> = {} as never;
console.log((await client.use(ownPart)())?.id, (await http.routes(keyRoutes).listKeys()).keys.map(({ name }) => name.length));

// @ts-expect-error A field that the message does not have.
await chat.createRoom({ title: "r" });
// @ts-expect-error A number is no string.
await client.login({ username: 1 });
// @ts-expect-error What is absent is null.
(await client.auth.getUserInfo()).user.id;
// @ts-expect-error A part that was not imported.
client.chat;
// @ts-expect-error Calls over a connection have no key.
await client.auth.getUserInfo({}, { idempotencyKey: "k" });
`;

const STRICT = {
	target: "es2022",
	lib: ["es2022", "dom"],
	types: [],
	strict: true,
	exactOptionalPropertyTypes: true,
	noUncheckedIndexedAccess: true,
	noPropertyAccessFromIndexSignature: true,
	isolatedModules: true,
	verbatimModuleSyntax: true,
	skipLibCheck: false,
	noEmit: true,
};

suite("framegate-client", () => {
	let tarball: Tarball;
	before(async () => {
		tarball = await packClient();
	});
	after(() => tarball.remove());

	test("holds its entries and nothing of the server", async () => {
		const folder = join(await tarball.project({}), "node_modules/framegate-client");
		const { exports, ...rest } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
		assert.deepEqual([rest.dependencies, rest.sideEffects, rest.type], [undefined, false, "module"]);
		for (const target of Object.values(exports).flatMap((entry) =>
			typeof entry === "string" ? [entry] : Object.values(entry as object),
		)) {
			assert.ok(existsSync(join(folder, target)), target);
		}
		const files = globSync("**/*", { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile());
		const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort();
		const expected =
			/^(?:package\.json|README\.md|LICENSE|dist\/(?:chunks\/)?[\w.-]+\.js|dist\/types\/(?:client|protocol)\/[\w/.-]+\.d\.ts)$/;
		assert.deepEqual(
			paths.filter((path) => !expected.test(path)),
			[],
		);
		for (const path of paths.filter((name) => name.endsWith(".js"))) {
			const text = readFileSync(join(folder, path), "utf8");
			assert.doesNotMatch(text, /\beval\b|new Function\b|from ?"(?!\.)|\brequire\(|protobufjs/, path);
		}
		for (const path of paths.filter((name) => name.endsWith(".d.ts"))) {
			assert.doesNotMatch(readFileSync(join(folder, path), "utf8"), /from "(?!\.)|\.ts"|protobufjs|<reference/, path);
		}
	});

	for (const [name, options] of [
		["nodenext", { module: "nodenext", moduleResolution: "nodenext" }],
		["bundler", { module: "esnext", moduleResolution: "bundler" }],
	] as const) {
		test(`its types pass a strict compiler with ${name} resolution, without other packages`, async () => {
			const folder = await tarball.project({
				"tsconfig.json": JSON.stringify({ compilerOptions: { ...STRICT, ...options }, include: ["*.ts"] }),
				"program.ts": TYPED_PROGRAM,
				"core.ts": CORE_PROGRAM,
			});
			assert.equal(await run(tool("tsc"), ["-p", "."], folder), "");
		});
	}

	test("a program with login and channels is small, and has nothing of the other parts", async () => {
		const text = await bundled(await tarball.project(browserProject(CORE_PROGRAM)));
		const bytes = gzipSync(text, { level: 9 }).length;
		assert.ok(bytes <= MAX_CORE_BYTES, `${bytes} bytes`);
		assert.match(text, /LoginRequest/);
		assert.doesNotMatch(text, /ChatMessage|GomokuMove|DataBatch|AlarmRecord/);
	});

	test("a program with everything is not large", async () => {
		const text = await bundled(await tarball.project(browserProject(FULL_PROGRAM)));
		const bytes = gzipSync(text, { level: 9 }).length;
		assert.ok(bytes <= MAX_FULL_BYTES, `${bytes} bytes`);
		assert.match(text, /ChatMessage/);
	});

	test("the sizes that the pages state are those of these programs, to a kB", async () => {
		const [appProgram = ""] = codeBlocks(markdown("docs/browser-app.md"), "ts");
		const stated = [
			{ page: "docs/reference/client.md", size: /(\d+) kB gzipped with login and channels/, program: CORE_PROGRAM },
			{ page: "docs/reference/client.md", size: /(\d+) kB with chat/, program: CHAT_PROGRAM },
			{ page: "docs/reference/client.md", size: /(\d+) kB with everything/, program: FULL_PROGRAM },
			{ page: "docs/browser-app.md", size: /(\d+) kB gzipped for this page/, program: appProgram },
			{ page: "README.md", size: /(\d+) kB gzipped with login and\schannels/, program: CORE_PROGRAM },
		];
		for (const { page, size, program } of stated) {
			const kilobytes =
				gzipSync(await bundled(await tarball.project(browserProject(program))), { level: 9 }).length / 1000;
			const [text = "", figure] = size.exec(markdown(page)) ?? [];
			assert.ok(Math.abs(kilobytes - Number(figure)) < 1, `${page}: ${text}, but it is ${kilobytes}`);
		}
	});

	test("a part brings its own messages and no other part's", async () => {
		const text = await bundled(await tarball.project(browserProject(CHAT_PROGRAM)));
		assert.match(text, /ChatMessage/);
		assert.doesNotMatch(text, /GomokuMove|DataBatch|AlarmRecord/);
	});

	test("exports everything that the .proto files define, and every route, push and enum from the entry of a part", async () => {
		const folder = await tarball.project({});
		const entry = (name: string): Promise<object> =>
			import(join(folder, `node_modules/framegate-client/dist/${name}.js`));
		const full = await entry("full");
		const parts = Object.assign({}, ...(await Promise.all(["core", "chat", "rooms", "edge", "server"].map(entry))));
		assert.deepEqual(
			Object.keys(codec).filter((name) => !(name in full)),
			[],
		);
		assert.deepEqual(
			Object.entries(codec).flatMap(([name, value]) => ("encode" in value || name in parts ? [] : [name])),
			["PushNumber", "pushes"],
		);
	});
});

const browserProject = (program: string) => ({
	"index.html": '<!doctype html><title>app</title><script type="module" src="/main.ts"></script>',
	"main.ts": program,
});

/** What vite makes of a project, as one text. */
async function bundled(folder: string): Promise<string> {
	const result = await build({
		root: folder,
		logLevel: "silent",
		build: { target: "es2022", modulePreload: false, write: false },
	});
	const chunks = [result].flat().flatMap((each) => ("output" in each ? each.output : []));
	return chunks.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("\n");
}
