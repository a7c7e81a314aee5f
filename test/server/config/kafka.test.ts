// The settings of Kafka: what belongs together, and which secrets are not shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../../server/config/config.ts";
import { describeConfig } from "../../../server/config/describe.ts";
import { loadConfig } from "../../../server/config/load.ts";

const BROKERS = { KAFKA_BROKERS: "a:9092,[::1]:9093" };

const ROUTE = { number: 9100, name: "orders.place", topic: "orders" };
const TOPIC_ROUTE = JSON.stringify(ROUTE);
const topicRoute = (changes: object) => ({
	...BROKERS,
	FRAMEGATE_UPSTREAMS_TOPIC_ROUTES: JSON.stringify([{ ...ROUTE, ...changes }]),
});

function problems(env: Record<string, string>): string[] {
	try {
		loadConfig({ env, cwd: "/" });
	} catch (error) {
		assert.ok(error instanceof ConfigError, String(error));
		return error.problems.map(({ key, message }) => `${key}: ${message}`);
	}
	return [];
}

test("brokers come from KAFKA_BROKERS, and GATEWAY_ID names the node's own topic", () => {
	const env = { ...BROKERS, GATEWAY_ID: "gateway-001", FRAMEGATE_KAFKA_DOWNLINK_NODE_TOPIC_PREFIX: "downstream-" };
	const { kafka, node } = loadConfig({ env, cwd: "/" });
	assert.deepEqual([kafka.brokers, node.id], [["a:9092", "[::1]:9093"], "gateway-001"]);
});

test("what does not go together is refused with its key", () => {
	const cases: [Record<string, string>, RegExp][] = [
		[{ KAFKA_BROKERS: "nowhere" }, /kafka\.brokers.*expected host:port/],
		[{ FRAMEGATE_KAFKA_DOWNLINK_TOPIC: "downstream" }, /^kafka\.brokers: is needed/],
		[{ FRAMEGATE_UPSTREAMS_TOPIC_ROUTES: `[${TOPIC_ROUTE}]` }, /^kafka\.brokers: is needed for upstreams\.topicRoutes/],
		[topicRoute({ key: "request.id", topic: "a b" }), /upstreams\.topicRoutes.*expected 1 to 249/],
		[topicRoute({ name: "place" }), /upstreams\.topicRoutes.*expected module\.function/],
		[topicRoute({ number: 8999 }), /upstreams\.topicRoutes.*9000/],
		[topicRoute({ message: "acme.Order" }), /message and one of descriptorSet and proto belong together/],
		[{ ...BROKERS, FRAMEGATE_KAFKA_DOWNLINK_TOPIC: "a b" }, /kafka\.downlink\.topic: expected/],
		[{ ...BROKERS, FRAMEGATE_KAFKA_DOWNLINK_NODE_TOPIC_PREFIX: "d-" }, /nodeTopicPrefix: needs node\.id/],
		[{ ...BROKERS, FRAMEGATE_KAFKA_SASL_MECHANISM: "PLAIN" }, /sasl\.mechanism: needs kafka\.sasl\.username/],
		[{ ...BROKERS, FRAMEGATE_KAFKA_TLS_CERT_FILE: "/missing.pem" }, /certFile and keyFile belong together/],
		[{ ...BROKERS, FRAMEGATE_KAFKA_TLS_CA_FILE: "/missing.pem" }, /tls\.caFile: cannot read/],
	];
	for (const [env, expected] of cases) assert.match(problems(env).join("\n"), expected);
});

test("in production a password is not sent in the clear", () => {
	const sasl = { FRAMEGATE_KAFKA_SASL_USERNAME: "u", FRAMEGATE_KAFKA_SASL_PASSWORD: "the-password" };
	const env = { ...BROKERS, ...sasl, FRAMEGATE_PROFILE: "production", FRAMEGATE_KAFKA_SASL_MECHANISM: "PLAIN" };
	assert.match(problems(env).join("\n"), /kafka\.sasl\.mechanism: PLAIN sends the password in the clear/);
	assert.doesNotMatch(problems({ ...env, FRAMEGATE_KAFKA_TLS_ENABLED: "true" }).join("\n"), /in the clear/);
	assert.doesNotMatch(problems(env).join("\n"), /the-password/);
});

test("the password is not shown", () => {
	const sasl = { FRAMEGATE_KAFKA_SASL_USERNAME: "u", FRAMEGATE_KAFKA_SASL_PASSWORD: "the-password" };
	const config = loadConfig({ env: { ...BROKERS, ...sasl, FRAMEGATE_KAFKA_SASL_MECHANISM: "PLAIN" }, cwd: "/" });
	assert.doesNotMatch(JSON.stringify(describeConfig(config)), /the-password/);
});
