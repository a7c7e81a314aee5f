// The call on the screen as a program, in four languages: curl and Go by HTTP (the Connect protocol), TypeScript by the client library,
// Python by JSON frames.
import type { RouteDescription } from "../../protocol/description.ts";
import { type JsonObject, knownRoute } from "../protocol/catalog.ts";
import { goString, pythonLiteral, shellWord, typescriptLiteral, withPlaceholders } from "./literals.ts";

export const SAMPLE_LANGUAGES = ["curl", "TypeScript", "Python", "Go"] as const;
export type SampleLanguage = (typeof SAMPLE_LANGUAGES)[number];

export interface SampleCall {
	readonly route: RouteDescription;
	readonly body: JsonObject;
	readonly username: string;
	/** `http://localhost:8080` */
	readonly httpUrl: string;
	/** `ws://localhost:8080/ws` */
	readonly webSocketUrl: string;
}

/** The program. It takes a token or a password from its environment. */
export function sampleOf(language: SampleLanguage, call: SampleCall): string {
	const body = withPlaceholders(call.route.request, call.body);
	switch (language) {
		case "curl":
			return curlSample(call, body);
		case "TypeScript":
			return typescriptSample(call, body);
		case "Python":
			return pythonSample(call, body);
		case "Go":
			return goSample(call, body);
		default:
			return language satisfies never;
	}
}

const needsLogin = ({ route }: SampleCall): boolean => route.permission !== "public";
const httpPath = ({ service, method }: RouteDescription): string => `/${service}/${method}`;

function curlSample(call: SampleCall, body: JsonObject): string {
	const command = [
		`curl -sS ${shellWord(call.httpUrl + httpPath(call.route))}`,
		"  -H 'content-type: application/json'",
		...(needsLogin(call) ? ['  -H "authorization: Bearer $TOKEN"'] : []),
		`  -d ${shellWord(JSON.stringify(body))}`,
	].join(" \\\n");
	return [...connectionNote(call.route, "#"), command].join("\n");
}

/** What HTTP answers, before a sample that goes over it. */
function connectionNote({ needsConnection }: RouteDescription, comment: string): string[] {
	return needsConnection ? [`${comment} Refused over HTTP: this route is about a WebSocket connection.`] : [];
}

function typescriptSample(call: SampleCall, body: JsonObject): string {
	const [module = "", method = ""] = call.route.name.split(".");
	const login = `await client.login({ username: ${JSON.stringify(call.username)}, password: process.env.PASSWORD ?? "" });`;
	return [
		`import { createClient, ${module}Routes } from "framegate/client";`,
		"",
		`const client = createClient({ url: ${JSON.stringify(call.webSocketUrl)} });`,
		"await client.connect();",
		...(needsLogin(call) ? [login] : []),
		`const reply = await client.request(${module}Routes.${method}, ${typescriptLiteral(call.route.request, body)});`,
		"console.log(reply);",
		"client.close();",
	].join("\n");
}

function pythonSample(call: SampleCall, body: JsonObject): string {
	const { number } = knownRoute("auth.login");
	const login = `await call(socket, 1, ${number}, {"username": ${JSON.stringify(call.username)}, "password": os.environ["PASSWORD"]})`;
	return [
		"import asyncio",
		"import json",
		...(needsLogin(call) ? ["import os"] : []),
		"",
		"import websockets",
		"",
		"",
		"async def call(socket, seq, protocol, body):",
		'    await socket.send(json.dumps({"protocol": protocol, "seq": seq, "body": body}))',
		"    while True:",
		"        frame = json.loads(await socket.recv())",
		'        if frame.get("seq") == seq:',
		"            return frame",
		"",
		"",
		"async def main():",
		`    async with websockets.connect(${JSON.stringify(call.webSocketUrl)}, subprotocols=["framegate.v1.json"]) as socket:`,
		...(needsLogin(call) ? [`        ${login}`] : []),
		`        print(await call(socket, 2, ${call.route.number}, ${pythonLiteral(body, "        ")}))`,
		"",
		"",
		"asyncio.run(main())",
	].join("\n");
}

function goSample(call: SampleCall, body: JsonObject): string {
	const token = '\trequest.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))';
	return [
		...connectionNote(call.route, "//"),
		"package main",
		"",
		"import (",
		...['"io"', '"log"', '"net/http"', '"os"', '"strings"'].map((name) => `\t${name}`),
		")",
		"",
		"func main() {",
		`\tbody := strings.NewReader(${goString(JSON.stringify(body))})`,
		`\trequest, err := http.NewRequest("POST", ${goString(call.httpUrl + httpPath(call.route))}, body)`,
		"\tif err != nil {",
		"\t\tlog.Fatal(err)",
		"\t}",
		'\trequest.Header.Set("Content-Type", "application/json")',
		...(needsLogin(call) ? [token] : []),
		"\treply, err := http.DefaultClient.Do(request)",
		"\tif err != nil {",
		"\t\tlog.Fatal(err)",
		"\t}",
		"\tdefer reply.Body.Close()",
		"\tio.Copy(os.Stdout, reply.Body)",
		"}",
	].join("\n");
}
