// One application channel of a client: subscribed to once however many subscriptions a program has, subscribed to again after
// reconnects and before its token expires, and with its deltas applied.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { applyDelta } from "../../protocol/fossil-delta.ts";
import type {
	PresenceEvent,
	Publication,
	SubscribeChannelRequestProperties,
	SubscribeChannelResponse,
} from "../../protocol/gen/codec/application-channel.ts";
import { SubscriptionRevoked_Reason } from "../../protocol/gen/enums.ts";
import type { Unsubscribe } from "../listeners.ts";
import { housekeeping, type Timer } from "../timers.ts";
import type { AppPublication, AppSubscribeOptions, SubscriptionEnd } from "./app-subscription.ts";
import type { ChannelPlace, Recovery } from "./channels.ts";
import type { PushInfo } from "./subscriptions.ts";

/** What a channel needs of those that it is among. */
export interface AppChannelHost {
	/** Sends SubscribeChannel, when there is a slot for it. */
	subscribe(
		request: SubscribeChannelRequestProperties,
		timeoutMs: number | undefined,
	): Promise<SubscribeChannelResponse>;
	/** Listens to publications, presence events and recoveries of the channel. */
	listen(channel: AppChannel): Unsubscribe;
	/** The position is the channel's again, so that what was published after it is taken once more. */
	rewind(channel: string, place: ChannelPlace): void;
	/** Its positions are presented with Connect, or not, since a token is needed. */
	present(channel: string, isPresented: boolean, delta: boolean): void;
	/** Nothing is to come on the channel any more. */
	forget(channel: string): void;
	readonly onError: (error: unknown) => void;
}

