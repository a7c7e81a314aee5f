// A message of the older EMS JSON dialect as a program. Its clients are web front ends and scripts: TypeScript and Python.

import type { JsonObject } from "../protocol/catalog.ts";
import { type OlderType, olderMessage } from "../protocol/older-messages.ts";
import { pythonLiteral } from "./literals.ts";

export const OLDER_LANGUAGES = ["TypeScript", "Python"] as const;
export type OlderLanguage = (typeof OLDER_LANGUAGES)[number];

/** The program. It takes an access token from `TOKEN`. */
export function olderSampleOf(
	language: OlderLanguage,
	type: OlderType,
	data: JsonObject,
	webSocketUrl: string,
): string {
	const address = JSON.stringify(`${webSocketUrl}?token=`);
	const message = JSON.parse(olderMessage(type, `${type}_1`, 0, data)) as JsonObject;
	if (language === "TypeScript") {
		return [
			`const socket = new WebSocket(${address} + process.env.TOKEN);`,
			`const message = ${JSON.stringify(message, undefined, "\t")};`,
			"socket.onopen = () => socket.send(JSON.stringify(message));",
			'socket.onmessage = ({ data }) => typeof data === "string" && console.log(data);',
		].join("\n");
	}
	return [
		"import asyncio",
		"import json",
		"import os",
		"",
		"import websockets",
		"",
		"",
		"async def main():",
		`    async with websockets.connect(${address} + os.environ["TOKEN"]) as socket:`,
		`        await socket.send(json.dumps(${pythonLiteral(message, "        ")}))`,
		"        async for message in socket:",
		"            if isinstance(message, str):",
		"                print(message)",
		"",
		"",
		"asyncio.run(main())",
	].join("\n");
}
