// A browser for tests of pages: Debian's Chromium, without a display. Whatever a page logs, requests or is forbidden is collected.
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findProgram } from "../support/programs.ts";

/** For whatever a page has to show. */
const WAIT_MS = 20_000;

export function openBrowser(): Promise<Browser> {
	const executablePath = findProgram("chromium");
	// Chromium has no sandbox for root, who runs the tests in CI.
	return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

export interface OpenPage {
	readonly page: Page;
	readonly context: BrowserContext;
	/** Console errors, uncaught errors, violations of the content security policy, failed requests, dialogs. */
	readonly problems: readonly string[];
	/** Addresses that were requested. */
	readonly requested: readonly string[];
}

export interface PageOptions {
	readonly width?: number;
	readonly height?: number;
	/** Of the browser. */
	readonly locale?: string;
	readonly colorScheme?: "light" | "dark";
	/** Another tab of this one; by default a context of its own. */
	readonly besides?: BrowserContext;
}

/** Opens an address. */
export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<OpenPage> {
	const { width = 1440, height = 900, locale = "en-US", colorScheme = "light" } = options;
	const context = options.besides ?? (await browser.newContext({ viewport: { width, height }, locale, colorScheme }));
	const page = await context.newPage();
	page.setDefaultTimeout(WAIT_MS);
	const problems: string[] = [];
	const requested: string[] = [];
	page.on("console", (message) => {
		if (message.type() === "error") problems.push(`console: ${message.text()}`);
	});
	page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
	page.on("requestfailed", (request) => problems.push(`failed: ${request.url()}`));
	page.on("request", (request) => requested.push(request.url()));
	page.on("websocket", (socket) => requested.push(socket.url()));
	page.on("dialog", (dialog) => {
		problems.push(`dialog: ${dialog.message()}`);
		void dialog.dismiss();
	});
	await page.goto(url);
	return { page, context, problems, requested };
}
