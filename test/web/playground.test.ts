// The playground in a browser against a running gateway: every dialect, both languages, narrow and wide screens; what it shows of users'
// texts, and that it loads and requests nothing from elsewhere. SCREENSHOTS=folder keeps pictures of what was seen.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { authRoutes, chatRoutes, MessageKind } from "../../protocol/gen/schema.ts";
import { ensureWeb } from "../../scripts/web.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";
import { type OpenPage, openBrowser, openPage, type PageOptions } from "./browser.ts";

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

let gateway: GatewayProcess;
let browser: Browser;
let users = 0;

before(async () => {
	await ensureWeb();
	gateway = await startGateway({
		env: { FRAMEGATE_AUTH_DEFAULT_ROLE: "engineer" },
	});
	browser = await openBrowser();
});

after(async () => {
	await browser.close();
	await gateway.stop();
});

async function open(options: PageOptions = {}): Promise<OpenPage> {
	const opened = await openPage(browser, `${gateway.httpUrl}/playground`, options);
	await opened.page.locator("h1").waitFor();
	return opened;
}

/** Nothing went wrong, and nothing but the gateway was asked for anything. */
async function assertClean({ context, problems, requested }: OpenPage): Promise<void> {
	const foreign = requested.filter((url) => new URL(url).host !== `127.0.0.1:${gateway.port}`);
	await context.close();
	assert.deepEqual({ problems, foreign }, { problems: [], foreign: [] });
}

async function register(page: Page, dialect: string, nickname = ""): Promise<string> {
	const username = `user${++users}`;
	await page.locator("#dialect").selectOption(dialect);
	await page.locator("#username").fill(username);
	await page.locator("#password").fill(PASSWORD);
	await page.locator("#nickname").fill(nickname);
	await page.locator("form button[type=button]").first().click();
	await page.locator(".header .user", { hasText: username }).waitFor();
	return username;
}

const goTo = (page: Page, hash: string): Promise<void> =>
	page.evaluate(`void (location.hash = ${JSON.stringify(hash)})`);

/** Calls the route on the screen, and gives what the reply view shows. */
async function send(page: Page): Promise<string> {
	await page.getByRole("button", { name: "Send", exact: true }).click();
	await page.locator(".call .facts .code").waitFor();
	return (await page.getByTestId("reply").textContent()) ?? "";
}

