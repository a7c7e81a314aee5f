// The OpenAPI 3.1 description of the REST paths, made of the .proto files: annotations, messages, field rules, comments. Part of
// `npm run generate`; the gateway serves it as it is.
import type protobuf from "protobufjs";
import { ExampleWriter } from "./generate-examples.ts";
import { type NumberedMethod, protoName, type ReadOption } from "./generate-http.ts";
import { componentName, described, type Rules, type Schema, SchemaWriter } from "./generate-schemas.ts";
import type { HttpBinding } from "./http-binding.ts";

export interface OpenApiSource {
	readonly methods: readonly NumberedMethod[];
	readonly bindings: readonly HttpBinding[];
	readonly option: ReadOption;
	readonly shortName: (type: protobuf.Enum, value: string) => string;
	readonly version: string;
}

interface RouteOption {
	permission?: string;
	cost?: number;
	needs_connection?: boolean;
}

const PROBLEM: Schema = {
	type: "object",
	description: "Problem details (RFC 9457).",
	properties: {
		type: { type: "string", format: "uri-reference", description: "Links to the page of reply codes." },
		title: { type: "string" },
		status: { type: "integer", minimum: 400, maximum: 599 },
		detail: { type: "string", description: "What exactly is wrong, for people." },
		instance: { type: "string", description: "The path of the request." },
		code: { type: "string", description: "The name of the reply code." },
		retry_after_ms: { type: "integer", minimum: 1, description: "When a repeat makes sense." },
		violations: {
			type: "array",
			description: "The fields that broke a rule.",
			items: {
				type: "object",
				properties: { field: { type: "string" }, description: { type: "string" } },
				required: ["field", "description"],
			},
		},
	},
	required: ["type", "title", "status", "detail", "code"],
};

const ERRORS: Readonly<Record<string, string>> = {
	"400": "The content is not what it should be.",
	"401": "No token, or one that is not served any more.",
	"403": "The session's roles do not grant what the route needs.",
	"422": "A field breaks its rule; `violations` names it.",
	"429": "Over a limit; `Retry-After` says when to come back.",
	"503": "Something that the route needs is unavailable.",
};

/** @returns the text of the document. */
export function openApi(source: OpenApiSource): string {
	const writer = new SchemaWriter(source.option, source.shortName);
	const examples = new ExampleWriter(source.option, source.shortName);
	const byNumber = new Map(source.methods.map(({ method, number }) => [number, method]));
	const paths: Record<string, Record<string, Schema>> = {};
	const seen = new Map<number, number>();
	for (const binding of source.bindings) {
		const method = byNumber.get(binding.route) as protobuf.Method;
		const nth = (seen.get(binding.route) ?? 0) + 1;
		seen.set(binding.route, nth);
		const path = paths[binding.path] ?? {};
		path[binding.method.toLowerCase()] = operation(source, { writer, examples }, binding, method, nth);
		paths[binding.path] = path;
	}
	const document = {
		openapi: "3.1.0",
		info: {
			title: "framegate",
			version: source.version,
			description: "Routes of the gateway over HTTP. What needs a connection is served over WebSocket only.",
			license: { name: "MIT", identifier: "MIT" },
		},
		servers: [{ url: "/" }],
		tags: [...new Set(source.methods.map(({ method }) => tagOf(method)))].map((name) => ({ name })),
		security: [{ bearer: [] }],
		paths,
		components: {
			securitySchemes: {
				bearer: {
					type: "http",
					scheme: "bearer",
					bearerFormat: "JWT",
					description: "An access token, as logins return it.",
				},
			},
			responses: Object.fromEntries(
				[...Object.entries(ERRORS), ["default", "Another error."] as const].map(([status, description]) => {
					return [`Error${status}`, { description, content: problemContent }];
				}),
			),
			schemas: { Problem: PROBLEM, ...sorted(writer.schemas) },
		},
		"x-websocket-only": source.methods
			.filter(({ method }) => source.option<RouteOption>(method, "(route)")?.needs_connection)
			.map(({ method, number }) => ({ protocol: number, rpc: method.fullName.slice(1), ...described(method.comment) })),
	};
	return `${JSON.stringify(document, undefined, "\t")}\n`;
}

