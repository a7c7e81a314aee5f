// A receiver of webhooks for tests: a real HTTP server that keeps what it gets and answers as the test says.
import http from "node:http";
import type { AddressInfo } from "node:net";

export interface Posted {
	readonly headers: http.IncomingHttpHeaders;
	readonly text: string;
	// biome-ignore lint/suspicious/noExplicitAny: tests look into events of all kinds.
	readonly event: any;
}

export interface WebhookReceiver {
	readonly url: string;
	readonly port: number;
	/** In the order in which they were answered. */
	readonly posts: Posted[];
	/** Ids of those that were answered with 200, in order. */
	accepted(): string[];
	/** How the next ones are answered: a status, or nothing at all. */
	answer: (post: Posted) => number | undefined | Promise<number | undefined>;
	/** Sent with each answer. */
	headers: Record<string, string>;
	stop(): Promise<void>;
}

/** @param port - take this one, as a receiver that comes back does. */
export async function startReceiver(port = 0): Promise<WebhookReceiver> {
	const posts: Posted[] = [];
	const accepted: string[] = [];
	const server = http.createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", async () => {
			const text = Buffer.concat(chunks).toString();
			const post = { headers: request.headers, text, event: JSON.parse(text) };
			const status = await receiver.answer(post);
			posts.push(post);
			if (status === undefined) return;
			if (status === 200) accepted.push(String(request.headers["x-framegate-event-id"]));
			response.writeHead(status, receiver.headers).end("x".repeat(100));
		});
	});
	await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
	const address = server.address() as AddressInfo;
	const receiver: WebhookReceiver = {
		url: `http://127.0.0.1:${address.port}/hook`,
		port: address.port,
		posts,
		accepted: () => accepted,
		answer: () => 200,
		headers: {},
		stop: () => {
			server.closeAllConnections();
			return new Promise((resolve) => server.close(() => resolve()));
		},
	};
	return receiver;
}