async function seriousFindings(page: Page): Promise<string[]> {
	await page.evaluate(axe);
	const found = (await page.evaluate(
		"axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
	)) as { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[];
	return found
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

async function keepPicture(page: Page, name: string): Promise<void> {
	const folder = process.env["SCREENSHOTS"];
	if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

describe("the playground", () => {
	it("allows nothing inline, nothing evaluated and nothing from elsewhere", async () => {
		const { status, headers } = await fetch(`${gateway.httpUrl}/playground`);
		assert.equal(status, 200);
		const policy = headers.get("content-security-policy") ?? "";
		assert.match(policy, /^default-src 'none';/);
		assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/);
		assert.match(policy, /frame-ancestors 'none'; require-trusted-types-for 'script'/);
		assert.equal(headers.get("x-content-type-options"), "nosniff");
		assert.equal(headers.get("access-control-allow-origin"), null);
	});

	for (const [dialect, batch] of [
		["protobuf", "DataBatch"],
		["json", "DataBatch"],
		["ems", "data_batch"],
	] as const) {
		it(`logs in, subscribes and draws live values in the dialect ${dialect}`, async () => {
			const opened = await open();
			const { page } = opened;
			await register(page, dialect);
			await goTo(page, "#/telemetry");
			await page.locator("#telemetry-interval").fill("200");
			await page.locator(".subscribe button[type=submit]").click();
			await page.locator("table .sparkline polyline").first().waitFor();
			await page.locator(".frame-name", { hasText: batch }).first().waitFor();
			await page.locator("button.frame.in").first().click();
			await page.locator(".hex-row").first().waitFor();
			await page
				.locator(dialect === "protobuf" ? ".tree .leaf" : ".frame-detail pre")
				.first()
				.waitFor();
			await keepPicture(page, `telemetry-${dialect}`);
			await assertClean(opened);
		});
	}

	for (const dialect of ["protobuf", "json"]) {
		it(`sends a form with nested, repeated, enum and bytes fields in the dialect ${dialect}`, async () => {
			const opened = await open();
			const { page } = opened;
			await register(page, dialect);
			await goTo(page, "#/calls/chat.createChatRoom");
			await page.locator("#call-name").fill(`room of ${dialect}`);
			const { id } = (JSON.parse(await send(page)) as { room: { id: string } }).room;
			await goTo(page, "#/calls/chat.sendMessage");
			await page.getByRole("button", { name: "Send", exact: true }).click();
			await page.locator(".violation").first().waitFor();
			await page.locator("#call-roomId").fill(id);
			await page.locator("#call-clientMsgId").fill("m1");
			await page.locator("#call-content").check();
			await page.locator("#call-content\\.kind").selectOption("MESSAGE_KIND_CUSTOM");
			await page.locator("#call-content\\.customType").fill("blob");
			await page.locator("#call-content\\.custom").fill("00 ff zz");
			await page.locator("#call-content\\.custom[aria-invalid=true]").waitFor();
			await page.locator("#call-content\\.custom").fill("00 ff 10");
			await page.getByRole("button", { name: "Send", exact: true }).click();
			await page.locator(".call .code.good").waitFor();
			assert.deepEqual(await page.locator(".violation").allTextContents(), []);
			await goTo(page, "#/calls/chat.getHistory");
			await page.locator("#call-roomId").fill(id);
			assert.match(await send(page), /"custom": "AP8Q"/);
			await keepPicture(page, `call-${dialect}`);
			await assertClean(opened);
		});
	}

	it("sends a form of the older dialect, beside its data as JSON", async () => {
		const opened = await open();
		const { page } = opened;
		await register(page, "ems");
		await goTo(page, "#/calls");
		await page.getByRole("button", { name: "Add: channels" }).click();
		await page.locator("#older-channels\\[2\\]").fill("1003");
		await page.locator("#older-interval").fill("250");
		const data = JSON.parse(await page.locator("#older-data").inputValue());
		assert.deepEqual([data.channels, data.interval], [[1001, 1002, 1003], 250]);
		await page.locator("#older-data").fill('{"channels": [1004]}');
		assert.equal(await page.locator("#older-channels\\[0\\]").inputValue(), "1004");
		await page.getByRole("button", { name: "Send", exact: true }).click();
		await page.locator(".frame-name", { hasText: "subscribe_ack" }).first().waitFor();
		await page.locator("#older-type").selectOption("control");
		await page.locator("#older-channel_id").fill("");
		await page.getByRole("button", { name: "Send", exact: true }).click();
		await page.locator(".violation", { hasText: "channel_id" }).first().waitFor();
		await keepPicture(page, "older-form");
		await assertClean(opened);
	});

	it("recovers what it missed, and shows it on the time line with the meaning of the close code", async () => {
		const opened = await open();
		const { page } = opened;
		await register(page, "protobuf");
		await goTo(page, "#/calls/chat.createChatRoom");
		await page.locator("#call-name").fill("recovery");
		await page.locator("#call-isPublic").selectOption("true");
		const { id } = (JSON.parse(await send(page)) as { room: { id: string } }).room;
		const { client: other } = await WireClient.member(gateway.url, "other");
		await other.ask(chatRoutes.joinChatRoom, { roomId: id });
		await page.getByLabel("Connect again by itself").uncheck();
		await page.getByRole("button", { name: "Drop the connection" }).click();
		await page.locator(".dot.closed").first().waitFor();
		const content = { kind: MessageKind.TEXT, text: "while away" };
		const sent = await other.ask(chatRoutes.sendMessage, { roomId: id, content, clientMsgId: "m1" });
		assert.equal(sent.code ?? 0, 0);
		await page.getByRole("button", { name: "Connect again", exact: true }).click();
		await goTo(page, "#/timeline");
		await page.getByText("subscribed by the gateway").waitFor();
		await page.getByText(/recovered, [1-9]\d* missed/).waitFor();
		await page.getByText("Dropped on this page, as a network would").waitFor();
		await keepPicture(page, "timeline");
		await other.close();
		await assertClean(opened);
	});

	it("says in Chinese what the close code of an ended session means", async () => {
		const opened = await open({ locale: "zh-CN", colorScheme: "dark" });
		const { page } = opened;
		const username = await register(page, "json");
		await goTo(page, "#/timeline");
		const other = await WireClient.open(gateway.url);
		await other.login(username);
		await other.ask(authRoutes.logout, { allSessions: true });
		await other.close();
		await page.getByText("4502").waitFor();
		await page.getByText("会话已结束", { exact: false }).waitFor();
		await assertClean(opened);
	});

	it("keeps saved calls without their secrets", async () => {
		const opened = await open();
		const { page } = opened;
		await goTo(page, "#/calls/auth.login");
		await page.locator("#call-username").fill("ada");
		await page.locator("#call-password").fill(PASSWORD);
		await page.locator("#save-name").fill("my login");
		await page.getByRole("button", { name: "Save this call" }).click();
		await page.reload();
		await page.locator(".saved button", { hasText: "my login" }).click();
		assert.equal(await page.locator("#call-username").inputValue(), "ada");
		assert.equal(await page.locator("#call-password").inputValue(), "");
		assert.ok(!String(await page.evaluate("JSON.stringify(localStorage)")).includes(PASSWORD));
		await assertClean(opened);
	});

	it("shows names, messages and room names of others as text, whatever they are", async () => {
		const attack = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
		const opened = await open();
		const { page } = opened;
		await register(page, "json", attack);
		await goTo(page, "#/calls/chat.createChatRoom");
		await page.locator("#call-name").fill("plain");
		await page.locator("#call-isPublic").selectOption("true");
		const { id } = (JSON.parse(await send(page)) as { room: { id: string } }).room;
		const { client: other } = await WireClient.member(gateway.url, "attacker");
		await other.ask(chatRoutes.createChatRoom, { name: attack, topic: attack, isPublic: true });
		await other.ask(chatRoutes.joinChatRoom, { roomId: id });
		const content = { kind: MessageKind.TEXT, text: attack };
		await other.ask(chatRoutes.sendMessage, { roomId: id, content, clientMsgId: "m1" });
		await page.locator(".frame-name", { hasText: "MessagePosted" }).first().waitFor();
		await page.locator("button.frame", { hasText: "MessagePosted" }).first().click();
		await page.getByText("<img src=x").first().waitFor();
		await goTo(page, "#/calls/chat.listChatRooms");
		assert.ok((await send(page)).includes("<script>alert(2)</script>"));
		await goTo(page, "#/calls/auth.getUserInfo");
		assert.ok((await send(page)).includes("<img src=x"));
		await page.locator("#save-name").fill(attack);
		await page.getByRole("button", { name: "Save this call" }).click();
		assert.equal(await page.locator("#root img, #root script").count(), 0);
		await other.close();
		await assertClean(opened);
	});

	for (const [locale, colorScheme, width] of [
		["en-US", "light", 360],
		["en-US", "dark", 1440],
		["zh-CN", "dark", 360],
		["zh-CN", "light", 1440],
	] as const) {
		it(`is accessible and fits at ${width} px in ${locale}, ${colorScheme}`, async () => {
			const opened = await open({ locale, colorScheme, width });
			const { page } = opened;
			assert.equal(await page.locator("html").getAttribute("lang"), locale === "zh-CN" ? "zh-CN" : "en");
			await register(page, "protobuf");
			for (const hash of ["#/calls/chat.sendMessage", "#/frames", "#/telemetry", "#/timeline"]) {
				await goTo(page, hash);
				await page.locator(".views a[aria-current=page]").waitFor();
				if (hash.startsWith("#/calls")) await page.locator("#call-content").check();
				if (hash === "#/frames") await page.locator("button.frame").first().click();
				if (hash === "#/telemetry") {
					await page.locator(".subscribe button[type=submit]").click();
					await page.locator("table .sparkline").first().waitFor();
				}
				assert.deepEqual(await seriousFindings(page), [], hash);
				const overflow = await page.evaluate(
					"document.documentElement.scrollWidth - document.documentElement.clientWidth",
				);
				assert.equal(overflow, 0, `${hash} is wider than the screen`);
				await keepPicture(page, `${locale}-${width}-${hash.replace(/\W+/g, "-")}`);
			}
			await assertClean(opened);
		});
	}

	it("switches language and theme, and keeps both", async () => {
		const opened = await open();
		const { page } = opened;
		await page.getByLabel("Language").selectOption("zh");
		await page.getByLabel("主题").selectOption("dark");
		await page.reload();
		assert.equal(await page.locator("h1").textContent(), "framegate 调试台");
		assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
		const ground = await page.evaluate("getComputedStyle(document.body).backgroundColor");
		assert.equal(ground, "rgb(16, 23, 26)");
		await assertClean(opened);
	});
});
