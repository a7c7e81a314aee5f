// Changes of routes: what may be changed, what holds, and what happens without the store.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { unavailable } from "../../../protocol/error.ts";
import { authRoutes, chatRoutes, gameRoutes } from "../../../protocol/gen/schema.ts";
import type { RouteOverride } from "../../../services/routes/route-override.ts";
import type { RouteOverrideStore } from "../../../services/routes/route-override-store.ts";
import { RouteOverrides } from "../../../services/routes/route-overrides.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

class KeptOverrides implements RouteOverrideStore {
	isDown = false;
	readonly kept = new Map<string, RouteOverride>();

	async list(): Promise<readonly RouteOverride[]> {
		if (this.isDown) throw unavailable("the database", 1000);
		return [...this.kept.values()];
	}

	async put(override: RouteOverride): Promise<void> {
		this.kept.set(override.route, override);
	}

	async remove(route: string): Promise<void> {
		this.kept.delete(route);
	}
}

describe("changes of routes", () => {
	let store: KeptOverrides;
	let tables: number;
	let announced: number;
	let overrides: RouteOverrides;
	beforeEach(async () => {
		store = new KeptOverrides();
		tables = 0;
		announced = 0;
		overrides = new RouteOverrides({
			store,
			logger: quietLogger(),
			wall: () => 5000,
			routes: () => [chatRoutes.sendMessage, gameRoutes.listRooms, authRoutes.connect],
			onChanged: () => {
				tables++;
			},
			announce: () => {
				announced++;
			},
		});
		await overrides.start();
	});
	afterEach(() => overrides.close());

	it("change what holds, are saved, and go back one by one", async () => {
		const { sendMessage } = chatRoutes;
		assert.equal(overrides.applied(sendMessage), sendMessage);
		await overrides.change("chat.sendMessage", { permission: "chat.vip", cost: 9 }, "ann");
		const held = overrides.applied(sendMessage);
		assert.deepEqual([held?.permission, held?.cost, held?.number], ["chat.vip", 9, sendMessage.number]);
		assert.deepEqual([tables, announced], [1, 1]);
		await overrides.change("chat.sendMessage", { enabled: false }, "bob");
		assert.equal(overrides.applied(sendMessage), undefined);
		assert.deepEqual(store.kept.get("chat.sendMessage"), {
			route: "chat.sendMessage",
			permission: "chat.vip",
			cost: 9,
			isEnabled: false,
			changedAtMs: 5000,
			changedBy: "bob",
		});
		await overrides.change("chat.sendMessage", { enabled: true, permission: null }, "bob");
		assert.deepEqual(overrides.applied(sendMessage)?.permission, sendMessage.permission);
		await overrides.change("chat.sendMessage", { cost: null }, "bob");
		assert.equal(overrides.applied(sendMessage), sendMessage);
		assert.equal(store.kept.size, 0);
	});

	it("refuse what is none, by field", async () => {
		for (const [route, change, field] of [
			["chat.nothing", { enabled: false }, "route"],
			["auth.connect", { enabled: false }, "route"],
			["game.listRooms", { permission: "no such thing" }, "permission"],
			["game.listRooms", { cost: 0 }, "cost"],
			["game.listRooms", { cost: 1001 }, "cost"],
			["game.listRooms", { cost: 1.5 }, "cost"],
			["game.listRooms", {}, "permission"],
		] as const) {
			await assert.rejects(
				overrides.change(route, change, ""),
				(error: { code: ErrorCode; violations: { field: string }[] }) => {
					return error.code === ErrorCode.VALIDATION_FAILED && error.violations[0]?.field === field;
				},
			);
		}
		assert.deepEqual([store.kept.size, tables], [0, 0]);
	});

	it("of another process are seen when it says so; without the store what is known holds, and nothing can be changed", async () => {
		store.kept.set("game.listRooms", {
			route: "game.listRooms",
			permission: undefined,
			cost: undefined,
			isEnabled: false,
			changedAtMs: 1,
			changedBy: "",
		});
		await overrides.refresh();
		assert.equal(overrides.applied(gameRoutes.listRooms), undefined);
		store.isDown = true;
		store.kept.clear();
		await overrides.refresh();
		assert.equal(overrides.applied(gameRoutes.listRooms), undefined);
		await assert.rejects(overrides.change("game.listRooms", { enabled: true }, ""), { code: ErrorCode.UNAVAILABLE });
		assert.equal(tables, 1);
	});
});
