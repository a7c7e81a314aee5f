// What a company's own backends call, and what they publish: `framegate-client/server`. Their key is the token of a client.
export type * from "../../protocol/gen/codec/key.ts";
export { keyRoutes } from "../../protocol/gen/codec/key.ts";
export type * from "../../protocol/gen/codec/server.ts";
export { serverPushes, serverRoutes } from "../../protocol/gen/codec/server.ts";
