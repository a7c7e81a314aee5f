// Draws the picture of docs/tracing.md from a real run: `npx node test/support/tracing/draw-chat-flow.ts`.
import { writeFileSync } from "node:fs";
import { runChatFlow } from "./chat-flow.ts";
import { pictureOf } from "./trace-picture.ts";

const { spans } = await runChatFlow();
const title = "One chat message: WebSocket, Kafka, a logic service, Kafka, push on another node";
writeFileSync(new URL("../../../docs/tracing-chat-message.svg", import.meta.url), pictureOf(spans, title));
