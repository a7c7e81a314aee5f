// Games as their authors try them: the page of pong in Chromium, where two tabs play to the end, built as its first lines say; and the program
// of the page about games.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { Browser } from "playwright-core";
import { type PageServer, startPageServer } from "../client/package/page-server.ts";
import { packClient, root, run, type Tarball, tool } from "../client/package/tarball.ts";
import { codeBlocks, page as markdown, section } from "../docs/markdown.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { post } from "../support/http-client.ts";
import { tied } from "../support/tied-process.ts";
import { until } from "../support/until.ts";
import { type OpenPage, openBrowser, openPage } from "../web/browser.ts";

const examples = join(root, "examples/modules");
/** One paddle is at the top and one at the bottom, by the pixels of their columns: which side is whose is up to the server. */
const APART = `(() => {
	const { data, width, height } = document.querySelector("canvas").getContext("2d").getImageData(0, 0, 800, 400);
	const middle = (x) => {
		const drawn = Array.from({ length: height }, (_, y) => y).filter((y) => data[4 * (y * width + x) + 3] > 0);
		return (drawn[0] + drawn.at(-1)) / 2;
	};
	const [left, right] = [middle(2), middle(797)];
	return Math.min(left, right) < 30 && Math.max(left, right) > 370;
})()`;

const block = (index: number) =>
	codeBlocks(section(markdown("docs/games.md"), "Ten minutes to a game in real time"), "ts")[index] ?? "";

suite("games as their authors try them", { timeout: 300_000 }, () => {
	const modules = mkdtempSync(join(tmpdir(), "framegate-pong-"));
	let pages: PageServer;
	let tarball: Tarball;
	let gateway: GatewayProcess;
	let browser: Browser;

	before(async () => {
		cpSync(join(examples, "pong.ts"), join(modules, "pong.ts"));
		writeFileSync(join(modules, "dots.ts"), block(0));
		pages = await startPageServer();
		tarball = await packClient();
		browser = await openBrowser();
		gateway = await startGateway({
			env: {
				FRAMEGATE_MODULES_DIR: modules,
				FRAMEGATE_SERVER_ALLOWED_ORIGINS: pages.origin,
				FRAMEGATE_AUTH_GUESTS_ENABLED: "true",
			},
		});
	});
	after(async () => {
		await browser?.close();
		await gateway?.stop();
		await pages?.stop();
		tarball?.remove();
		rmSync(modules, { recursive: true });
	});

	test("two tabs are two players, who see each other's paddles and the end", async () => {
		const files = Object.fromEntries(
			["index.html", "main.js", "page.css"].map((name) => [name, readFileSync(join(examples, "_pong", name), "utf8")]),
		);
		const folder = await tarball.project(files);
		const [, command = ""] = /`npx esbuild (.*?)`/.exec(files["main.js"] ?? "") ?? [];
		await run(tool("esbuild"), [...command.split(" "), "--log-level=error"], folder);
		pages.serve(folder, gateway);
		const url = `${pages.origin}/?gateway=${encodeURIComponent(gateway.url)}`;
		const one = await openPage(browser, url);
		await one.page.getByText("Waiting for another player").waitFor();
		const other = await openPage(browser, url, { besides: one.context });
		for (const { page } of [one, other]) await page.getByText(/\d+ {2}: {2}.*\d+/).waitFor();
		await one.page.bringToFront();
		await one.page.keyboard.down("ArrowUp");
		await other.page.keyboard.down("ArrowDown");
		for (const { page } of [one, other]) await until(async () => (await page.evaluate(APART)) === true);
		await one.page.screenshot({ path: join(tmpdir(), "framegate-pong.png") });
		for (const { page } of [one, other]) await page.getByText("the game is over").waitFor({ timeout: 120_000 });
		const texts = await Promise.all([one, other].map(({ page }) => page.locator("#text").textContent()));
		for (const text of texts) assert.match(text ?? "", /3/);
		for (const { problems } of [one, other] as OpenPage[]) assert.deepEqual(problems, []);
		await one.context.close();
	});

	test("the program of the page sees its dot move", async () => {
		const { status } = await post(`${gateway.httpUrl}/auth/register`, { username: "ada", password: "correct horse" });
		assert.equal(status, 200);
		const program = block(1).replace("ws://localhost:8080/ws", gateway.url);
		assert.ok(program.includes(gateway.url));
		const folder = await tarball.project({ "main.js": program });
		const child = spawn(...tied(process.execPath, [join(folder, "main.js")]), { stdio: ["ignore", "pipe", "pipe"] });
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream?.on("data", (chunk: Buffer) => {
				output += chunk.toString();
			});
		}
		await until(() => /x: 5\d[\s\S]*x: [6-9]\d/.test(output) || child.exitCode !== null);
		assert.equal(child.exitCode, null, output);
		child.kill();
		await once(child, "exit");
	});
});
