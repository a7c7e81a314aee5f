// The dashboard, the alert rules and the runbook: of metrics that exist, valid to Prometheus' own tool, and of each other.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { collectDefaultMetrics, Registry } from "prom-client";
import { parse } from "yaml";
import { page, table } from "../../docs/markdown.ts";
import { findProgram } from "../../support/programs.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const promtool = findProgram("promtool");
const RULES = "deploy/prometheus/framegate-alerts.yaml";

interface Alert {
	readonly alert: string;
	readonly expr: string;
	readonly labels: { readonly severity: string };
	readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Panel {
	readonly id: number;
	readonly type: string;
	readonly title: string;
	readonly datasource?: { readonly uid: string };
	readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
	readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

const { rules } = parse(page(RULES)).groups[0] as { rules: readonly Alert[] };
const dashboard = JSON.parse(page("deploy/grafana/framegate.json")) as {
	readonly panels: readonly Panel[];
	readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
};
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ of: title, expr })));
const expressions = [...rules.map(({ alert, expr }) => ({ of: alert, expr })), ...queries];

interface Known {
	readonly type: string;
	readonly labels: readonly string[];
}

/** What a scrape of a gateway has: its own metrics by the reference page, which is tested, and those of a Node process. */
async function knownMetrics(): Promise<ReadonlyMap<string, Known>> {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });
	const known = new Map<string, Known>([["up", { type: "gauge", labels: [] }]]);
	for (const { name, type } of await registry.getMetricsAsJSON()) known.set(name, { type: String(type), labels: [] });
	for (const { name = "", type = "", labels = "" } of table(page("docs/reference/metrics.md"))) {
		known.set(name, { type, labels: [...labels.matchAll(/\w+/g)].map(String) });
	}
	return known;
}

/** Each use of a metric: the function that it is the argument of, its name, its matchers. */
function uses(expr: string) {
	const found = expr.matchAll(/(?:(\w+)\()?\b((?:framegate|nodejs|process)_\w+|up)\b(?:\{([^}]*)\})?/g);
	return [...found].map(([, outer = "", name = "", matchers = ""]) => ({
		outer,
		name,
		labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label as string),
	}));
}

describe("dashboard and alerts", () => {
	it("use metrics that exist, each by its type and labels", async () => {
		const known = await knownMetrics();
		for (const { of, expr } of expressions) {
			const found = uses(expr);
			assert.ok(found.length > 0, `${of}: ${expr}`);
			const grouping = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
			const labels = new Set(["job", "instance"]);
			for (const { outer, name, labels: matched } of found) {
				const part = /_(bucket|sum|count)$/.exec(name);
				const base = known.get(name) ?? known.get(name.replace(/_(bucket|sum|count)$/, ""));
				assert.ok(base, `${of}: there is no ${name}`);
				const isPart = !known.has(name) && part !== null;
				assert.equal(base.type === "histogram", isPart, `${of}: ${name} is a ${base.type}`);
				const isCounter = isPart || base.type === "counter";
				const isRated = ["rate", "increase"].includes(outer);
				assert.equal(isCounter, isRated, `${of}: ${outer}(${name}), which is a ${base.type}`);
				const own = new Set(["job", "instance", ...base.labels, ...(part?.[1] === "bucket" ? ["le"] : [])]);
				for (const label of matched) assert.ok(own.has(label), `${of}: ${name} has no label ${label}`);
				for (const label of own) labels.add(label);
			}
			for (const label of grouping) assert.ok(labels.has(label), `${of}: nothing has a label ${label}`);
		}
	});

	it("leave no metric of the gateway out", () => {
		const shown = new Set(queries.flatMap(({ expr }) => uses(expr).map(({ name }) => name)));
		const names = table(page("docs/reference/metrics.md")).map(({ name = "" }) => name);
		const isShown = (name: string) => ["", "_bucket", "_count"].some((part) => shown.has(`${name}${part}`));
		assert.deepEqual(
			names.filter((name) => !isShown(name)),
			[],
		);
	});

	it("are valid to Prometheus, and alerts do on made-up series what they should", () => {
		execFileSync(promtool, ["check", "rules", join(root, RULES)], { stdio: "pipe" });
		execFileSync(promtool, ["test", "rules", join(root, RULES.replace(".yaml", ".test.yaml"))], { stdio: "pipe" });
		const directory = mkdtempSync(join(tmpdir(), "framegate-promtool-"));
		try {
			const file = join(directory, "dashboard.yaml");
			const filled = (expr: string) => expr.replaceAll("$__rate_interval", "5m").replaceAll(/\$(job|instance)/g, ".+");
			const records = queries.map(({ expr }, index) => ({ record: `panel:query${index}`, expr: filled(expr) }));
			writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules: records }] }));
			execFileSync(promtool, ["check", "rules", file], { stdio: "pipe" });
		} finally {
			rmSync(directory, { recursive: true });
		}
	});
});

