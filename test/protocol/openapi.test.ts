// The OpenAPI description is whole: each REST path is in it, each reference leads somewhere, and what validators trip over is not
// there.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { httpBindings } from "../../protocol/gen/http.ts";
import openApi from "../../protocol/gen/openapi.json" with { type: "json" };
import { routeContracts } from "../../protocol/gen/schema.ts";
import { PlainJson } from "../../protocol/plain-json.ts";
import { compileValidator } from "../../protocol/validation.ts";

type Json = { readonly [key: string]: unknown };

interface Operation {
	readonly parameters?: readonly { readonly name: string; readonly required?: boolean; readonly example?: unknown }[];
	readonly requestBody?: { readonly content: { readonly "application/json": { readonly example?: Json } } };
	readonly responses: {
		readonly "200": { readonly content: { readonly "application/json": { readonly example: Json } } };
	};
}

const document = openApi as Json;

function* values(node: unknown, path = ""): Generator<[path: string, value: unknown]> {
	yield [path, node];
	if (typeof node !== "object" || node === null) return;
	for (const [key, value] of Object.entries(node)) yield* values(value, `${path}/${key}`);
}

function at(pointer: string): unknown {
	return pointer
		.slice(2)
		.split("/")
		.reduce<unknown>((node, key) => (node as Json | undefined)?.[key], document);
}

describe("the OpenAPI description", () => {
	it("has an operation for each REST path, with a name of its own", () => {
		const paths = openApi.paths as unknown as Readonly<Record<string, Readonly<Record<string, Json>>>>;
		const operations = httpBindings.map(({ path, method }) => paths[path]?.[method.toLowerCase()]);
		assert.ok(operations.every((operation) => operation !== undefined));
		assert.equal(new Set(operations.map((operation) => operation?.["operationId"])).size, operations.length);
		assert.equal(Object.values(paths).flatMap(Object.values).length, operations.length);
	});

	it("refers to nothing that is not there", () => {
		const references = [...values(document)].filter(([path]) => path.endsWith("/$ref"));
		assert.ok(references.length > 100);
		for (const [path, reference] of references) assert.ok(at(reference as string), `${path}: ${String(reference)}`);
	});

	it("has patterns that any validator compiles", () => {
		for (const [path, pattern] of values(document)) {
			if (!path.endsWith("/pattern") || typeof pattern !== "string") continue;
			assert.doesNotThrow(() => new RegExp(pattern), path);
			assert.doesNotMatch(pattern, /\\p\{/, path);
		}
	});

	it("has examples of requests and replies that the gateway takes and gives", () => {
		const json = new PlainJson();
		let bodies = 0;
		for (const { route, path, method } of httpBindings) {
			const contract = routeContracts.get(route);
			const operation = (openApi.paths as unknown as Readonly<Record<string, Readonly<Record<string, Operation>>>>)[
				path
			]?.[method.toLowerCase()];
			assert.ok(contract !== undefined && operation !== undefined);
			const reply = operation.responses["200"].content["application/json"].example;
			assert.deepEqual(json.write(contract.reply, json.read(contract.reply, reply)), reply, path);
			const { parameters = [], requestBody } = operation;
			const request: Record<string, unknown> = { ...requestBody?.content["application/json"].example };
			for (const { name, example } of parameters) if (example !== undefined) request[name] = example;
			if (parameters.some(({ required, example }) => required && example === undefined)) continue;
			const violations = compileValidator(contract.request)?.(json.read(contract.request, request));
			assert.deepEqual(violations, undefined, `${method} ${path}`);
			if (requestBody?.content["application/json"].example !== undefined) bodies++;
		}
		assert.ok(bodies > 15, `${bodies} bodies`);
	});

	it("asks for a token wherever the route is not public, and marks routes that need a connection", () => {
		for (const { route, path, method } of httpBindings) {
			const operation = at("#/paths") as Readonly<Record<string, Readonly<Record<string, Json>>>>;
			const security = operation[path]?.[method.toLowerCase()]?.["security"];
			assert.deepEqual(security, routeContracts.get(route)?.permission === "public" ? [] : undefined, path);
		}
		const marked = (document["x-websocket-only"] as readonly { protocol: number }[]).map(({ protocol }) => protocol);
		const wanted = [...routeContracts.values()].filter((route) => route.needsConnection).map((route) => route.number);
		assert.deepEqual([...marked].sort(), wanted.sort());
		assert.ok(httpBindings.every(({ route }) => !marked.includes(route)));
	});
});
