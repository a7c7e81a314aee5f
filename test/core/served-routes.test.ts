// The table of routes that is replaced whole, and what is made of it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineModule } from "../../core/route.ts";
import { bindModule, RouteTable } from "../../core/route-table.ts";
import { ServedRoutes } from "../../core/served-routes.ts";
import { RequestStats } from "../../middleware/request-stats.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import type { HttpBinding } from "../../protocol/http-binding.ts";
import { quietLogger } from "../support/quiet-logger.ts";

const { heartbeat, logout } = authRoutes;

function tableOf(contracts: readonly (typeof heartbeat | typeof logout)[], bindings: readonly HttpBinding[] = []) {
	const module = defineModule<undefined>("auth", () =>
		contracts.map((contract) => ({ contract, handler: () => ({}) })),
	);
	return new RouteTable([bindModule(module, undefined)], [], bindings);
}

const binding = (route: number, path: string): HttpBinding => ({ route, method: "GET", path, body: "" });

describe("served routes", () => {
	it("makes a view once for each table, and only when it is asked for", () => {
		const routes = new ServedRoutes(tableOf([heartbeat]));
		const made: number[] = [];
		const view = routes.view((table) => {
			made.push(table.routes.length);
			return table.routes.map(({ contract }) => contract.name);
		});
		assert.deepEqual(made, []);
		assert.deepEqual(view(), ["auth.heartbeat"]);
		assert.equal(view(), view());
		routes.replace(tableOf([heartbeat, logout]));
		assert.deepEqual(made, [1]);
		assert.deepEqual(view(), ["auth.heartbeat", "auth.logout"]);
		assert.deepEqual(made, [1, 2]);
	});

	it("drops the statistics of a route that is gone, and keeps those of one that is served again", () => {
		const stats = new RequestStats({ logger: quietLogger(), now: () => 0, slowRequestMs: 1e9 });
		const routes = new ServedRoutes(tableOf([heartbeat, logout]), [(table) => stats.retain(table)]);
		for (const { contract } of routes.table.routes) {
			stats.settled({ contract, receivedAtMs: 0 } as never, ErrorCode.OK, undefined, false);
		}
		routes.replace(tableOf([heartbeat]));
		assert.deepEqual(
			[...stats.all()].map(({ name, total }) => [name, total]),
			[["auth.heartbeat", 1]],
		);
	});

	it("refuses two routes with one method and path, whatever their variables are called", () => {
		const clash = [binding(heartbeat.number, "/things/{id}"), binding(logout.number, "/things/{name}")];
		assert.throws(
			() => tableOf([heartbeat, logout], clash),
			/auth\.logout: GET \/things\/\{name\} belongs to auth\.heartbeat/,
		);
		assert.doesNotThrow(() => tableOf([heartbeat], clash));
	});
});
