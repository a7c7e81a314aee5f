// The OpenAPI description of what is served now: of the generated one, the operations whose routes the table has.
import type { RouteTable } from "../../core/route-table.ts";
import generated from "../../protocol/gen/openapi.json" with { type: "json" };

type Operations = Readonly<Record<string, { readonly "x-protocol-number": number }>>;

/** @returns the document, as `/openapi.json` serves it. */
export function openApiOf(table: RouteTable): object {
	const paths = Object.entries(generated.paths as Readonly<Record<string, Operations>>).flatMap(
		([path, operations]) => {
			const served = Object.entries(operations).filter(([, operation]) => {
				return table.find(operation["x-protocol-number"]) !== undefined;
			});
			return served.length === 0 ? [] : [[path, Object.fromEntries(served)] as const];
		},
	);
	const overSocket = generated["x-websocket-only"].filter(({ protocol }) => table.find(protocol) !== undefined);
	return { ...generated, paths: Object.fromEntries(paths), "x-websocket-only": overSocket };
}
