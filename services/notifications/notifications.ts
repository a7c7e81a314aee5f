// Messages from the system to users: made from templates, stored, pushed to inboxes, listed and marked as read.

import { createHash } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { batches } from "../../common/batches.ts";
import { deleteInRounds } from "../../common/bounded-deletion.ts";
import type { Clock } from "../../common/clock.ts";
import { encodeCursor, idAt } from "../../common/cursor.ts";
import type { Logger } from "../../common/logger.ts";
import { fillPage, type PageFill, wholePage } from "../../common/page-fill.ts";
import { eventsChannel } from "../../common/user-channels.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { fieldError } from "../../protocol/error.ts";
import { type NotificationProperties, pushes } from "../../protocol/gen/schema.ts";
import type { PresenceStore } from "../presence/presence-store.ts";
import type { NotificationRecord, NotificationStore } from "./notification-store.ts";
import { type NotificationsOptions, notificationsDefaults } from "./options.ts";
import { builtInTemplates, type NotificationTemplate, render } from "./templates.ts";

export interface NotificationsServices {
	readonly store: NotificationStore;
	readonly presence: PresenceStore;
	readonly publisher: Publisher;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** Makes the ids of notifications, so that those of a repeated call are the same. */
export interface NotificationIds {
	/** The call: with the user's id it makes one notification. */
	readonly seed: string;
	/** When the first call was made, in Unix milliseconds. */
	readonly atMs: number;
}

export interface Sent {
	/** Users for whom it was stored. */
	readonly stored: number;
	/** Of these, those whose inbox has it; the others find it in their list. */
	readonly pushed: number;
}

export interface NotificationPage {
	readonly notifications: readonly NotificationRecord[];
	readonly nextCursor: string;
	readonly unread: number;
}

type Strings = Readonly<Record<string, string>>;

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
const MAX_COUNTED = 1000;
/** Rows deleted in one statement, and statements of one sweep. */
const DELETION = { rows: 1000, maxRounds: 20 } as const;
/** Of one notification: its texts and its data together. */
const MAX_CONTENT_BYTES = 16_384;

export class Notifications {
	private readonly services: NotificationsServices;
	private readonly options: NotificationsOptions;
	private readonly templates: ReadonlyMap<string, NotificationTemplate>;

	constructor(services: NotificationsServices, options: Partial<NotificationsOptions> = {}) {
		this.services = services;
		this.options = { ...notificationsDefaults, ...options };
		this.templates = new Map(Object.entries({ ...builtInTemplates, ...this.options.templates }));
	}

	/**
	 * Notifies users: stored first, then pushed. A push that fails is not the caller's trouble, since the list has it.
	 *
	 * @param variables - for the template's placeholders.
	 * @param data - given to clients as it is.
	 * @param id - UUID version 7 for the notification of a single user, or what makes one of each: the second with the same id is not stored.
	 * @param aboutUserId - another user, whom it names: it is deleted with the account of that one.
	 * @throws GatewayError VALIDATION_FAILED naming the type or variable, UNAVAILABLE when not all could be stored.
	 */
	async send(
		userIds: readonly string[],
		type: string,
		variables: Strings,
		data: Strings = {},
		id?: string | NotificationIds,
		aboutUserId = "",
	): Promise<Sent> {
		const content = this.content(type, variables, data);
		const unique = [...new Set(userIds)];
		let pushed = 0;
		for (const batch of batches(unique, this.options.batch)) {
			pushed += await this.sendBatch(batch, content, id, aboutUserId);
		}
		return { stored: unique.length, pushed };
	}

	/** Notifies everybody who is online. @throws GatewayError as `send`. */
	async sendToOnline(type: string, variables: Strings, data: Strings = {}, ids?: NotificationIds): Promise<Sent> {
		const content = this.content(type, variables, data);
		// A user on two processes may come twice, hence the memory: 10,000 ids are under a megabyte.
		const seen = new Set<string>();
		let pushed = 0;
		for await (const userIds of this.services.presence.online(this.services.clock.now())) {
			const fresh = userIds.filter((userId) => !seen.has(userId));
			for (const userId of fresh) seen.add(userId);
			for (const batch of batches(fresh, this.options.batch)) {
				pushed += await this.sendBatch(batch, content, ids);
			}
		}
		return { stored: seen.size, pushed };
	}

