// What Nacos 2 and 3 send over gRPC (nacos_grpc_service.proto of their api): a type, headers, and a body of JSON, in one message for
// everything. `Payload { Metadata metadata = 2; Any body = 3 }`, `Metadata { type = 3; map headers = 7; clientIp = 8 }`.
import { bytesField, fieldsOf, MessageWriter, textField } from "../wire.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Payload {
	/** The simple name of a class of Nacos: `InstanceRequest`. */
	readonly type: string;
	readonly body: JsonObject;
}

export function writePayload({ type, body }: Payload, headers: Readonly<Record<string, string>> = {}): Buffer {
	const metadata = new MessageWriter().bytes(3, type);
	for (const [name, value] of Object.entries(headers)) {
		metadata.message(7, new MessageWriter().bytes(1, name).bytes(2, value).finish());
	}
	const any = new MessageWriter().bytes(2, JSON.stringify(body)).finish();
	return new MessageWriter().message(2, metadata.finish()).message(3, any).finish();
}

/** @throws Error when it is no payload, or its body no object. */
export function readPayload(bytes: Uint8Array): Payload {
	const fields = fieldsOf(bytes);
	const type = textField(fieldsOf(bytesField(fields, 2)), 3);
	const text = textField(fieldsOf(bytesField(fields, 3)), 2);
	const body = JSON.parse(text === "" ? "{}" : text) as unknown;
	if (typeof body !== "object" || body === null || Array.isArray(body)) throw new Error(`a ${type} without a body`);
	return { type, body: body as JsonObject };
}
