// HTTP routes of a program that the gateway is a part of. What its handlers give goes to clients as it is: it is looked at first, since a
// reply that cannot be written would leave the client waiting, and a line end in a header would begin another one.
import type { HttpReply } from "../../core/transport.ts";
import type { HttpRoute } from "./http-router.ts";

export interface ProgramRoute {
	readonly method: HttpRoute["method"];
	readonly path: string;
	readonly maxBodyBytes?: number;
	readonly handle: HttpRoute["handle"];
}

const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "DELETE"]);
/** As it is sent: other characters are percent-encoded. Braces are not: nothing in it is a variable. */
const PATH = /^\/[!"$-z|~]*$/;
/** RFC 9110 section 5.6.2. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110 section 5.5: no control but a tab. */
const FIELD_VALUE = /^[^\p{Cc}]*$/u;
/** They say where the reply ends and what becomes of its connection. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
	...["connection", "content-length", "date", "keep-alive", "transfer-encoding", "upgrade"],
]);

/** @throws Error when a route cannot be taken, or two are for the same. */
export function programRoutes(routes: readonly ProgramRoute[]): readonly HttpRoute[] {
	const seen = new Set<string>();
	return routes.map(({ method, path, maxBodyBytes, handle }) => {
		const name = `${method} ${path}`;
		if (!METHODS.has(method) || !PATH.test(path) || path.includes("?")) {
			throw new Error(`httpRoutes: ${name} is no method and path`);
		}
		if (seen.has(name)) throw new Error(`httpRoutes: ${name} is there twice`);
		seen.add(name);
		return {
			method,
			path,
			summary: "",
			...(maxBodyBytes === undefined ? {} : { maxBodyBytes: () => maxBodyBytes }),
			handle: async (request) => checked(name, await handle(request)),
		};
	});
}

/** @param given - of a program that may be JavaScript. @throws Error that says what is wrong. */
function checked(route: string, given: unknown): HttpReply {
	const wrong = (what: string) => new Error(`httpRoutes: the reply of ${route} ${what}`);
	if (typeof given !== "object" || given === null) throw wrong("is no object");
	const { status, headers = {}, body = "" } = given as Readonly<Record<string, unknown>>;
	if (!(Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599)) {
		throw wrong("has no status from 200 to 599");
	}
	if (typeof body !== "string" && !(body instanceof Uint8Array)) throw wrong("has a body that is no text and no bytes");
	const written: Record<string, string> = {};
	for (const [field, value] of Object.entries(headers as object)) {
		if (value === undefined) continue;
		const name = field.toLowerCase();
		if (!FIELD_NAME.test(name)) throw wrong(`has a header ${JSON.stringify(field)}, which is no name of one`);
		if (OWN_FIELDS.has(name)) throw wrong(`has the header ${name}, which is the gateway's`);
		if (typeof value !== "string" || !FIELD_VALUE.test(value.replaceAll("\t", " "))) {
			throw wrong(`has no text without control characters as its header ${name}`);
		}
		written[name] = value;
	}
	return { status: status as number, headers: written, body };
}
