// `framegate routes`: the route table as the .proto files define it.
import process from "node:process";
import { routeContracts } from "../../protocol/gen/schema.ts";
import { formatTable } from "./table.ts";

/** Prints every route: number, name, permission, cost, ordering. */
export function printRoutes({ json }: { readonly json?: boolean }): void {
	const routes = [...routeContracts.values()]
		.sort((a, b) => a.number - b.number)
		.map(({ number, name, permission, cost, ordering, idempotent, request, reply }) => {
			const types = { request: request.typeName, reply: reply.typeName };
			return { number, name, permission, cost, ordering, idempotent, ...types };
		});
	if (json) {
		process.stdout.write(`${JSON.stringify(routes, undefined, 2)}\n`);
		return;
	}
	const rows = routes.map(({ number, name, permission, cost, ordering }) => {
		return [`${number}`, name, permission, `${cost}`, ordering];
	});
	process.stdout.write(formatTable(["number", "name", "permission", "cost", "ordering"], rows));
}