	/** Latest first. @throws GatewayError VALIDATION_FAILED (cursor), UNAVAILABLE. */
	async list(
		userId: string,
		onlyUnread: boolean,
		cursor: string,
		limit: number,
		page: PageFill<NotificationRecord> = wholePage,
	): Promise<NotificationPage> {
		const { store } = this.services;
		const name = `notifications:${userId}`;
		const before = idAt(name, cursor);
		const size = Math.min(limit || DEFAULT_PAGE, MAX_PAGE);
		const found = await store.list({ userId, onlyUnread, before, limit: size + 1, maxBytes: page.maxBytes });
		const cursorBehind = ({ id }: NotificationRecord) => encodeCursor(name, id);
		const { shown: notifications, nextCursor } = fillPage(page, { found, limit: size, cursorBehind });
		return { notifications, nextCursor, unread: await store.unread(userId, MAX_COUNTED) };
	}

	/** @param ids - undefined: all. @returns how many had not been read before. */
	markRead(userId: string, ids: readonly string[] | undefined): Promise<number> {
		return this.services.store.markRead(userId, ids, this.services.clock.now());
	}

	/** Removes some of what has been kept long enough; to be called now and then. */
	sweep(signal?: AbortSignal): Promise<number> {
		const { store, clock } = this.services;
		return deleteInRounds({ ...DELETION, signal }, (rows) => {
			return store.deleteOld({ keptMs: this.options.keptMs, nowMs: clock.now() }, rows);
		});
	}

	private content(type: string, variables: Strings, data: Strings) {
		const template = this.templates.get(type);
		if (template === undefined) throw fieldError("type", "must be a type of notification");
		const title = render(template.title, variables);
		const text = render(template.text, variables);
		const pairs = Object.entries(data).flat();
		const bytes = [title, text, ...pairs].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
		if (bytes > MAX_CONTENT_BYTES)
			throw fieldError("data", `must be at most ${MAX_CONTENT_BYTES} bytes together with the texts`);
		return { type, title, text, data };
	}

	private async sendBatch(
		userIds: readonly string[],
		content: Pick<NotificationRecord, "type" | "title" | "text" | "data">,
		ids?: string | NotificationIds,
		aboutUserId = "",
	): Promise<number> {
		const createdAtMs = this.services.clock.now();
		const records = userIds.map((userId) => {
			return { ...content, id: idOf(ids, userId), userId, createdAtMs, readAtMs: 0, aboutUserId };
		});
		await this.services.store.add(records);
		let pushed = 0;
		for (const part of batches(records, this.options.concurrency)) {
			const results = await Promise.all(part.map((record) => this.push(record)));
			pushed += results.filter(Boolean).length;
		}
		return pushed;
	}

	private async push(record: NotificationRecord): Promise<boolean> {
		try {
			await this.services.publisher.publish(
				eventsChannel(record.userId),
				pushes.notification,
				wireNotification(record),
			);
			return true;
		} catch (error) {
			this.services.logger.debug({ err: error, id: record.id }, "a notification is stored but was not pushed");
			return false;
		}
	}
}

function idOf(ids: string | NotificationIds | undefined, userId: string): string {
	if (ids === undefined || typeof ids === "string") return ids ?? uuidv7();
	const random = createHash("sha256").update(`${ids.seed}\n${userId}`).digest();
	return uuidv7({ msecs: ids.atMs, random });
}

export function wireNotification(record: NotificationRecord): NotificationProperties {
	const { id, type, title, text, data, createdAtMs } = record;
	return { id, type, title, text, data: { ...data }, createdAtMs };
}
