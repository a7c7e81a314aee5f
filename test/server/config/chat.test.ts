// What the settings of chat need of each other.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../../server/config/config.ts";
import { loadConfig } from "../../../server/config/load.ts";

const SERVICES = { FRAMEGATE_UPSTREAMS_SERVICES: '{"logic": {"addresses": ["127.0.0.1:9001"]}}' };

function problem(env: Record<string, string>): string {
	try {
		loadConfig({ env, cwd: "/" });
		return "";
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return error.problems.map(({ key, message }) => `${key}: ${message}`).join("\n");
	}
}

test("a backend of chat that misses what it needs is an error that names it", () => {
	const backend = (name: string, more: Record<string, string> = {}) => {
		return problem({ FRAMEGATE_CHAT_BACKEND: name, ...more });
	};
	assert.match(backend("kafka"), /^chat\.backend: kafka needs kafka\.brokers and kafka\.uplink\.messagesTopic/);
	assert.match(backend("kafka", { KAFKA_BROKERS: "a:9092" }), /^chat\.backend: kafka needs/);
	const topic = { KAFKA_BROKERS: "a:9092", FRAMEGATE_KAFKA_UPLINK_MESSAGES_TOPIC: "upstream" };
	assert.equal(backend("kafka", topic), "");
	assert.match(backend("upstream"), /^chat\.backend: upstream needs chat\.service/);
	const service = { FRAMEGATE_CHAT_SERVICE: "logic" };
	assert.match(backend("upstream", service), /^chat\.service: upstreams\.services has no logic/);
	assert.equal(backend("upstream", { ...service, ...SERVICES }), "");
	assert.match(problem({ ...service, ...SERVICES }), /^chat\.service: is asked for nothing/);
	assert.match(backend("mongo"), /^chat\.backend: /);
});
