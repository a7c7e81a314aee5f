// HTTP requests as bytes: sound ones, and such that parsers have disagreed about.
import { hostileText } from "./hostile-values.ts";
import type { Random } from "./random.ts";
import { handshake } from "./raw-socket.ts";

const METHODS = [
	"GET",
	"GET",
	"GET",
	"POST",
	"PUT",
	"DELETE",
	"HEAD",
	"OPTIONS",
	"PATCH",
	"TRACE",
	"CONNECT",
	"get",
	"G\0T",
	"",
];
const PATHS = [
	"/",
	"/health",
	"/ready",
	"/status",
	"/metrics",
	"/.well-known/jwks.json",
	"/ws",
	"/ws?token=a.b.c",
	"/nothing",
];
const ODD_PATHS = [
	"*",
	"//",
	"/%00",
	"/%",
	"/%zz",
	"/../../etc/passwd",
	"http://x/health",
	"/health?",
	"/health#a",
	"/hëalth",
	"",
];
const VERSIONS = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", "", "RTSP/1.0"];
const ODD_HEADERS: readonly ((random: Random) => string)[] = [
	() => "Content-Length: 5",
	() => "Content-Length: -1",
	() => "Content-Length: 99999999999999999999",
	() => "Content-Length: 0x10",
	() => "Content-Length: 5, 6",
	() => "Transfer-Encoding: chunked",
	() => "Transfer-Encoding: chunked, identity",
	() => "Transfer-Encoding : chunked",
	() => " folded: line",
	() => ": no name",
	() => "no colon",
	() => "Expect: 100-continue",
	() => "Upgrade: h2c",
	() => "Host: a\r\nHost: b",
	() => "Origin: null",
	() => "Authorization: Bearer a.b.c",
	() => "Accept-Encoding: gzip;q=NaN",
	(random) => `X-Long: ${"a".repeat(1 << random.below(15))}`,
	(random) => "X-Many: 1\r\n".repeat(1 << random.below(9)).trimEnd(),
	(random) => `X-Text: ${hostileText(random)}`,
	(random) => `Sec-WebSocket-Protocol: ${hostileText(random)}`,
];
const BODIES = [
	"",
	"hello",
	"5\r\nhello\r\n0\r\n\r\n",
	"ffffffffffffffff\r\n",
	"-1\r\n\r\n",
	"0\r\n\r\nGET /health HTTP/1.1\r\n\r\n",
	"{}",
];

export function httpInput(random: Random): Uint8Array {
	let text = request(random);
	// One behind the other, in one piece.
	if (random.oneIn(8)) text += request(random);
	const bytes = Buffer.from(text);
	if (!random.oneIn(4)) return bytes;
	if (random.oneIn(3)) return bytes.subarray(0, random.below(bytes.length + 1));
	for (let flips = 1 + random.below(6); flips > 0; flips--) bytes[random.below(bytes.length)] = random.below(256);
	return bytes;
}

function request(random: Random): string {
	const path = random.pick(random.oneIn(4) ? ODD_PATHS : PATHS);
	const headers = Array.from({ length: random.below(4) }, () => random.pick(ODD_HEADERS)(random));
	const start = `${random.pick(METHODS)} ${path} ${random.pick(VERSIONS)}`;
	if (random.oneIn(5)) {
		const [first = "", ...rest] = handshake(path, {}, start).split("\r\n");
		return [first, ...headers, ...rest].join("\r\n");
	}
	const host = random.oneIn(10) ? [] : ["Host: x"];
	return [start, ...host, ...headers, "", random.pick(BODIES)].join("\r\n");
}
