// A mail server that takes every message and keeps it (RFC 5321, the commands that a client needs).
import net from "node:net";

export interface SinkMail {
	readonly from: string;
	readonly to: readonly string[];
	/** Headers and body as they came. */
	readonly data: string;
}

export interface SmtpSink {
	readonly url: string;
	readonly mails: readonly SinkMail[];
	stop(): Promise<void>;
}

export interface SmtpSinkOptions {
	/** Answer to RCPT TO. */
	readonly recipientReply?: string;
	/** Accept connections and say nothing. */
	readonly silent?: boolean;
}

export async function startSmtpSink(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
	const mails: SinkMail[] = [];
	const sockets = new Set<net.Socket>();
	const server = net.createServer((socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => {});
		if (options.silent !== true) converse(socket, options, (mail) => mails.push(mail));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as net.AddressInfo;
	return {
		url: `smtp://127.0.0.1:${port}`,
		mails,
		async stop() {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function converse(socket: net.Socket, options: SmtpSinkOptions, keep: (mail: SinkMail) => void): void {
	let from = "";
	let to: string[] = [];
	let data: string[] | undefined;
	const reply = (line: string) => socket.write(`${line}\r\n`);
	const command = (line: string) => {
		const [verb = ""] = line.toUpperCase().split(/[ :]/);
		switch (verb) {
			case "MAIL":
				from = /<(.*)>/.exec(line)?.[1] ?? "";
				return reply("250 ok");
			case "RCPT":
				to.push(/<(.*)>/.exec(line)?.[1] ?? "");
				return reply(options.recipientReply ?? "250 ok");
			case "DATA":
				data = [];
				return reply("354 go on");
			case "QUIT":
				return socket.end("221 bye\r\n");
			default:
				return reply("250 ok");
		}
	};
	let rest = "";
	socket.on("data", (chunk) => {
		const lines = (rest + chunk.toString()).split("\r\n");
		rest = lines.pop() ?? "";
		for (const line of lines) {
			if (data === undefined) command(line);
			else if (line !== ".") data.push(line.replace(/^\.\./, "."));
			else {
				keep({ from, to, data: data.join("\n") });
				[to, data] = [[], undefined];
				reply("250 taken");
			}
		}
	});
	reply("220 sink");
}
