// The messages of etcd's API v3 that discovery needs (etcd, api/etcdserverpb/rpc.proto and api/mvccpb/kv.proto), with the numbers of
// their fields. Ids of leases are 64 bits and stay bigint; revisions are numbers.
import { bytesField, bytesFields, type Field, fieldsOf, intField, MessageWriter, textField } from "../wire.ts";

export interface KeyValue {
	readonly key: string;
	readonly value: Uint8Array;
	/** 0 without one. */
	readonly lease: bigint;
}

/** The end of the range of all keys with a prefix: the prefix with its last byte raised by one. */
export function prefixEnd(prefix: string): Buffer {
	const end = Buffer.from(prefix);
	for (let index = end.length - 1; index >= 0; index--) {
		const byte = end[index] as number;
		if (byte === 0xff) continue;
		end[index] = byte + 1;
		return end.subarray(0, index + 1);
	}
	return Buffer.from([0]);
}

/** RangeRequest. @param limit - of keys. */
export function rangeRequest(key: string, end: Uint8Array, limit: number): Buffer {
	return new MessageWriter().bytes(1, key).bytes(2, end).int(3, limit).finish();
}

export interface RangeReply {
	readonly revision: number;
	readonly keyValues: readonly KeyValue[];
	/** There are keys beyond the limit. */
	readonly hasMore: boolean;
}

export function rangeReply(bytes: Uint8Array): RangeReply {
	const fields = fieldsOf(bytes);
	return {
		revision: revisionOf(fields),
		keyValues: bytesFields(fields, 2).map(keyValue),
		hasMore: intField(fields, 3) !== 0n,
	};
}

/** PutRequest. */
export function putRequest(key: string, value: Uint8Array | string, lease: bigint): Buffer {
	return new MessageWriter().bytes(1, key).bytes(2, value).int(3, lease).finish();
}

/** LeaseGrantRequest; the server chooses the id. */
export function leaseGrantRequest(ttlSeconds: number): Buffer {
	return new MessageWriter().int(1, ttlSeconds).finish();
}

/** LeaseGrantResponse. */
export function leaseGrantReply(bytes: Uint8Array): { readonly id: bigint; readonly error: string } {
	const fields = fieldsOf(bytes);
	return { id: intField(fields, 2), error: textField(fields, 4) };
}

/** LeaseKeepAliveRequest, LeaseRevokeRequest. */
export function leaseRequest(id: bigint): Buffer {
	return new MessageWriter().int(1, id).finish();
}

/** LeaseKeepAliveResponse: seconds that the lease has; 0 or less when it is gone. */
export function leaseKeepAliveReply(bytes: Uint8Array): number {
	return Number(intField(fieldsOf(bytes), 3));
}

/** AuthenticateRequest. */
export function authenticateRequest(name: string, password: string): Buffer {
	return new MessageWriter().bytes(1, name).bytes(2, password).finish();
}

/** AuthenticateResponse. */
export function authenticateReply(bytes: Uint8Array): string {
	return textField(fieldsOf(bytes), 2);
}

/** WatchRequest with a WatchCreateRequest: progress reports on, long revisions in parts. */
export function watchRequest(prefix: string, startRevision: number): Buffer {
	const create = new MessageWriter()
		.bytes(1, prefix)
		.bytes(2, prefixEnd(prefix))
		.int(3, startRevision)
		.int(4, true)
		.int(8, true)
		.finish();
	return new MessageWriter().message(1, create).finish();
}

export interface WatchEvent {
	readonly isDelete: boolean;
	readonly keyValue: KeyValue;
}

/** WatchResponse. */
export interface WatchReply {
	readonly revision: number;
	readonly isCreated: boolean;
	readonly isCanceled: boolean;
	/** Above 0 when the revision to start from is no longer kept. */
	readonly compactRevision: number;
	readonly cancelReason: string;
	/** Further events of the same revision come with the next message. */
	readonly isFragment: boolean;
	readonly events: readonly WatchEvent[];
}

export function watchReply(bytes: Uint8Array): WatchReply {
	const fields = fieldsOf(bytes);
	return {
		revision: revisionOf(fields),
		isCreated: intField(fields, 3) !== 0n,
		isCanceled: intField(fields, 4) !== 0n,
		compactRevision: Number(intField(fields, 5)),
		cancelReason: textField(fields, 6),
		isFragment: intField(fields, 7) !== 0n,
		events: bytesFields(fields, 11).map((event) => {
			const inner = fieldsOf(event);
			return { isDelete: intField(inner, 1) === 1n, keyValue: keyValue(bytesField(inner, 2)) };
		}),
	};
}

/** ResponseHeader, which is the first field of every reply. */
function revisionOf(fields: readonly Field[]): number {
	return Number(intField(fieldsOf(bytesField(fields, 1)), 3));
}

function keyValue(bytes: Uint8Array): KeyValue {
	const fields = fieldsOf(bytes);
	return { key: textField(fields, 1), value: bytesField(fields, 5), lease: intField(fields, 6) };
}
