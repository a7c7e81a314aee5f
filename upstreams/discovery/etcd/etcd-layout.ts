// Where a record lies in etcd and how it is written: a key below a prefix, and a JSON object whose members are named by
// configuration, since every company has its own names. The defaults are those of the IM gateway that this one replaces.
import type { ListedEndpoint, Registration } from "../discovery-client.ts";
import { parseServerAddress } from "../server-address.ts";
import { textsOf } from "../texts.ts";

/** Names of members; "" leaves one out. */
export interface EtcdLayout {
	readonly id: string;
	readonly name: string;
	/** Without a member for the port, this one holds `host:port`, as etcd's own gRPC resolver has it (`Addr`). */
	readonly host: string;
	readonly port: string;
	readonly weight: string;
	readonly metadata: string;
}

/** Longer values are no records of ours. */
const MAX_VALUE_BYTES = 4 * 1024;

/** The prefix of the keys of one service. */
export function servicePrefix(prefix: string, service: string): string {
	const base = prefix.replace(/\/+$/, "");
	return base === "" ? `${service}/` : `${base}/${service}/`;
}

export function writeRecord(layout: EtcdLayout, registration: Registration): string {
	const { id, service, host, port, weight, metadata } = registration;
	const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
	const members: readonly (readonly [string, unknown])[] = [
		[layout.id, id],
		[layout.name, service],
		[layout.host, layout.port === "" ? authority : host],
		[layout.port, port],
		[layout.weight, weight],
		[layout.metadata, metadata],
	];
	return JSON.stringify(Object.fromEntries(members.filter(([name]) => name !== "")));
}

/** An endpoint of a value: JSON of this layout, or the bare text `host:port`. @throws Error that says what is wrong. */
export function readRecord(layout: EtcdLayout, value: Uint8Array): ListedEndpoint {
	if (value.length > MAX_VALUE_BYTES) throw new Error(`a record of more than ${MAX_VALUE_BYTES} bytes`);
	const text = Buffer.from(value).toString();
	if (!text.trimStart().startsWith("{")) return { ...addressOf(text, undefined), ...PLAIN };
	const record = JSON.parse(text) as Readonly<Record<string, unknown>>;
	const host = record[layout.host];
	if (typeof host !== "string") throw new Error(`a record without ${JSON.stringify(layout.host)}`);
	const weight = layout.weight === "" ? undefined : record[layout.weight];
	return {
		...addressOf(host, layout.port === "" ? undefined : record[layout.port]),
		weight: typeof weight === "number" && weight >= 0 ? weight : 1,
		metadata: textsOf(layout.metadata === "" ? undefined : record[layout.metadata]),
		isUsable: weight !== 0,
	};
}

const PLAIN = { weight: 1, metadata: {}, isUsable: true } as const;

function addressOf(host: string, port: unknown): { readonly host: string; readonly port: number } {
	// A host may hold its port although there is a member for it.
	if (port === undefined || port === null || port === 0) {
		const address = parseServerAddress(host, 1);
		if (!/:\d+\/?$/.test(host)) throw new Error("a record without a port");
		return { host: address.host, port: address.port };
	}
	return { host, port: Number(port) };
}