describe("the dashboard", () => {
	it("has panels of their own ids that do not overlap, on a data source that one chooses", () => {
		const { panels, templating } = dashboard;
		assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
		assert.ok(templating.list.some(({ name, type }) => name === "datasource" && type === "datasource"));
		const taken = new Map<string, string>();
		for (const { title, type, datasource, gridPos, targets = [] } of panels) {
			const { x, y, w, h } = gridPos;
			assert.ok(x >= 0 && w > 0 && h > 0 && x + w <= 24, title);
			for (let column = x; column < x + w; column++) {
				for (let line = y; line < y + h; line++) {
					const cell = `${column}:${line}`;
					assert.equal(taken.get(cell), undefined, `${title} lies on ${taken.get(cell)}`);
					taken.set(cell, title);
				}
			}
			if (type === "row") continue;
			for (const each of [datasource, ...targets.map((target) => target.datasource)]) {
				assert.equal(each?.uid, "$".concat("{datasource}"), title);
			}
			assert.ok(targets.length > 0, title);
		}
	});
});

describe("the runbook", () => {
	const runbook = page("docs/operations/runbook.md");
	const [, faults = ""] = runbook.split("\n## Faults\n");
	const sections = [...(faults.split("\n## ")[0] ?? "").matchAll(/^### (.+)$/gm)].map(([, title]) => title as string);

	it("has a section for each alert, and an alert for each section", () => {
		assert.deepEqual(
			rules.map(({ alert }) => alert),
			sections,
		);
		for (const { alert, annotations } of rules) {
			const [file = "", anchor] = annotations.runbook.split("#");
			assert.ok(existsSync(join(root, file)), alert);
			assert.equal(anchor, alert.toLowerCase());
		}
	});

	it("quotes log messages that the gateway writes", () => {
		const folders = ["server", "services", "upstreams", "messaging", "stores", "middleware", "core", "common"];
		const sources = folders
			.flatMap((folder) =>
				readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((f) => [folder, f]),
			)
			.filter(([, file]) => file?.endsWith(".ts"))
			.map((path) => readFileSync(join(root, ...path), "utf8"))
			.join("\n");
		const quoted = [...runbook.matchAll(/"([^"]+)"/g)].map(([, text = ""]) => text.replaceAll(/\s+/g, " "));
		assert.ok(quoted.length > 25);
		const unknown = quoted.filter((text) => !sources.includes(`"${text}"`));
		assert.deepEqual(
			unknown.filter((text) => !/^(auth\.|[A-Z]+$)/.test(text)),
			[],
		);
	});

	it("names configuration keys and metrics that exist", () => {
		const reference = page("docs/reference/configuration.md");
		const schema = readFileSync(join(root, "protocol/gen/schema.ts"), "utf8");
		const metrics = new Set(table(page("docs/reference/metrics.md")).map(({ name }) => name));
		for (const [, name = ""] of runbook.matchAll(
			/`((?:limits|rates|auth|edge|chat|games|redis|database|server|channels|discovery)\.[A-Za-z.]+)`/g,
		)) {
			const isRoute = /^auth\.(login|connect|refreshToken)$/.test(name);
			const isPermission = schema.includes(`permission: "${name}"`);
			assert.ok(isRoute || isPermission || reference.includes(`| \`${name}`), name);
		}
		for (const [, name = ""] of runbook.matchAll(/\b(framegate_\w+)/g)) assert.ok(metrics.has(name), name);
	});
});