const problemContent = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };

interface Writers {
	readonly writer: SchemaWriter;
	readonly examples: ExampleWriter;
}

function operation(
	source: OpenApiSource,
	writers: Writers,
	binding: HttpBinding,
	method: protobuf.Method,
	nth: number,
): Schema {
	const { writer, examples } = writers;
	const route = source.option<RouteOption>(method, "(route)") ?? {};
	const permission = route.permission || "session";
	const request = method.resolvedRequestType as protobuf.Type;
	const inPath = new Set([...binding.path.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name));
	const rest = request.fieldsArray.filter((field) => !inPath.has(protoName(field)));
	const parameters = [
		...request.fieldsArray
			.filter((field) => inPath.has(protoName(field)))
			.map((field) => parameter(writers, field, "path")),
		...(binding.body === "" ? rest.map((field) => parameter(writers, field, "query")) : []),
	];
	const errors = Object.keys(ERRORS).filter((status) => {
		if (status === "401") return permission !== "public";
		return status !== "403" || !["public", "session", "authenticated"].includes(permission);
	});
	const [summary = "", ...more] = (method.comment ?? "").replaceAll("\n", " ").split(/(?<=[.;:]) /);
	return {
		operationId: `${tagOf(method)}_${method.name}${nth > 1 ? `_${nth}` : ""}`,
		tags: [tagOf(method)],
		summary,
		...described(more.join(" ")),
		...(permission === "public" ? { security: [] } : {}),
		"x-protocol-number": binding.route,
		"x-permission": permission,
		"x-cost": route.cost || 1,
		...(parameters.length > 0 ? { parameters } : {}),
		...(binding.body === "*" ? { requestBody: requestBody(source, writers, request, rest) } : {}),
		responses: {
			"200": {
				description: "The reply.",
				content: {
					"application/json": {
						schema: writer.message(method.resolvedResponseType as protobuf.Type, false),
						example: examples.reply(method.resolvedResponseType as protobuf.Type),
					},
				},
			},
			...Object.fromEntries(errors.map((status) => [status, { $ref: `#/components/responses/Error${status}` }])),
			default: { $ref: "#/components/responses/Errordefault" },
		},
	};
}

function parameter({ writer, examples }: Writers, field: protobuf.Field, place: "path" | "query"): Schema {
	const { description, ...schema } = writer.field(field, true);
	const required = place === "path" || (schema["minLength"] ?? schema["minItems"] ?? 0) !== 0;
	// An empty segment is another path.
	if (place === "path" && schema["type"] === "string")
		schema["minLength"] = Math.max(1, Number(schema["minLength"] ?? 1));
	if (place === "path" && schema["type"] === "array") schema["minItems"] = 1;
	return {
		name: protoName(field),
		in: place,
		...(description === undefined ? {} : { description }),
		...(required ? { required } : {}),
		schema,
		...exampleOf(required ? examples.requestValue(field) : undefined),
	};
}

const exampleOf = (example: unknown): Schema => (example === undefined ? {} : { example });

function requestBody(
	{ option }: OpenApiSource,
	{ writer, examples }: Writers,
	request: protobuf.Type,
	rest: readonly protobuf.Field[],
): Schema {
	const isWhole = rest.length === request.fieldsArray.length;
	const name = `${componentName(request).replace(/Request$/, "")}Body`;
	if (!isWhole && writer.schemas[name] === undefined) writer.schemas[name] = writer.object(request, rest, true);
	const schema = isWhole ? writer.message(request, true) : { $ref: `#/components/schemas/${name}` };
	return {
		required:
			rest.some((field) => option<Rules>(field, "(rules)")?.required === true) ||
			request.oneofsArray.some((group) => option<boolean>(group, "(oneof_required)")),
		content: { "application/json": { schema, ...exampleOf(examples.request(rest)) } },
	};
}

/** `framegate.v1.EdgeAlarmService` → `EdgeAlarm`. */
const tagOf = (method: protobuf.Method): string => (method.parent as protobuf.Service).name.replace(/Service$/, "");

function sorted(schemas: Record<string, Schema>): Record<string, Schema> {
	return Object.fromEntries(Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1)));
}
