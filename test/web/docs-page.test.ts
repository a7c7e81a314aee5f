// `/docs` in a browser against a running gateway: a login that is tried out authorizes the calls after it, and the page asks nobody
// but the gateway for anything. SCREENSHOTS=folder keeps pictures of what was seen.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, Locator, Page } from "playwright-core";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";
import { openBrowser, openPage } from "./browser.ts";

let gateway: GatewayProcess;
let browser: Browser;

before(async () => {
	gateway = await startGateway();
	const { client } = await WireClient.member(gateway.url, "ada");
	await client.close();
	browser = await openBrowser();
});

after(async () => {
	await browser.close();
	await gateway.stop();
});

/** Opens the operation with this method and path. */
async function operation(page: Page, method: string, path: string): Promise<Locator> {
	const block = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });
	await block.locator(".opblock-summary-control").click();
	return block;
}

/** Executes it, and gives the status and the body of the reply. */
async function execute(block: Locator, body?: string): Promise<{ readonly status: string; readonly body: string }> {
	if (body !== undefined) await block.locator("textarea.body-param__text").fill(body);
	await block.locator("button.execute").click();
	const reply = block.locator(".live-responses-table .response");
	await reply.locator(".response-col_status").first().waitFor();
	const text = async (selector: string) => (await reply.locator(selector).first().textContent()) ?? "";
	return { status: (await text(".response-col_status")).trim(), body: await text(".highlight-code, pre.microlight") };
}

describe("the page of the HTTP calls", () => {
	for (const [width, name] of [
		[1440, "docs-wide"],
		[360, "docs-narrow"],
	] as const) {
		it(`logs in and calls a route with what the login gave, ${width} pixels wide`, async () => {
			const { page, context, problems, requested } = await openPage(browser, `${gateway.httpUrl}/docs`, { width });
			await page.locator(".opblock").first().waitFor();
			const me = await operation(page, "get", "/api/v1/me/sessions");
			const without = await execute(me);
			assert.match(without.status, /^401/);
			const login = await operation(page, "post", "/api/v1/auth/login");
			const reply = await execute(login, JSON.stringify({ username: "ada", password: PASSWORD }));
			assert.match(reply.status, /^200/);
			assert.match(reply.body, /access_token/);
			await me.locator("button.execute").click();
			await me.locator(".live-responses-table .response-col_status", { hasText: /^200/ }).waitFor();
			const folder = process.env["SCREENSHOTS"];
			if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) });
			const foreign = requested.filter((url) => !url.startsWith(gateway.httpUrl) && !url.startsWith("data:"));
			await context.close();
			// The refused call without a login is an error in a browser's log.
			const unexpected = problems.filter((problem) => !problem.includes("401"));
			assert.deepEqual({ unexpected, foreign }, { unexpected: [], foreign: [] });
		});
	}
});
