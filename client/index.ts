// The client library with all of its parts, and with everything that the .proto files define: `framegate/client`, and
// `framegate-client/full`.
export * from "../protocol/gen/codec/index.ts";
export * from "./chat/index.ts";
export * from "./core.ts";
export * from "./edge/index.ts";
export { createFullClient as createClient, FullClient as Client } from "./full-client.ts";
export * from "./games/index.ts";
export * from "./server/index.ts";
