// From the entries of `upstreams.topicRoutes` to routes: requests that become records of a topic.
import type { AnyMessageType, JsonForm } from "../../protocol/contract.ts";
import { relayedMessage } from "../../protocol/relayed-message.ts";
import type { TopicRouteSettings } from "../options.ts";
import { type ConfiguredRoute, RouteClaims } from "./configured-route.ts";
import { MessageRules } from "./field-rules.ts";
import { messageForm } from "./message-form.ts";
import { type RecordKey, recordKey } from "./record-key.ts";
import { requestCheck } from "./request-check.ts";
import type { RouteBackend } from "./route-backend.ts";
import { loadMessage } from "./service-definition.ts";

/** What a request becomes. */
export interface TopicRecordFacts {
	/** Name of the route. */
	readonly route: string;
	readonly topic: string;
	readonly keyOf: RecordKey;
	readonly contentType: string;
}

export interface TopicRoutesParts {
	/** Routes that are there already. */
	readonly taken: readonly ConfiguredRoute[];
	/** Of all routes. */
	readonly reply: AnyMessageType;
	/** Makes what writes the records of a route. */
	readonly backendOf: (facts: TopicRecordFacts) => RouteBackend;
}

/** @throws Error that names the entry, and what is wrong in it or its files. */
export function topicRoutes(
	entries: readonly TopicRouteSettings[],
	{ taken, reply, backendOf }: TopicRoutesParts,
): ConfiguredRoute[] {
	const claims = new RouteClaims();
	for (const route of taken) claims.add(route);
	return entries.map((entry) => {
		try {
			claims.add(entry);
			const { request, facts } = requestOf(entry);
			return {
				number: entry.number,
				name: entry.name,
				permission: entry.permission ?? "session",
				cost: entry.cost ?? 1,
				ordering: entry.ordered ? "connection" : "none",
				// Each call is a record of its own.
				idempotent: false,
				hasSideEffects: true,
				timeoutMs: entry.timeoutMs,
				request,
				reply,
				rpcPath: "",
				backend: { kind: "unary", unary: backendOf(facts) },
			} satisfies ConfiguredRoute;
		} catch (error) {
			throw new Error(
				`upstreams.topicRoutes, ${entry.name}: ${error instanceof Error ? error.message : String(error)}`,
			);
		}
	});
}

function requestOf(entry: TopicRouteSettings): { readonly request: AnyMessageType; readonly facts: TopicRecordFacts } {
	const { name, topic, key, message: typeName, contentType } = entry;
	const facts = { route: name, topic };
	const description = `Writes a record to the topic ${topic}`;
	if (typeName === undefined) {
		return {
			request: relayedMessage("", { ...ANY_JSON, description }),
			facts: { ...facts, keyOf: recordKey(key, undefined), contentType: contentType ?? "application/octet-stream" },
		};
	}
	const { message, registry, rules: defined } = loadMessage(entry, typeName);
	const rules = new MessageRules(message, defined, entry.rules);
	return {
		request: relayedMessage(message.typeName, messageForm(message, registry, description, rules), requestCheck(rules)),
		facts: { ...facts, keyOf: recordKey(key, message), contentType: contentType ?? "application/x-protobuf" },
	};
}

/** A body whose type is not known: of a client that speaks JSON it is the text of its JSON. */
const ANY_JSON: JsonForm = {
	fields: [],
	schema: { type: "object" },
	description: "",
	transcoding: {
		toBytes: (value) => Buffer.from(JSON.stringify(value)),
		fromBytes: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as unknown,
	},
};
