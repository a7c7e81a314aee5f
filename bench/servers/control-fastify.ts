// What a user would pick instead for HTTP: heartbeats with Fastify, its reply serialized by schema.
import type { AddressInfo } from "node:net";
import fastify, { type FastifyReply } from "fastify";
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

/** Node writes these by itself. */
const OF_NODE = new Set(["connection", "keep-alive"]);

const all = headerFieldsFrom(process.env);
const tokens = new KnownTokens();
const app = fastify({ logger: false, bodyLimit: 64 * 1024 });
app.addContentTypeParser("application/proto", { parseAs: "buffer" }, (_request, content, done) => done(null, content));
app.addHook("onRequest", (request, _reply, done) => {
	tokens.find(request.headers.authorization ?? "");
	done();
});
const text = { type: "string" };
const json = { type: "object", properties: { clientTimeMs: text, serverTimeMs: text } };
app.post(CONNECT_PATH, { schema: { response: { 200: json } } }, (request, reply) => {
	if (request.body instanceof Uint8Array) {
		withFields(reply, all.connect_proto).send(Buffer.from(answerProto(request.body)));
	} else {
		withFields(reply, all.connect_json).send(answerJson(request.body));
	}
});
app.get(REST_PATH, (request, reply) => {
	const { client_time_ms: time = "" } = request.query as { client_time_ms?: string };
	const content = `${JSON.stringify(answerRest(time))}\n`;
	withFields(reply, all.rest).header("etag", etagOf(content)).send(content);
});

function withFields(reply: FastifyReply, fields: HeaderFields): FastifyReply {
	for (const [name, value] of Object.entries(fields)) if (!OF_NODE.has(name.toLowerCase())) reply.header(name, value);
	return reply;
}

await app.listen({ host: "127.0.0.1", port: 0, backlog: 4096 });
process.send?.({ port: (app.server.address() as AddressInfo).port });
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
