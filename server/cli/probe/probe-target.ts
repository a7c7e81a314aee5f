// Which gateway a probe asks, and as whom.

export interface ProbeTarget {
	/** `http://localhost:8080`, without a slash at its end. */
	readonly httpUrl: string;
	/** `ws://localhost:8080/ws` */
	readonly webSocketUrl: string;
	/** Undefined: without a login. */
	readonly credentials: { readonly username: string; readonly password: string } | undefined;
	/** The account is made first. */
	readonly registers: boolean;
	/** Subscribes to and reads a field box. */
	readonly hasEdge: boolean;
	readonly channel: number;
	/** Acknowledges an alarm. */
	readonly acknowledges: boolean;
}

const SCHEMES: Readonly<Record<string, readonly [http: string, webSocket: string]>> = {
	"http:": ["http:", "ws:"],
	"ws:": ["http:", "ws:"],
	"https:": ["https:", "wss:"],
	"wss:": ["https:", "wss:"],
};

/**
 * The two addresses of a gateway from either: `http://host:8080`, `wss://host/ws`. A path other than / is that of the WebSocket.
 *
 * @returns undefined when it is no such address.
 */
export function addressesOf(text: string): Pick<ProbeTarget, "httpUrl" | "webSocketUrl"> | undefined {
	if (!URL.canParse(text)) return undefined;
	const url = new URL(text);
	const schemes = SCHEMES[url.protocol];
	if (schemes === undefined || url.username !== "" || url.search !== "") return undefined;
	const path = url.pathname === "/" ? "/ws" : url.pathname;
	return { httpUrl: `${schemes[0]}//${url.host}`, webSocketUrl: `${schemes[1]}//${url.host}${path}` };
}
