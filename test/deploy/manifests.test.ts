// What deploy/ hands to Kubernetes and to compose is what their schemas allow, and what the gateway understands: its
// configuration loads, and nobody kills it before it has drained.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { drainLimitMs } from "../../server/cli/serve.ts";
import type { Config } from "../../server/config/config.ts";
import { loadConfig } from "../../server/config/load.ts";
import { page, table } from "../docs/markdown.ts";
import { pythonTools } from "../support/python-tools.ts";
import { serviceLinks } from "../support/service-links.ts";

const deploy = fileURLToPath(new URL("../../deploy/", import.meta.url));
const kubernetes = join(deploy, "kubernetes");
const compose = join(deploy, "compose/compose.yaml");
/** Read by other programs than the cluster. */
const NOT_RESOURCES = ["kustomization.yaml", "prometheus-adapter.yaml"];
const resources = readdirSync(kubernetes).filter((name) => !NOT_RESOURCES.includes(name));
let scratch = "";
let tools = "";

before(() => {
	scratch = mkdtempSync(join(tmpdir(), "framegate-manifests-"));
	tools = pythonTools();
});

after(() => rmSync(scratch, { recursive: true }));

function validate(tool: string, ...args: string[]): { ok: boolean; output: string } {
	const { status, stdout, stderr } = spawnSync(`${tools}${tool}`, args, { encoding: "utf8" });
	return { ok: status === 0, output: `${stdout}${stderr}` };
}

// biome-ignore lint/suspicious/noExplicitAny: manifests as they are; what they hold is what the tests ask.
const manifest = (path: string): any => parse(readFileSync(path, "utf8"));

/** The configuration that a container gets, with its files of secrets as the deployment promises them. */
function configOf(env: Record<string, string>, secrets: Record<string, string>, settings?: string): Config {
	const inside: Record<string, string> = {};
	for (const [name, value] of Object.entries(env)) {
		const path = value.startsWith("/") ? join(scratch, value) : value;
		inside[name] = path;
		if (name.endsWith("_FILE")) {
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, secrets[name] ?? assert.fail(`nothing is known of ${name}`));
		} else if (name === "FRAMEGATE_CONFIG") {
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, settings ?? assert.fail("no settings"));
		}
	}
	return loadConfig({ env: inside, cwd: scratch });
}

const SECRETS = {
	JWT_SECRET_FILE: "qN3v8Zr1Lk6Wt0Yx5Hb2Jd9Gs4Pf7Ma-",
	DATABASE_URL_FILE: "postgres://framegate:secret@postgres/framegate",
	REDIS_URL_FILE: "redis://:secret@redis:6379",
};

describe("Kubernetes manifests", () => {
	const { spec } = manifest(join(kubernetes, "deployment.yaml")).spec.template;
	const [container] = spec.containers;
	const settings: string = manifest(join(kubernetes, "configmap.yaml")).data["framegate.yaml"];
	const env: Record<string, string> = Object.fromEntries(
		container.env.map(({ name, value = "pod-1" }: { name: string; value?: string }) => [name, value]),
	);

	test("are valid, unknown fields included", () => {
		for (const name of resources) {
			const { ok, output } = validate("kubernetes-validate", "--strict", join(kubernetes, name));
			assert.ok(ok, output);
		}
	});

	test("a field with a wrong name, and one with a wrong value, would be found", () => {
		const text = readFileSync(join(kubernetes, "deployment.yaml"), "utf8");
		for (const [right, wrong] of [
			["readinessProbe:", "readynessProbe:"],
			["terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: soon"],
		] as const) {
			assert.ok(text.includes(right));
			const file = join(scratch, "wrong.yaml");
			writeFileSync(file, text.replace(right, wrong));
			assert.ok(!validate("kubernetes-validate", "--strict", file).ok, wrong);
		}
	});

	test("are applied, all of them", () => {
		assert.deepEqual([...manifest(join(kubernetes, "kustomization.yaml")).resources].sort(), resources.sort());
	});

	test("their configuration loads, and is that of production", () => {
		const config = configOf(env, SECRETS, settings);
		assert.equal(config.profile, "production");
		assert.equal(config.node.id, "pod-1");
		assert.equal(config.redis.url, SECRETS.REDIS_URL_FILE);
		const ports = container.ports.map(({ containerPort }: { containerPort: number }) => containerPort);
		assert.deepEqual(ports, [config.server.port, config.server.metricsPort]);
	});

	test("their configuration also loads beside what Kubernetes says of their Service, which they do not ask for", () => {
		const service = manifest(join(kubernetes, "service.yaml"));
		const links = serviceLinks(service.metadata.name, "10.96.0.17", service.spec.ports);
		assert.ok(Object.keys(links).length > 6 && Object.keys(links).every((name) => name.startsWith("FRAMEGATE_")));
		assert.deepEqual(configOf({ ...env, ...links }, SECRETS, settings), configOf(env, SECRETS, settings));
		assert.equal(spec.enableServiceLinks, false);
	});

	test("every secret that a variable names is mounted, and none is in a manifest", () => {
		const mounts: string[] = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
		for (const [name, path] of Object.entries(env)) {
			if (path.startsWith("/")) assert.ok(mounts.includes(dirname(path)), `${name}: ${path}`);
		}
		assert.ok(resources.every((name) => manifest(join(kubernetes, name)).kind !== "Secret"));
	});

	test("a pod has the time that it needs to drain", () => {
		const preStopSeconds = Number(container.lifecycle.preStop.exec.command[1]);
		const neededMs = preStopSeconds * 1000 + drainLimitMs(configOf(env, SECRETS, settings));
		assert.ok(spec.terminationGracePeriodSeconds * 1000 > neededMs);
	});

	test("probes ask what the gateway answers", () => {
		const { livenessProbe, readinessProbe, startupProbe } = container;
		assert.equal(livenessProbe.httpGet.path, "/health");
		assert.equal(startupProbe.httpGet.path, "/health");
		assert.equal(readinessProbe.httpGet.path, "/ready");
	});

	test("the autoscaler goes by a metric that there is, and stays below the limit", () => {
		const [{ pods }] = manifest(join(kubernetes, "autoscaler.yaml")).spec.metrics;
		const metrics = table(page("docs/reference/metrics.md"));
		assert.equal(metrics.find(({ name }) => name === pods.metric.name)?.["type"], "gauge");
		const { limits } = configOf(env, SECRETS, settings);
		assert.ok(Number(pods.target.averageValue) <= 0.7 * limits.maxConnections);
		const [rule] = manifest(join(kubernetes, "prometheus-adapter.yaml")).rules.custom;
		assert.equal(rule.name.as, pods.metric.name);
		assert.ok(rule.seriesQuery.startsWith(`${pods.metric.name}{`));
	});
});

