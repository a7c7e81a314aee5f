// The floor for HTTP: heartbeats on bare uWebSockets.js.
import type { HttpResponse, TemplatedApp } from "uWebSockets.js";
import {
	answerJson,
	answerProto,
	answerRest,
	CONNECT_PATH,
	etagOf,
	type HeaderFields,
	headerFieldsFrom,
	KnownTokens,
	REST_PATH,
} from "./heartbeat-http.ts";

const decoder = new TextDecoder();

export function addHeartbeats(app: TemplatedApp, env: NodeJS.ProcessEnv): void {
	const fields = headerFieldsFrom(env);
	const tokens = new KnownTokens();
	app
		.post(CONNECT_PATH, (res, req) => {
			tokens.find(req.getHeader("authorization"));
			const isJson = req.getHeader("content-type") === "application/json";
			readContent(res, (content) => {
				const bytes = new Uint8Array(content);
				if (isJson) reply(res, fields.connect_json, JSON.stringify(answerJson(JSON.parse(decoder.decode(bytes)))));
				else reply(res, fields.connect_proto, answerProto(bytes));
			});
		})
		.get(REST_PATH, (res, req) => {
			tokens.find(req.getHeader("authorization"));
			const text = `${JSON.stringify(answerRest(req.getQuery("client_time_ms") ?? ""))}\n`;
			reply(res, { ...fields.rest, etag: etagOf(text) }, text);
		});
}

/** Content of the bench comes in one piece. */
function readContent(res: HttpResponse, done: (content: ArrayBuffer) => void): void {
	let isOver = false;
	res.onAborted(() => {
		isOver = true;
	});
	res.onData((chunk, isLast) => {
		if (isLast && !isOver) done(chunk);
	});
}

function reply(res: HttpResponse, fields: HeaderFields, content: string | Uint8Array): void {
	res.cork(() => {
		res.writeStatus("200 OK");
		for (const name in fields) res.writeHeader(name, fields[name] as string);
		res.end(content);
	});
}
