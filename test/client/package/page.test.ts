// The package in Chromium, under a policy that forbids to make code: the app of docs/browser-app.md as vite builds it, and a page
// that has no bundler.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { codeBlocks, page as markdown } from "../../docs/markdown.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { type OpenPage, openBrowser, openPage } from "../../web/browser.ts";
import { type PageServer, startPageServer } from "./page-server.ts";
import { packClient, run, type Tarball, tool } from "./tarball.ts";

const PASSWORD = "correct horse battery";

const PLAIN_PAGE = `<!doctype html><title>plain</title><p id="log"></p><script type="module" src="/page.js"></script>`;

const plainProgram = (entry: string, url: string): string => `
import { createClient, chatPart, chatPushes, createHttpClient, ErrorCode } from "/node_modules/framegate-client/dist/${entry}";
const log = (text) => document.getElementById("log").append(text + "\\n");
window.addEventListener("error", (event) => log("error " + event.message));
const client = createClient({ url: "${url}" });
await client.connect();
await client.auth.register({ username: "grace", password: "${PASSWORD}" }).catch((error) => log("code " + (error.code === ErrorCode.ALREADY_EXISTS)));
await client.login({ username: "grace", password: "${PASSWORD}" });
const { room } = await client.use(chatPart).createRoom({ name: "r" });
const posted = new Promise((resolve) => client.on(chatPushes.messagePosted, resolve));
await client.chat.send(room.id, "hällo ✓");
log("posted " + (await posted).message.content.text);
log("http " + (await client.http.auth.getUserInfo()).user.username);
const http = createHttpClient({ url: "${url.replace("ws:", "http:").replace("/ws", "")}" });
await http.auth.getUserInfo().catch((error) => log("refused " + error.code));
try { new Function("return 1")(); log("evaluated"); } catch { log("no eval"); }
log("done");
`;

suite("framegate-client in a browser", () => {
	let tarball: Tarball;
	let pages: PageServer;
	let gateway: GatewayProcess;
	let browser: Browser;

	before(async () => {
		pages = await startPageServer();
		tarball = await packClient();
		browser = await openBrowser();
		const [yaml = ""] = codeBlocks(markdown("docs/browser-app.md"), "yaml");
		const config = join(await tarball.project({ "framegate.yaml": yaml }), "framegate.yaml");
		gateway = await startGateway({
			env: { FRAMEGATE_SERVER_ALLOWED_ORIGINS: pages.origin },
			args: ["--config", config],
		});
	});
	after(async () => {
		await browser?.close();
		await gateway?.stop();
		await pages.stop();
		tarball?.remove();
	});

	for (const entry of ["full.js", "full.min.js"]) {
		test(`a page without a bundler: ${entry}`, async () => {
			const folder = await tarball.project({ "index.html": PLAIN_PAGE, "page.js": plainProgram(entry, gateway.url) });
			pages.serve(folder, gateway);
			const { page, context, problems, requested } = await openPage(browser, `${pages.origin}/`);
			await page.getByText("done").waitFor();
			const lines = (await page.locator("#log").textContent())?.trim().split("\n");
			assert.deepEqual(lines?.slice(-5), ["posted hällo ✓", "http grace", "refused 2", "no eval", "done"]);
			assert.deepEqual(unexpected(problems), []);
			const strangers = requested.filter(
				(url) => ![pages.origin, gateway.url, gateway.httpUrl].some((known) => url.startsWith(known)),
			);
			assert.deepEqual(strangers, []);
			await context.close();
		});
	}

	test("the app of docs/browser-app.md: built from the page alone, two users, a reload, an application channel", async () => {
		const text = markdown("docs/browser-app.md");
		const [packageJson = "", tsconfig = ""] = codeBlocks(text, "json");
		const [html = ""] = codeBlocks(text, "html");
		const [program = ""] = codeBlocks(text, "ts");
		const { scripts } = JSON.parse(packageJson) as { scripts: { build: string } };
		assert.equal(scripts.build, "tsc && vite build");
		const folder = await tarball.project(
			{
				"tsconfig.json": tsconfig,
				"index.html": html,
				"src/main.ts": program.replace("ws://localhost:8080/ws", gateway.url),
			},
			["vite", "typescript"],
		);
		assert.equal(await run(tool("tsc"), ["-p", "."], folder), "");
		await run(tool("vite"), ["build", "--logLevel", "error"], folder);
		pages.serve(`${folder}/dist`, gateway);

		const ann = await openPage(browser, `${pages.origin}/`);
		await logIn(ann.page, "ann");
		await say(ann.page, "hello");
		const bob = await openPage(browser, `${pages.origin}/`);
		await logIn(bob.page, "bob");
		await shows(bob.page, ["ann: hello"]);
		await say(bob.page, "<b>hi</b>");
		await shows(ann.page, ["ann: hello", "bob: <b>hi</b>"]);

		await ann.page.reload();
		await ann.page.getByRole("button", { name: "Applaud" }).waitFor();
		await bob.page.getByRole("button", { name: "Applaud" }).click();
		await ann.page.getByText("bob applauds").waitFor();
		await shows(ann.page, ["ann: hello", "bob: <b>hi</b>"]);
		await say(ann.page, "again");
		await shows(bob.page, ["ann: hello", "bob: <b>hi</b>", "ann: again"]);
		for (const { problems, context } of [ann, bob] as OpenPage[]) {
			assert.deepEqual(problems, []);
			await context.close();
		}
	});
});

/** What a page logs by itself about replies that are errors, which the programs here ask for. */
function unexpected(problems: readonly string[]): string[] {
	return problems.filter((problem) => !/status of 401|unsafe-eval/.test(problem));
}

async function logIn(page: Page, username: string): Promise<void> {
	await page.getByPlaceholder("name").fill(username);
	await page.getByPlaceholder("password").fill(PASSWORD);
	await page.getByRole("button", { name: "Enter" }).click();
	await page.locator("#send").waitFor();
}

async function say(page: Page, text: string): Promise<void> {
	await page.getByPlaceholder("message").fill(text);
	await page.getByRole("button", { name: "Send" }).click();
	await page.locator("#messages").getByText(text).waitFor();
}

async function shows(page: Page, messages: readonly string[]): Promise<void> {
	await page
		.locator("#messages li")
		.nth(messages.length - 1)
		.waitFor();
	assert.deepEqual(await page.locator("#messages li").allTextContents(), messages);
}
