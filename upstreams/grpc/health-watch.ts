// Whether an endpoint says that it serves: grpc.health.v1.Health/Watch, for as long as it is connected. One that does not have the service
// counts as serving.
import { type Client, type ClientReadableStream, Metadata, type ServiceError } from "@grpc/grpc-js";
import { FrameReader, FrameWriter } from "../../protocol/frame-coder.ts";
import { Status } from "../endpoint-transport.ts";

export interface HealthWatchOptions {
	readonly client: Client;
	/** "" for the server as a whole. */
	readonly service: string;
	readonly onChange: () => void;
	/** Health cannot be asked; the endpoint counts as serving. */
	readonly onError: (message: string) => void;
}

const PATH = "/grpc.health.v1.Health/Watch";
const SERVING = 1;
/** Between a watch that ended and the next. */
const RETRY_MS = 1000;

const identity = (bytes: Buffer): Buffer => bytes;

export class HealthWatch {
	isServing = true;
	private readonly options: HealthWatchOptions;
	private readonly request: Buffer;
	private call: ClientReadableStream<Buffer> | undefined;
	private timer: NodeJS.Timeout | undefined;
	private isReported = false;

	constructor(options: HealthWatchOptions) {
		this.options = options;
		const writer = new FrameWriter();
		if (options.service !== "") writer.uint32(10).string(options.service);
		this.request = Buffer.from(writer.finish());
	}

	/** The endpoint is connected. */
	start(): void {
		this.stop();
		const call = this.options.client.makeServerStreamRequest(PATH, identity, identity, this.request, new Metadata());
		this.call = call;
		call.on("data", (bytes: Buffer) => {
			if (this.call === call) this.set(statusOf(bytes) === SERVING);
		});
		call.on("end", () => this.again(call));
		call.on("error", ({ code, details }: ServiceError) => {
			if (this.call !== call) return;
			if (code !== Status.UNIMPLEMENTED) this.again(call);
			else {
				this.set(true);
				if (!this.isReported) this.options.onError(details);
				this.isReported = true;
			}
		});
	}

	/** It is not connected any more. What was said of it last does not hold for its next connection. */
	stop(): void {
		clearTimeout(this.timer);
		const { call } = this;
		this.call = undefined;
		call?.cancel();
		this.isServing = true;
	}

	close(): void {
		this.stop();
	}

	/** The connection decides whether calls go there meanwhile. */
	private again(call: ClientReadableStream<Buffer>): void {
		if (this.call !== call) return;
		this.call = undefined;
		this.set(true);
		this.timer = setTimeout(() => this.start(), RETRY_MS).unref();
	}

	private set(isServing: boolean): void {
		if (isServing === this.isServing) return;
		this.isServing = isServing;
		this.options.onChange();
	}
}

/** HealthCheckResponse.status; 0 when the bytes are none. */
function statusOf(bytes: Uint8Array): number {
	const reader = new FrameReader(bytes);
	try {
		while (reader.pos < reader.len) {
			const tag = reader.uint32();
			if (tag === 8) return reader.uint32();
			reader.skipType(tag & 7, 0, tag >>> 3);
		}
	} catch {
		// As an answer that says nothing.
	}
	return 0;
}