/** A delta that makes more than this is refused: no gateway sends as much. */
const MAX_DATA_BYTES = 1_048_576;
/** Part of a token's remaining life after which it is renewed. */
const RENEWAL_SHARE = 0.8;
const RENEWAL_MIN_MS = 1000;
/** Between two attempts to subscribe again, when the gateway cannot say for now whether that is permitted. */
const RETRY_MS = 2000;
/** After these, the subscription is over. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
	ErrorCode.PERMISSION_DENIED,
	ErrorCode.NOT_FOUND,
	ErrorCode.VALIDATION_FAILED,
	ErrorCode.PRECONDITION_FAILED,
]);
const NONE = new Uint8Array(0);
const decoder = new TextDecoder();

export class AppChannel {
	readonly name: string;
	/** The last publication that was delivered, or where the subscription began. */
	place: ChannelPlace | undefined;
	/** Of this connection, the gateway has said that it is subscribed. */
	isConfirmed = false;
	private readonly host: AppChannelHost;
	private readonly members = new Set<AppSubscribeOptions>();
	/** Data of the publication at `place`; undefined while that is not known. */
	private data: Uint8Array | undefined;
	private stopListening: Unsubscribe | undefined;
	private timer: Timer | undefined;
	private isResubscribing = false;

	constructor(name: string, host: AppChannelHost) {
		this.name = name;
		this.host = host;
	}

	get size(): number {
		return this.members.size;
	}

	get usesToken(): boolean {
		return [...this.members].some(({ token }) => token !== undefined);
	}

	get wantsPresence(): boolean {
		return [...this.members].some(({ onPresence }) => onPresence !== undefined);
	}

	/** @returns whether everything after its position was delivered. @throws what the request fails with. */
	async add(member: AppSubscribeOptions): Promise<boolean> {
		this.members.add(member);
		this.stopListening ??= this.host.listen(this);
		this.present();
		try {
			return await this.subscribe(member.since ?? (this.isConfirmed ? undefined : this.place), member.timeoutMs);
		} catch (error) {
			this.remove(member);
			throw error;
		}
	}

	/** @returns whether it was the last one. */
	remove(member: AppSubscribeOptions): boolean {
		if (!this.members.delete(member) || this.members.size > 0) return false;
		this.stop();
		return true;
	}

	has(member: AppSubscribeOptions): boolean {
		return this.members.has(member);
	}

	/** The connection is gone. */
	interrupt(): void {
		this.isConfirmed = false;
		clearTimeout(this.timer);
	}

	/** Signed in: unless Connect has said what became of it, the channel is subscribed to again. */
	onReady(): void {
		if (!this.isConfirmed) void this.resubscribe();
	}

	onPublication(publication: Publication, { offset, epoch }: PushInfo): void {
		const before = this.place;
		const isNext = before?.epoch === epoch && before.offset === offset - 1;
		let data = publication.data ?? NONE;
		if (publication.delta) {
			if (!isNext || this.data === undefined) {
				this.recoverFrom(before);
				return;
			}
			try {
				data = applyDelta(this.data, data, MAX_DATA_BYTES);
			} catch (error) {
				this.host.onError(error);
				this.recoverFrom(before);
				return;
			}
		}
		this.place = { offset, epoch };
		// What a listener does to its bytes is not to change what the next delta is applied to.
		this.data = this.wantsDelta ? data : undefined;
		this.emit(this.publicationOf(publication, this.wantsDelta ? data.slice() : data, { offset, epoch }));
	}

	onRecovery(recovery: Recovery): void {
		if (recovery.channel !== this.name) {
			for (const { onRecovery } of this.members) onRecovery?.(recovery);
			return;
		}
		this.isConfirmed = recovery.epoch !== "";
		if (!this.isConfirmed) {
			// Not subscribed, for whatever reason: the request says which.
			void this.resubscribe();
			return;
		}
		if (!recovery.recovered) {
			this.place = { offset: recovery.offset, epoch: recovery.epoch };
			this.data = undefined;
		}
		for (const { onRecovery } of this.members) onRecovery?.(recovery);
	}

	onPresence(event: PresenceEvent): void {
		for (const { onPresence } of this.members) {
			try {
				onPresence?.(event);
			} catch (error) {
				this.host.onError(error);
			}
		}
	}

	/** The gateway has ended the subscription. */
	onRevoked(reason: SubscriptionRevoked_Reason): void {
		this.isConfirmed = false;
		const canRenew = [...this.members].some(({ token }) => typeof token === "function");
		if (reason === SubscriptionRevoked_Reason.EXPIRED && canRenew) void this.resubscribe();
		else this.end(reason);
	}

	/** Subscribes again from the last position, until that succeeds or is refused for good. */
	async resubscribe(): Promise<void> {
		if (this.isResubscribing || this.members.size === 0) return;
		this.isResubscribing = true;
		const before = this.place;
		try {
			const recovered = await this.subscribe(before, undefined);
			const { place } = this;
			const recovery = { channel: this.name, recovered, offset: place?.offset ?? 0, epoch: place?.epoch ?? "" };
			if (before !== undefined) for (const { onRecovery } of this.members) onRecovery?.(recovery);
		} catch (error) {
			const { code } = GatewayError.from(error);
			if (FINAL.has(code)) this.end(error instanceof Error ? error : new Error(String(error)));
			else this.schedule(() => void this.resubscribe(), RETRY_MS);
		} finally {
			this.isResubscribing = false;
		}
	}

	private get wantsDelta(): boolean {
		return [...this.members].some(({ delta }) => delta);
	}

	private async subscribe(since: ChannelPlace | undefined, timeoutMs: number | undefined): Promise<boolean> {
		const token = await this.token();
		if (since !== undefined) {
			this.place = since;
			this.host.rewind(this.name, since);
		}
		const request = {
			channel: this.name,
			...(since ?? {}),
			token,
			delta: this.wantsDelta,
			presenceEvents: this.wantsPresence,
		};
		const reply = await this.host.subscribe(request, timeoutMs);
		this.isConfirmed = true;
		const { offset = 0, epoch = "", recovered = false, expiresAtMs = 0 } = reply;
		// Live pushes may have overtaken the reply.
		if (this.place?.epoch !== epoch || this.place.offset < offset) {
			this.place = { offset, epoch };
			this.data = undefined;
		}
		this.renewBefore(expiresAtMs);
		return recovered;
	}

	/** The newest member's: it is the one that is known to be good. */
	private async token(): Promise<string> {
		const source = [...this.members].findLast(({ token }) => token !== undefined)?.token ?? "";
		return typeof source === "string" ? source : await source();
	}

	private renewBefore(expiresAtMs: number): void {
		const isRenewable = [...this.members].some(({ token }) => typeof token === "function");
		if (expiresAtMs === 0 || !isRenewable) return;
		const delayMs = Math.max(RENEWAL_MIN_MS, (expiresAtMs - Date.now()) * RENEWAL_SHARE);
		this.schedule(() => void this.renew(), delayMs);
	}

	/** The subscription stands: nothing is missed, and no position is presented. */
	private async renew(): Promise<void> {
		if (!this.isConfirmed || this.isResubscribing) return;
		try {
			await this.subscribe(undefined, undefined);
		} catch (error) {
			// It lives until its token has expired, and is then begun again.
			this.host.onError(error);
		}
	}

	/** A delta that cannot be applied: everything after what is known comes again, whole. */
	private recoverFrom(place: ChannelPlace | undefined): void {
		this.data = undefined;
		if (this.isResubscribing || place === undefined) return;
		this.host.rewind(this.name, place);
		void this.resubscribe();
	}

	private emit(publication: AppPublication): void {
		for (const { onPublication } of this.members) {
			try {
				onPublication?.(publication);
			} catch (error) {
				this.host.onError(error);
			}
		}
	}

	private publicationOf(publication: Publication, data: Uint8Array, place: ChannelPlace): AppPublication {
		const { publisherId = "", publishedAtMs = 0, publicationId = "" } = publication;
		return publicationOf({ channel: this.name, data, ...place, publisherId, publishedAtMs, publicationId });
	}

	private end(end: SubscriptionEnd): void {
		const members = [...this.members];
		this.members.clear();
		this.stop();
		for (const { onEnded } of members) onEnded?.(end);
	}

	private present(): void {
		this.host.present(this.name, !this.usesToken, this.wantsDelta);
	}

	private schedule(task: () => void, delayMs: number): void {
		clearTimeout(this.timer);
		this.timer = housekeeping(task, delayMs);
	}

	private stop(): void {
		clearTimeout(this.timer);
		this.stopListening?.();
		this.stopListening = undefined;
		this.isConfirmed = false;
		this.place = undefined;
		this.data = undefined;
		this.host.forget(this.name);
	}
}

/** A publication with what makes text and JSON of its data. */
export function publicationOf(fields: Omit<AppPublication, "text" | "json">): AppPublication {
	const text = () => decoder.decode(fields.data);
	return { ...fields, text, json: () => JSON.parse(text()) as unknown };
}
