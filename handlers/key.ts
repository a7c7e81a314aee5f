// Block 8xxx, from 8051: API keys.
import { encodeCursor, idAt } from "../common/cursor.ts";
import { fillPage } from "../common/page-fill.ts";
import { defineModule } from "../core/route.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import { ApiKey, type ApiKeyProperties, keyRoutes } from "../protocol/gen/schema.ts";
import { ReplyPage } from "../protocol/reply-page.ts";
import type { KeyRecord } from "../services/keys/key-store.ts";
import type { Keys } from "../services/keys/keys.ts";

export interface KeyServices {
	readonly keys: Keys;
}

/** The list that cursors of keys are of, and how many keys it gives where the caller does not say. */
const KEYS = "keys";
const DEFAULT_KEYS = 100;

export const keyModule = defineModule<KeyServices>("key", (implement) => [
	implement(keyRoutes.createKey, async (request, call, { keys }) => {
		if (call.idempotencyKey !== "") {
			const reason = "this takes no Idempotency-Key: a reply that holds a secret is not kept";
			throw new GatewayError(ErrorCode.BAD_REQUEST, reason);
		}
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
