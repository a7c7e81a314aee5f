// Block 8xxx, from 8051: API keys.
import { encodeCursor, idAt } from "../common/cursor.ts";
import { fillPage } from "../common/page-fill.ts";
import { defineModule } from "../core/route.ts";
import { ApiKey, type ApiKeyProperties, keyRoutes } from "../protocol/gen/schema.ts";
import { ReplyPage } from "../protocol/reply-page.ts";
import type { KeyRecord } from "../services/keys/key-store.ts";
import type { Keys } from "../services/keys/keys.ts";
import { refuseKept } from "./secret-replies.ts";

export interface KeyServices {
	readonly keys: Keys;
}

/** The list that cursors of keys are of, and how many keys it gives where the caller does not say. */
const KEYS = "keys";
const DEFAULT_KEYS = 100;

export const keyModule = defineModule<KeyServices>("key", (implement) => [
	implement(keyRoutes.createKey, async (request, call, { keys }) => {
		refuseKept(call);
		const { name = "", permissions = [], channels = [], expiresAtMs = 0, perSecond = 0, burst = 0 } = request;
		const wanted = { name, permissions, channels, expiresAtMs, perSecond, burst };
		const { key, text } = await keys.create(call.identity(), wanted);
		return { key: wireKey(key), secret: text };
	}),

	implement(keyRoutes.listKeys, async (request, call, { keys }) => {
		const { cursor = "", limit = 0 } = request;
		const wanted = limit || DEFAULT_KEYS;
		const page = new ReplyPage(call.peer.encoding, ApiKey, wireKey);
		const found = await keys.list(idAt(KEYS, cursor), wanted + 1);
		const cursorBehind = ({ id }: KeyRecord) => encodeCursor(KEYS, id);
		const { nextCursor } = fillPage(page, { found, limit: wanted, cursorBehind });
		return { keys: page.items, nextCursor };
	}),

	implement(keyRoutes.revokeKey, async (request, _call, { keys }) => ({
		revoked: await keys.revoke(request.id ?? ""),
	})),
]);

function wireKey({ secretHash: _, permissions, channels, ...key }: KeyRecord): ApiKeyProperties {
	return { ...key, permissions: [...permissions], channels: [...channels] };
}
