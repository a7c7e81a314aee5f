// The production bundle: complete but for native packages, executable, and as ready as the sources are.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import {
	accessSync,
	constants,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import WebSocket from "ws";
import { chatRoutes, MessageKind } from "../../../protocol/gen/schema.ts";
import { moduleSource } from "../../services/modules/module-fixture.ts";
import { startGateway } from "../../support/gateway.ts";
import { post } from "../../support/http-client.ts";
import { startMosquitto } from "../../support/mosquitto-server.ts";
import { until } from "../../support/until.ts";
import { WireClient } from "../../support/wire-client.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);
/** All that the bundle may need of node_modules. */
const nativePackages = ["uWebSockets.js", "better-sqlite3", "@node-rs", "esbuild"];

suite("the production bundle", () => {
	let scratch = "";
	let program = "";

	before(async () => {
		scratch = mkdtempSync(join(tmpdir(), "framegate-build-"));
		writeFileSync(join(scratch, "package.json"), '{"type": "module"}');
		for (const name of nativePackages) {
			mkdirSync(dirname(join(scratch, "node_modules", name)), { recursive: true });
			symlinkSync(join(root, "node_modules", name), join(scratch, "node_modules", name));
		}
		await run(process.execPath, [join(root, "scripts/build.ts"), join(scratch, "dist")]);
		program = join(scratch, "dist/framegate.js");
	});

	after(() => rmSync(scratch, { recursive: true }));

	test("is an executable for node", async () => {
		accessSync(program, constants.X_OK);
		assert.match(readFileSync(program, "utf8"), /^#!\/usr\/bin\/env node\n/);
		const env = { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
		const { stdout } = await run(program, ["--help"], { cwd: scratch, env });
		assert.match(stdout, /framegate/);
	});

	test("is ASCII: V8 would take two bytes for each character of a script with one beyond Latin-1", () => {
		const scripts = ["framegate.js", ...readdirSync(join(scratch, "dist/chunks")).map((name) => `chunks/${name}`)];
		const beyond = scripts.filter((name) => {
			return name.endsWith(".js") && /[^\0-\x7f]/.test(readFileSync(join(scratch, "dist", name), "utf8"));
		});
		assert.deepEqual(beyond, []);
	});

	test("serves, without any other package", async () => {
		const gateway = await startGateway({ entry: program });
		try {
			const response = await fetch(`${gateway.httpUrl}/ready`);
			assert.equal(response.status, 200);
			const page = await (await fetch(`${gateway.httpUrl}/playground`)).text();
			const [, script = ""] = /src="([^"]+)"/.exec(page) ?? [];
			assert.equal((await fetch(`${gateway.httpUrl}${script}`)).status, 200, "the playground is part of a build");
			// The library of the codec is set up before the types are made, in whatever chunks they are: 64-bit fields are numbers.
			const socket = new WebSocket(gateway.url, ["framegate.v1.json"]);
			await once(socket, "open");
			socket.send('{"protocol":1005,"seq":6,"body":{}}');
			const [text] = (await once(socket, "message")) as [Buffer];
			assert.deepEqual(Object.keys(JSON.parse(text.toString())), ["protocol", "seq", "code", "error"]);
			socket.terminate();
		} finally {
			assert.deepEqual(await gateway.stop(), { code: 0, signal: null }, gateway.log());
		}
	});

	test("has what is loaded where it is configured: lines for people, and a client of MQTT", async () => {
		const broker = await startMosquitto();
		const gateway = await startGateway({
			entry: program,
			env: { LOG_LEVEL: "info", FRAMEGATE_LOG_FORMAT: "pretty", FRAMEGATE_OUTPUTS_MQTT_URL: broker.url },
		});
		const client = await connectAsync(broker.url);
		const statuses: string[] = [];
		client.on("message", (_topic, payload) => statuses.push(payload.toString()));
		try {
			await client.subscribeAsync("framegate/status");
			await until(() => statuses.includes("online"));
			await until(() => /INFO.*framegate is listening/.test(gateway.log()));
		} finally {
			assert.deepEqual(await gateway.stop(), { code: 0, signal: null }, gateway.log());
			client.end(true);
			await broker.stop();
		}
	});

	test("has what the threads of SQLite load: accounts and chat in a file", async () => {
		const gateway = await startGateway({
			entry: program,
			env: { DATABASE_URL: `sqlite:${join(scratch, "data/a.db")}` },
		});
		try {
			const { client } = await WireClient.member(gateway.url, "ann");
			const created = await client.ask(chatRoutes.createChatRoom, { name: "room" });
			const { room } = chatRoutes.createChatRoom.reply.decode(created.body ?? new Uint8Array());
			const message = { roomId: room?.id ?? "", clientMsgId: "1", content: { kind: MessageKind.TEXT, text: "hello" } };
			const sent = await client.ask(chatRoutes.sendMessage, message);
			assert.equal(sent.code ?? 0, 0, sent.error?.message);
			await client.close();
		} finally {
			assert.deepEqual(await gateway.stop(), { code: 0, signal: null }, gateway.log());
		}
	});

	test("has the licence of every package in it", () => {
		const notices = readFileSync(join(scratch, "dist/THIRD-PARTY-NOTICES.txt"), "utf8").split(/^-{80}$/m);
		const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
		for (const name of Object.keys(dependencies)) {
			if (nativePackages.some((native) => name.startsWith(native))) continue;
			const notice = notices.find((each) => each.includes(`\n${name} ${dependencies[name]} (`));
			assert.match(notice ?? "", /permission|redistribution/i, name);
		}
	});

	test("as an image: the executable and three native packages, each with the binary of this platform alone", async () => {
		const image = join(scratch, "image");
		await run(process.execPath, [join(root, "scripts/build.ts"), "--image", image]);
		const files = readdirSync(image, { recursive: true, encoding: "utf8" });
		const binaries = files.filter((file) => file.endsWith(".node"));
		assert.equal(binaries.length, 3, binaries.join("\n"));
		for (const binary of binaries) {
			// ELF, and its machine: 62 is x86-64, 183 is AArch64.
			const header = readFileSync(join(image, binary)).subarray(0, 20);
			assert.equal(header.subarray(1, 4).toString(), "ELF", binary);
			assert.equal(header.readUInt16LE(18), process.arch === "arm64" ? 183 : 62, binary);
		}
		assert.deepEqual(
			files.filter((file) => /\.(map|ts|md|cc?|h)$|client\.js$/.test(file)),
			[],
		);
		// Modules are bundled by a program of the image's own.
		const modules = join(scratch, "modules");
		mkdirSync(modules);
		writeFileSync(join(modules, "shop.ts"), moduleSource({ options: 'permission: "public",' }));
		const env = { FRAMEGATE_MODULES_DIR: modules };
		const gateway = await startGateway({ entry: join(image, "dist/framegate.js"), env });
		assert.deepEqual((await post(`${gateway.httpUrl}/shop/get`, {})).body.data, { version: 1 }, gateway.log());
		assert.deepEqual(await gateway.stop(), { code: 0, signal: null }, gateway.log());
	});

	test("as the systemd unit runs it: with the Node.js that built it, and with the files that its head names", async () => {
		const unit = readFileSync(join(root, "deploy/systemd/framegate.service"), "utf8");
		const here = join(scratch, "machine");
		const inside = (text: string) => text.replaceAll(/(?<![\w/])\/(?:opt|etc|var)\//g, (path) => `${here}${path}`);
		mkdirSync(join(here, "etc/framegate"), { recursive: true });
		mkdirSync(join(here, "var/lib/framegate"), { recursive: true });
		const [install = ""] = /build -- (--image .*)$/m.exec(unit)?.slice(1) ?? [];
		await run(process.execPath, [join(root, "scripts/build.ts"), ...inside(install).split(" ")]);
		writeFileSync(
			join(here, "etc/framegate/framegate.yaml"),
			readFileSync(join(root, "deploy/systemd/framegate.yaml")),
		);
		const [keys = ""] = /^# +(\S+node .* keys generate .*)$/m.exec(unit)?.slice(1) ?? [];
		await run("sh", ["-c", inside(keys)], { env: {} });
		const [node = "", flag = "", entry = "", start, ...args] = inside(/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "").split(
			" ",
		);
		assert.match(flag, /^--max-semi-space-size=\d+$/);
		assert.equal(start, "start");
		const env: Record<string, string> = {};
		for (const [, name = "", value = ""] of unit.matchAll(/^Environment=(\w+)=(.*)$/gm)) {
			env[name] = inside(value).replace("%d", join(here, "etc/framegate"));
		}
		const gateway = await startGateway({
			node,
			nodeFlags: [flag],
			entry,
			args,
			env: { ...env, FRAMEGATE_SERVER_METRICS_PORT: "0" },
		});
		assert.equal(env["FRAMEGATE_PROFILE"], "production");
		assert.deepEqual(await gateway.stop(), { code: 0, signal: null }, gateway.log());
	});

	test("on an older Node.js: one line instead of a segmentation fault", async () => {
		const older = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });";
		const preload = `data:text/javascript,${encodeURIComponent(older)}`;
		for (const entry of [program, join(root, "server/main.ts")]) {
			const refused = await run(process.execPath, ["--import", preload, entry, "start"], { cwd: scratch }).catch(
				(error) => error,
			);
			assert.equal(refused.code, 1);
			assert.match(refused.stderr, /^framegate: needs Node\.js 22, and this is 20\.20\.2: .*\n$/);
		}
	});

	test("on a Node.js that the native packages are not built for: one line as well", async () => {
		const later = "Object.defineProperty(process.versions, 'modules', { value: '137' });";
		const preload = `data:text/javascript,${encodeURIComponent(later)}`;
		const options = { cwd: scratch, env: { PATH: process.env["PATH"] } };
		const refused = await run(process.execPath, ["--import", preload, program, "start"], options).catch(
			(error) => error,
		);
		assert.equal(refused.code, 1, refused.stderr);
		assert.match(refused.stderr, /^framegate: .*uWS\.js supports only Node\.js versions .*22.*\n$/);
	});

	test("holds the client library, with the exports of its source and no imports", async () => {
		const built = await import(join(scratch, "dist/client.js"));
		assert.deepEqual(Object.keys(built).sort(), Object.keys(await import("../../../client/index.ts")).sort());
		assert.doesNotMatch(readFileSync(join(scratch, "dist/client.js"), "utf8"), /^import /m);
	});
});