describe("the compose file", () => {
	const { services, secrets } = manifest(compose);
	const { gateway } = services;
	const withoutDefaults = (value: string) => value.replace(/\$\{\w+:-(.*?)\}/g, "$1");
	const env = Object.fromEntries(
		Object.entries<string>(gateway.environment).map(([name, value]) => [name, withoutDefaults(value)]),
	);

	test("is valid by the compose specification, as the file that adds etcd is", () => {
		const files = [compose, join(deploy, "compose/discovery.yaml")];
		const { ok, output } = validate("check-jsonschema", "--builtin-schema", "vendor.compose-spec", ...files);
		assert.ok(ok, output);
	});

	test("a field with a wrong name, and one with a wrong value, would be found", () => {
		const text = readFileSync(compose, "utf8");
		for (const [right, wrong] of [
			["stop_grace_period: 30s", "stop_grace_time: 30s"],
			["read_only: true", "read_only: [1]"],
		] as const) {
			assert.ok(text.includes(right));
			const file = join(scratch, "wrong-compose.yaml");
			writeFileSync(file, text.replace(right, wrong));
			assert.ok(!validate("check-jsonschema", "--builtin-schema", "vendor.compose-spec", file).ok, wrong);
		}
	});

	test("with etcd beside it, it registers there", () => {
		const { services } = manifest(join(deploy, "compose/discovery.yaml"));
		const { discovery } = configOf({ ...env, ...services.gateway.environment }, SECRETS);
		assert.deepEqual(discovery.etcd.endpoints, ["etcd:2379"]);
		assert.equal(discovery.registration.service, "im-gateway");
	});

	test("its configuration loads, is that of production, and drains in time", () => {
		const config = configOf(env, SECRETS);
		assert.equal(config.profile, "production");
		assert.ok(Number.parseInt(gateway.stop_grace_period, 10) * 1000 > drainLimitMs(config));
	});

	test("the secrets of every service are made by the script, and readable to the users of the images", () => {
		const directory = join(scratch, "secrets");
		const made = () => spawnSync("sh", [join(deploy, "compose/make_secrets.sh"), directory], { encoding: "utf8" });
		const { stdout, stderr, status } = made();
		assert.equal(status, 0, stderr);
		const read = (name: string) => readFileSync(join(directory, name), "utf8");
		const first = Object.keys(secrets).map(read);
		for (const [name, { file }] of Object.entries<{ file: string }>(secrets)) {
			assert.equal(file, `./secrets/${name}`);
			assert.ok(read(name).length >= 32, name);
			assert.ok(!stdout.includes(read(name)));
		}
		assert.ok(read("redis_url").includes(read("redis_password")));
		assert.ok(read("database_url").includes(read("postgres_password")));
		const named = new Set(Object.values<{ secrets?: string[] }>(services).flatMap((service) => service.secrets ?? []));
		assert.deepEqual([...named].sort(), Object.keys(secrets).sort());
		// A second run leaves them alone.
		assert.equal(made().status, 0);
		assert.deepEqual(Object.keys(secrets).map(read), first);
		const config = configOf(env, {
			JWT_SECRET_FILE: read("jwt_secret"),
			DATABASE_URL_FILE: read("database_url"),
			REDIS_URL_FILE: read("redis_url"),
		});
		assert.equal(config.database.url, read("database_url"));
	});
});
