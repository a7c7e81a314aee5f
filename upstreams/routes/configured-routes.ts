// From the entries of `upstreams.routes` to routes: numbers, names, and what the files say of each method.
import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { relayedMessage } from "../../protocol/relayed-message.ts";
import type { UpstreamRoutesSettings } from "../options.ts";
import { type ConfiguredRoute, emptyReply, FIRST_ROUTE, LAST_ROUTE, RouteClaims } from "./configured-route.ts";
import { MessageRules } from "./field-rules.ts";
import { messageForm } from "./message-form.ts";
import { requestCheck } from "./request-check.ts";
import type { RouteBackend, StreamBackend } from "./route-backend.ts";
import { loadService, pathOf, type ServiceDefinition } from "./service-definition.ts";
import type { StickyBy } from "./sticky-key.ts";

/** What answers a method. */
export interface MethodFacts {
	/** Of `upstreams.services`. */
	readonly service: string;
	readonly path: string;
	readonly isIdempotent: boolean;
	readonly sticky: StickyBy | undefined;
	readonly streamTimeoutMs: number | undefined;
}

type BackendOf = (facts: MethodFacts) => RouteBackend & StreamBackend;
type MethodSettings = UpstreamRoutesSettings["methods"][string];

/**
 * @param backendOf - makes what answers a method.
 * @throws Error that names the entry, and what is wrong in it or its files.
 */
export function configuredRoutes(entries: readonly UpstreamRoutesSettings[], backendOf: BackendOf): ConfiguredRoute[] {
	const claims = new RouteClaims();
	return entries.flatMap((entry) => {
		try {
			const routes = routesOf(entry, backendOf);
			for (const route of routes) claims.add(route);
			return routes;
		} catch (error) {
			throw new Error(`upstreams.routes, ${entry.name}: ${error instanceof Error ? error.message : String(error)}`);
		}
	});
}

function routesOf(entry: UpstreamRoutesSettings, backendOf: BackendOf): ConfiguredRoute[] {
	const definition = loadService(entry, entry.grpcService);
	const { methods } = definition.service;
	const unknown = Object.keys(entry.methods).find((name) => !methods.some((method) => method.name === name));
	if (unknown !== undefined) throw new Error(`${entry.grpcService} has no method ${unknown}`);
	const [first, last] = rangeOf(entry);
	return methods.flatMap((method, index) => {
		const settings = entry.methods[method.name] ?? {};
		const number = settings.number ?? (first === undefined ? undefined : first + index);
		if (number === undefined) {
			if (method.name in entry.methods) throw new Error(`${method.name} has no number`);
			return [];
		}
		if (settings.number === undefined && last !== undefined && number > last) {
			throw new Error(`${methods.length} methods do not fit into ${entry.numbers}`);
		}
		return [routeOf(entry, definition, method, number, settings, backendOf)];
	});
}

function rangeOf({ numbers }: UpstreamRoutesSettings): readonly [first: number | undefined, last: number | undefined] {
	if (numbers === undefined) return [undefined, undefined];
	const [first = 0, last = 0] = numbers.split("-").map(Number);
	if (first < FIRST_ROUTE || last > LAST_ROUTE || first > last) {
		throw new Error(`numbers: ${numbers} is not within ${FIRST_ROUTE}-${LAST_ROUTE}`);
	}
	return [first, last];
}

function routeOf(
	entry: UpstreamRoutesSettings,
	{ registry, rules: defined }: ServiceDefinition,
	method: DescMethod,
	number: number,
	settings: MethodSettings,
	backendOf: BackendOf,
): ConfiguredRoute {
	if (method.methodKind !== "unary" && method.methodKind !== "server_streaming") {
		throw new Error(`${method.name} takes a stream, which no request can be: leave it out by a table of methods`);
	}
	const isStream = method.methodKind === "server_streaming";
	const level = method.idempotency;
	const idempotent =
		settings.idempotent ?? entry.idempotent ?? (level === Level.IDEMPOTENT || level === Level.NO_SIDE_EFFECTS);
	const timeoutMs = settings.timeoutMs ?? entry.timeoutMs;
	const facts: MethodFacts = {
		service: entry.service,
		path: pathOf(method),
		isIdempotent: idempotent,
		sticky: stickyOf(settings.sticky ?? entry.sticky, method),
		streamTimeoutMs: timeoutMs,
	};
	const form = messageForm(method.output, registry, "");
	const rules = new MessageRules(method.input, defined, settings.rules);
	const name = settings.name ?? method.name.charAt(0).toLowerCase() + method.name.slice(1);
	return {
		number,
		name: `${entry.name}.${name}`,
		permission: settings.permission ?? entry.permission ?? "session",
		cost: settings.cost ?? entry.cost ?? 1,
		ordering: (settings.ordered ?? entry.ordered) ? "connection" : "none",
		idempotent,
		hasSideEffects: level !== Level.NO_SIDE_EFFECTS,
		timeoutMs: isStream ? undefined : timeoutMs,
		request: relayedMessage(
			method.input.typeName,
			messageForm(method.input, registry, `${method.name} of ${method.parent.typeName}`, rules),
			requestCheck(rules),
		),
		reply: isStream ? emptyReply(method.output.typeName) : relayedMessage(method.output.typeName, form),
		rpcPath: facts.path,
		backend: isStream ? { kind: "stream", stream: backendOf(facts), form } : { kind: "unary", unary: backendOf(facts) },
	};
}

function stickyOf(by: string | undefined, { input }: DescMethod): StickyBy | undefined {
	if (by === undefined || by === "user" || by === "session" || by === "address") return by;
	const name = by.slice("request.".length);
	const field = input.fields.find((one) => one.name === name);
	if (field === undefined || field.fieldKind !== "scalar") {
		throw new Error(`sticky: ${input.typeName} has no single field ${name} of a simple type`);
	}
	return field.number;
}
