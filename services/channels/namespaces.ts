// The namespaces of the configuration, with what each means for the channels in it.
import { KeyedRate } from "../../common/keyed-rate.ts";
import type { PublishOptions } from "../../messaging/broker.ts";
import type { ChannelPolicy } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError } from "../../protocol/error.ts";
import { MAX_APPLICATION_CHANNEL_LENGTH, splitChannelName } from "./names.ts";
import type { NamespaceOptions } from "./options.ts";

export interface Namespace {
	readonly name: string;
	readonly options: NamespaceOptions;
	readonly policy: ChannelPolicy;
	/** What is kept of each of its channels. */
	readonly history: PublishOptions;
	/** By user. */
	readonly userRate: KeyedRate;
	/** By channel. */
	readonly channelRate: KeyedRate;
}

export class Namespaces {
	private readonly byName: ReadonlyMap<string, Namespace>;

	/** @param now - monotonic milliseconds. */
	constructor(options: Readonly<Record<string, NamespaceOptions>>, now: () => number) {
		this.byName = new Map(Object.entries(options).map(([name, given]) => [name, namespaceOf(name, given, now)]));
	}

	all(): Iterable<Namespace> {
		return this.byName.values();
	}

	get size(): number {
		return this.byName.size;
	}

	/** @throws GatewayError NOT_FOUND when the configuration has none of this name. */
	named(name: string): Namespace {
		const namespace = this.byName.get(name);
		if (namespace !== undefined) return namespace;
		throw fieldError("namespace", "is none of the configuration", { code: ErrorCode.NOT_FOUND });
	}

	/** The namespace of a channel. @throws GatewayError VALIDATION_FAILED, NOT_FOUND. */
	of(channel: string): Namespace {
		const { namespace, rest } = splitChannelName(channel);
		if (namespace === "" || rest === "") throw fieldError("channel", "must be `namespace:name`");
		if (channel.length > MAX_APPLICATION_CHANNEL_LENGTH) {
			throw fieldError("channel", `must have at most ${MAX_APPLICATION_CHANNEL_LENGTH} characters`);
		}
		const found = this.byName.get(namespace);
		if (found === undefined)
			throw fieldError("channel", "is no channel of this gateway", { code: ErrorCode.NOT_FOUND });
		return found;
	}
}

function namespaceOf(name: string, options: NamespaceOptions, now: () => number): Namespace {
	const { historySize, historyBytes, historyTtlMs } = options;
	return {
		name,
		options,
		policy: {
			isRecoverable: options.recovery,
			isRevocable: true,
			hasDeltas: options.delta,
			hasPresence: options.presence,
		},
		history: { historySize, historyBytes, historyTtlMs },
		userRate: new KeyedRate(options.userRate, `publications of one user in ${name}`, now),
		channelRate: new KeyedRate(options.channelRate, "publications in one channel", now),
	};
}
