// The OpenAPI description of what is served now: of the generated one, the operations whose routes the table has, and those of modules,
// whose messages are declared by schemas.
import type { RouteTable } from "../../core/route-table.ts";
import type { AnyMessageType, AnyRouteContract, MessageDocument } from "../../protocol/contract.ts";
import generated from "../../protocol/gen/openapi.json" with { type: "json" };
import type { HttpBinding } from "../../protocol/http-binding.ts";
import { modulePath } from "./calls/module-style.ts";

type Schema = Readonly<Record<string, unknown>>;
type Operations = Record<string, Schema>;

/** @returns the document, as `/openapi.json` serves it. */
export function openApiOf(table: RouteTable): object {
	const paths: Record<string, Operations> = {};
	for (const [path, operations] of Object.entries(generated.paths as Readonly<Record<string, Operations>>)) {
		const served = Object.entries(operations).filter(([, operation]) => {
			return table.find(Number(operation["x-protocol-number"])) !== undefined;
		});
		if (served.length > 0) paths[path] = Object.fromEntries(served);
	}
	const modules = table.routes.map(({ contract }) => contract).filter(({ request }) => isDescribed(request));
	const components: Record<string, Schema> = {};
	for (const contract of modules) {
		for (const type of [contract.request, contract.reply])
			Object.assign(components, documentOf(contract, type).components);
		paths[modulePath(contract)] = { post: operationOf(contract) };
		for (const binding of table.bindings.filter(({ route }) => route === contract.number)) {
			const { method, path } = binding;
			paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(contract, binding) };
		}
	}
	const tags = new Set(modules.map(tagOf));
	return {
		...generated,
		tags: [...generated.tags, ...[...tags].map((name) => ({ name }))],
		paths,
		components: { ...generated.components, schemas: { ...generated.components.schemas, ...components } },
		"x-websocket-only": generated["x-websocket-only"].filter(({ protocol }) => table.find(protocol) !== undefined),
	};
}

const tagOf = ({ name }: AnyRouteContract): string => name.split(".", 1)[0] ?? "";

/** Of a module: by a schema, or by a .proto file of its own. */
const isDescribed = ({ json, document }: AnyMessageType): boolean => json !== undefined || document !== undefined;

const SCHEMAS = "#/components/schemas/";

/** What is known of a message, with names of its parts that no other module has. */
function documentOf(contract: AnyRouteContract, { json, document }: AnyMessageType): MessageDocument {
	if (json !== undefined) return { schema: json.schema, components: {}, description: json.description };
	const { schema = {}, components = {}, description = "" } = document ?? {};
	const named = JSON.stringify({ schema, components }).replaceAll(SCHEMAS, `${SCHEMAS}${tagOf(contract)}.`);
	const own = JSON.parse(named) as Pick<MessageDocument, "schema" | "components">;
	const entries = Object.entries(own.components).map(([name, part]) => [`${tagOf(contract)}.${name}`, part] as const);
	return { schema: own.schema, components: Object.fromEntries(entries), description };
}

/** @param binding - of a REST path; undefined for the path of module and function. */
function operationOf(contract: AnyRouteContract, binding?: HttpBinding): Schema {
	const { name, number, permission, cost } = contract;
	const { schema, description } = documentOf(contract, contract.request);
	const reply = documentOf(contract, contract.reply).schema;
	const answer = binding === undefined ? wrapped(reply) : reply;
	return {
		operationId: `${name.replace(".", "_")}${binding === undefined ? "" : `_${binding.method.toLowerCase()}`}`,
		tags: [tagOf(contract)],
		summary: description || name,
		...(permission === "public" ? { security: [] } : {}),
		"x-protocol-number": number,
		"x-permission": permission,
		"x-cost": cost,
		...inputOf(schema, binding),
		responses: {
			"200": { description: "The reply.", content: { "application/json": { schema: answer } } },
			default: { $ref: "#/components/responses/Errordefault" },
		},
	};
}

/** What calls by module and function answer. */
function wrapped(data: Schema): Schema {
	const properties = { success: { const: true }, data, endpoint: { type: "string" } };
	return { type: "object", properties, required: ["success", "data", "endpoint"] };
}

function inputOf(schema: Schema, binding: HttpBinding | undefined): Schema {
	const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, Schema>>);
	const required = (schema["required"] ?? []) as readonly string[];
	const inPath = new Set([...(binding?.path ?? "").matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name));
	const parameter = (place: "path" | "query", [name, of]: readonly [string, Schema]) => {
		const isRequired = place === "path" || required.includes(name);
		return { name, in: place, ...(isRequired ? { required: true } : {}), schema: of };
	};
	const rest = properties.filter(([name]) => !inPath.has(name));
	const parameters = [
		...properties.filter(([name]) => inPath.has(name)).map((one) => parameter("path", one)),
		...(binding?.body === "" ? rest.map((one) => parameter("query", one)) : []),
	];
	const remaining = required.filter((name) => !inPath.has(name));
	const { required: _, ...open } = schema;
	const content = {
		...open,
		properties: Object.fromEntries(rest),
		...(remaining.length > 0 ? { required: remaining } : {}),
	};
	return {
		...(parameters.length > 0 ? { parameters } : {}),
		...(binding?.body === ""
			? {}
			: { requestBody: { required: remaining.length > 0, content: { "application/json": { schema: content } } } }),
	};
}
