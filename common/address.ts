// Addresses of servers, as operators write them and vendors hand them out: `scheme://user:password@host:port/path?name=value`,
// with several hosts where there are several. WHATWG's URL knows neither lists of hosts nor what is wrong with an address that
// it refuses; here an error says what it is, and never shows a secret (RFC 3986, section 3).

export interface AddressHost {
	readonly host: string;
	/** Undefined: the protocol's own. */
	readonly port: number | undefined;
}

export interface Address {
	/** Without `://`. */
	readonly scheme: string;
	readonly username: string | undefined;
	readonly password: string | undefined;
	/** Empty when the address names none. */
	readonly hosts: readonly AddressHost[];
	/** Without its first slash, and still escaped. */
	readonly path: string;
	readonly parameters: AddressParameters;
}

const HOST = /^(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<name>[^:[\]@]*))(?::(?<port>\d{1,5}))?$/;
/** Of a parameter's name in an error. */
const MAX_NAME_LENGTH = 64;

/** The parameters behind the question mark. Each is taken by those who understand it; what nobody took is an error. */
export class AddressParameters {
	/** By plain name, as written. */
	private readonly left = new Map<string, { readonly name: string; readonly value: string }>();
	private readonly known: string[] = [];

	/** @throws Error when one is given twice. */
	constructor(query: string) {
		for (const part of query.split("&").filter((part) => part !== "")) {
			// Not as a form, where `+` is a blank: values are written as the rest of the address.
			const [written, value] = split(part, "=");
			const name = decoded(written, "name of a parameter") ?? "";
			if (this.left.has(plain(name))) throw new Error(`the parameter ${shownName(name)} is given twice`);
			this.left.set(plain(name), { name, value: decoded(value, `parameter ${shownName(name)}`) ?? "" });
		}
	}

	/** The name as written, if the parameter is there. */
	nameOf(name: string): string | undefined {
		return this.left.get(plain(name))?.name;
	}

	/** @param names - one parameter in all its spellings; case, `-` and `_` make no difference. @returns its name as written, and its value. */
	take(...names: string[]): { readonly name: string; readonly value: string } | undefined {
		this.known.push(names[0] as string);
		for (const name of names) {
			const found = this.left.get(plain(name));
			if (found === undefined) continue;
			this.left.delete(plain(name));
			return found;
		}
		return undefined;
	}

	/** @throws Error that names a parameter which was not taken, and those that can be. */
	rejectRest(): void {
		for (const { name } of this.left.values()) {
			throw new Error(`unknown parameter ${shownName(name)}; known are ${this.known.join(", ")}`);
		}
	}
}

/**
 * Reads an address.
 *
 * @throws Error that says what is wrong with it, without its user information.
 */
export function parseAddress(text: string): Address {
	const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
	if (scheme === undefined || rest === undefined) throw new Error("expected scheme://host");
	if (/\s/.test(rest)) throw new Error("holds white space");
	const [authority = ""] = /^[^/?#]*/.exec(rest) ?? [];
	const tail = rest.slice(authority.length);
	const at = authority.lastIndexOf("@");
	const hosts = hostsOf(authority.slice(at + 1));
	const [path = "", query = ""] = split(tail, "?");
	// An @ behind the end of the authority is that of user information which a reserved character has cut off.
	const isCut = hosts === undefined || at < 0 || path.includes("@");
	if (isCut && tail.includes("@")) throw new Error(unescaped(tail[0] as string));
	if (hosts === undefined) throw new Error("a host or port is malformed");
	if (tail.includes("#")) throw new Error(unescaped("#"));
	const [username, password] = at < 0 ? [] : split(authority.slice(0, at), ":");
	return {
		scheme: scheme.toLowerCase(),
		username: decoded(username, "user name"),
		password: decoded(password, "password"),
		hosts,
		path: path.replace(/^\//, ""),
		parameters: new AddressParameters(query),
	};
}

/** The decoded form of an escaped part. @throws Error that names the part. */
export function decoded(part: string | undefined, what: string): string | undefined {
	if (part === undefined || part === "") return undefined;
	try {
		return decodeURIComponent(part);
	} catch {
		throw new Error(`the ${what} holds a % that is not escaped: write it as %25`);
	}
}

function unescaped(character: string): string {
	const code = encodeURIComponent(character);
	return `holds a ${character} that is not escaped: in a user name or password write it as ${code}`;
}

/** At the first separator. */
function split(text: string, separator: string): [string, string | undefined] {
	const index = text.indexOf(separator);
	return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

function hostsOf(list: string): AddressHost[] | undefined {
	if (list === "") return [];
	const hosts: AddressHost[] = [];
	for (const text of list.split(",")) {
		const { v6, name = "", port } = HOST.exec(text)?.groups ?? { name: "" };
		const host = v6 ?? decoded(name, "host");
		const isPort = port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
		if (host === undefined || !isPort) return undefined;
		hosts.push({ host, port: port === undefined ? undefined : Number(port) });
	}
	return hosts;
}

function plain(name: string): string {
	return name.toLowerCase().replace(/[-_]/g, "");
}

function shownName(name: string): string {
	return JSON.stringify(name.slice(0, MAX_NAME_LENGTH));
}
