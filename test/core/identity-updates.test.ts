// Roles of users that change while they are connected.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pushes, UserChanged } from "../../protocol/gen/schema.ts";
import { type FixtureClient, GatewayFixture, identityOf } from "./gateway-fixture.ts";

/** The versions that a client was notified of since it was asked last, with what it may do from then on. */
function notified(client: FixtureClient): [number, readonly string[]][] {
	const changes = client.take().filter(({ protocol }) => protocol === pushes.userChanged.number);
	return changes.map(({ body }) => {
		const { version, permissions } = UserChanged.decode(body ?? new Uint8Array());
		return [version ?? 0, permissions ?? []];
	});
}

describe("new roles of a connected user", () => {
	const { userId } = identityOf("ann");
	const change = (version: number, ...roles: string[]) => ({ userId, version, roles });

	it("are those of all connections of the user, and of nobody else, and clients are notified", () => {
		const gateway = new GatewayFixture();
		const { identities } = gateway.connections;
		const [first, second, other] = [
			gateway.member("ann", { userVersion: 0 }),
			gateway.member("ann", { userVersion: 0, sessionId: "s2" }),
			gateway.member("ben"),
		];
		identities.apply(change(2, "read"));
		for (const client of [first, second]) {
			assert.deepEqual(notified(client), [[2, ["read"]]]);
			const { identity } = client.connection;
			assert.deepEqual(
				[identity?.roles, identity?.permissions, identity?.userVersion],
				[["read"], new Set(["read"]), 2],
			);
		}
		assert.deepEqual([notified(other), other.connection.identity?.userVersion], [[], undefined]);
		assert.deepEqual(gateway.permissionsLost, []);
	});

	it("leave those of an issuer's token as they are; its client is notified of the record", () => {
		const gateway = new GatewayFixture();
		const { identities } = gateway.connections;
		const client = gateway.member("ann", { roles: ["engineer"], permissions: new Set(["write"]) });
		identities.apply(change(2, "admin"));
		assert.deepEqual(notified(client), [[2, ["write"]]]);
		assert.deepEqual(client.connection.identity?.roles, ["engineer"]);
		const late = gateway.member("ann", { roles: ["engineer"], permissions: new Set(["write"]) });
		assert.deepEqual([notified(late), late.connection.identity?.roles], [[], ["engineer"]]);
		assert.deepEqual(gateway.permissionsLost, []);
	});

	it("of an older version, or the same again, change nothing", () => {
		const gateway = new GatewayFixture();
		const { identities } = gateway.connections;
		const client = gateway.member("ann", { userVersion: 0 });
		identities.apply(change(3, "read"));
		identities.apply(change(2, "write"));
		identities.apply(change(3, "read"));
		assert.deepEqual(notified(client), [[3, ["read"]]]);
	});

	it("end what a connection had by a permission that it lost", () => {
		const gateway = new GatewayFixture();
		const { identities } = gateway.connections;
		const client = gateway.member("ann", { userVersion: 0, permissions: new Set(["read", "write"]) });
		identities.apply(change(2, "read", "write", "more"));
		assert.deepEqual(gateway.permissionsLost, []);
		identities.apply(change(3, "*"));
		assert.deepEqual(gateway.permissionsLost, [], "everything is no less");
		identities.apply(change(4, "read"));
		assert.deepEqual(gateway.permissionsLost, [client.connection.id]);
	});

	it("reach a connection that binds, a moment later, a session that was read before the change", () => {
		const gateway = new GatewayFixture();
		const { identities } = gateway.connections;
		identities.apply(change(2, "read"));
		const late = gateway.member("ann", { userVersion: 1 });
		assert.deepEqual(notified(late), [[2, ["read"]]]);
		const newer = gateway.member("ann", { userVersion: 3 });
		assert.deepEqual(notified(newer), []);
		identities.sweep(Number.MAX_SAFE_INTEGER);
		assert.deepEqual(notified(gateway.member("ann", { userVersion: 1 })), [], "it is forgotten");
	});
});
