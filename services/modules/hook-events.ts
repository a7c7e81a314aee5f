// Events of the gateway as hooks of modules have them.
import type {
	ConnectHookEvent,
	LoginHookEvent,
	MessageHookDraft,
	MessageHookEvent,
	RoomHookEvent,
	SubscribeHookEvent,
} from "../../common/hooks.ts";
import type { Identity } from "../../common/identity.ts";
import type {
	ConnectionEvent,
	HookContent,
	HookUser,
	LoginEvent,
	MessageDraftEvent,
	MessageEvent,
	RoomEvent,
	SubscribeEvent,
} from "../../module/index.ts";
import { type MessageContentProperties, MessageKind } from "../../protocol/gen/schema.ts";

const KINDS: readonly (readonly [HookContent["kind"], MessageKind])[] = [
	["text", MessageKind.TEXT],
	["image", MessageKind.IMAGE],
	["file", MessageKind.FILE],
	["link", MessageKind.LINK],
	["custom", MessageKind.CUSTOM],
];
const TEXTS = ["text", "url", "fileName", "mimeType", "customType"] as const;

const userOf = ({ userId: id, username, roles }: Identity): HookUser => ({ id, username, roles });

export function connectionEvent({ identity, ip }: ConnectHookEvent): ConnectionEvent {
	return { user: userOf(identity), sessionId: identity.sessionId, deviceId: identity.deviceId, ip };
}

export function subscribeEvent({ identity, channel }: SubscribeHookEvent): SubscribeEvent {
	return { user: userOf(identity), channel };
}

export function draftEvent({ sender, content, ...rest }: MessageHookDraft): MessageDraftEvent {
	return { user: userOf(sender), content: hookContent(content), ...rest };
}

export function messageEvent({ sender, content, ...rest }: MessageHookEvent): MessageEvent {
	return { user: userOf(sender), content: hookContent(content), ...rest };
}

export function loginEvent({ userId: id, username, roles, ...rest }: LoginHookEvent): LoginEvent {
	return { user: { id, username, roles }, ...rest };
}

export const roomEvent = (event: RoomHookEvent): RoomEvent => event;

/** Without what is empty. */
function hookContent(content: MessageContentProperties): HookContent {
	const kind = KINDS.find(([, number]) => number === content.kind)?.[0] ?? "text";
	const texts = TEXTS.flatMap((name) => (content[name] ? [[name, content[name]] as const] : []));
	const { fileBytes, custom } = content;
	return {
		kind,
		...Object.fromEntries(texts),
		...(fileBytes ? { fileBytes: Number(fileBytes) } : {}),
		...(custom?.length ? { custom: Uint8Array.from(custom) } : {}),
	};
}

/** @throws TypeError that says what is wrong with what a hook returned. */
export function contentOf(returned: unknown): MessageContentProperties {
	const given = returned as Partial<Record<string, unknown>> | null;
	if (typeof given !== "object" || given === null) throw new TypeError("it must return a content, or nothing");
	const kind = KINDS.find(([name]) => name === given["kind"])?.[1];
	if (kind === undefined) throw new TypeError(`kind must be one of ${KINDS.map(([name]) => name).join(", ")}`);
	const content: MessageContentProperties = { kind };
	for (const name of TEXTS) {
		const text = given[name] ?? "";
		if (typeof text !== "string") throw new TypeError(`${name} must be a string`);
		content[name] = text;
	}
	const { fileBytes = 0, custom = new Uint8Array(0) } = given;
	if (!Number.isSafeInteger(fileBytes) || (fileBytes as number) < 0)
		throw new TypeError("fileBytes must be a whole number");
	if (!(custom instanceof Uint8Array)) throw new TypeError("custom must be a Uint8Array");
	return { ...content, fileBytes: fileBytes as number, custom };
}
