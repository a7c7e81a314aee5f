// Names that others see: what looks like somebody else, what cannot be seen and what drives a terminal is refused, and what
// people are called is not.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { nameSkeletons, skeleton } from "../../common/name-skeleton.ts";
import { canonicalName, problemOfLine, problemOfName, problemOfText } from "../../common/text.ts";
import { GatewayError } from "../../protocol/error.ts";
import { MessageKind } from "../../protocol/gen/schema.ts";
import { newUsernameKey, usernameKey } from "../../services/accounts/username.ts";
import { encodeContent } from "../../services/chat/content.ts";
import { accountServices, testDevice } from "../support/account-services.ts";

/** Characters that no name holds, by what they are. */
const UNSEEN: Readonly<Record<string, string>> = {
	"Hangul filler": "\u3164",
	"Hangul choseong filler": "\u115f",
	"Hangul jungseong filler": "\u1160",
	"halfwidth Hangul filler": "\uffa0",
	"combining grapheme joiner": "\u034f",
	"Khmer inherent vowel": "\u17b4",
	"Mongolian variation selector": "\u180b",
	"variation selector": "\ufe0f",
	"variation selector supplement": "\u{e0101}",
	tag: "\u{e0061}",
	"zero width space": "\u200b",
	"zero width joiner": "\u200d",
	"word joiner": "\u2060",
	"byte order mark": "\ufeff",
	"soft hyphen": "\u00ad",
	"right-to-left override": "\u202e",
	"left-to-right isolate": "\u2066",
	"right-to-left mark": "\u200f",
	"Arabic letter mark": "\u061c",
	"line separator": "\u2028",
	"paragraph separator": "\u2029",
	"carriage return and line feed": "\r\n",
	bell: "\u0007",
	escape: "\u001b[31m",
	NUL: "\0",
	"next line": "\u0085",
	"private use": "\ue000",
	unassigned: "\u0378",
	noncharacter: "\uffff",
	"noncharacter of a plane": "\u{1fffe}",
	"high surrogate": "\ud800",
	"low surrogate": "\udc00",
	"Braille blank": "\u2800",
	"musical format": "\u{1d173}",
};

const people = [
	...[
		"alice",
		"Zoë.9-_",
		"Ångström",
		"Jürgen_1",
		"admin2",
		"अनिरुद्ध",
		"प्रिया_शर्मा",
		"محمد_علي",
		"מֹשֶׁה",
		"ก้องเกียรติ",
		"தமிழ்",
		"বাংলা",
	],
	...[
		"Ελένη",
		"Дмитрий",
		"Ё-моё",
		"李小龙abc",
		"たなかタロウ太郎",
		"김철수kim",
		"ㄅㄆㄇ漢字",
		"ଓଡ଼ିଆ",
		"සිංහල",
		"မြန်မာ",
		"ខ្មែរ",
		"აკაკი",
		"አበበበቂላ",
		"Nguyễn",
	],
];

describe("a user name", () => {
	test("of people of many languages is accepted, composed or not, and is the same name", () => {
		for (const name of people) {
			const key = newUsernameKey(name);
			assert.equal(newUsernameKey(name.normalize("NFD")), key, name);
			assert.equal(usernameKey(name.normalize("NFD")), key, name);
			assert.equal(usernameKey(name.toUpperCase()).length > 0, true);
		}
	});

	for (const [what, text] of Object.entries(UNSEEN)) {
		test(`is refused with a ${what} anywhere, naming the field and the reason`, () => {
			for (const name of [`admin${text}`, `ad${text}min`]) {
				assert.throws(
					() => newUsernameKey(name),
					(error: unknown) => {
						assert.ok(error instanceof GatewayError);
						assert.equal(error.violations[0]?.field, "username");
						assert.ok((error.violations[0]?.description ?? "").length > 10);
						return true;
					},
				);
			}
		});
	}

	test("is refused in scripts that are not written together, or that hardly anybody writes", () => {
		const mixed = [
			"аdmin",
			"adмin",
			"αdmin",
			"pаypаl",
			"Яndex",
			"админx",
			"ad\u05d0min",
			"漢字и",
			"ㄅ漢字가",
			"かな한글",
			"αβгд",
			"ԛwеrty",
		];
		for (const name of mixed) assert.throws(() => newUsernameKey(name), { code: 7 }, name);
		for (const name of ["ꓮꓓꓟꓲꓠ", "ᎪᎠᎷᏆᏁ", "ⲁⲇⲙⲓⲛ", "𐌀𐌃𐌌𐌉𐌍", "ߊߘߡߌߣ"]) {
			assert.throws(() => newUsernameKey(name), { code: 7 }, name);
		}
	});

	test("has no pile of marks on a letter, nor one mark twice", () => {
		for (const name of [`zal${"\u0300\u0301\u0302\u0303\u0308"}go`, "abc\u0323\u0323"]) {
			assert.throws(() => newUsernameKey(name), { code: 7 }, name);
		}
	});

	test("never holds what is not seen, whatever it is made of", () => {
		const piece = fc.oneof(
			fc.constantFrom(...people, ...Object.values(UNSEEN)),
			fc.string({ unit: "grapheme" }),
			fc.string({ unit: "binary" }),
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
				const name = pieces.join("");
				let key: string;
				try {
					key = newUsernameKey(name);
				} catch (error) {
					assert.ok(error instanceof GatewayError);
					assert.equal(error.code, 7);
					return;
				}
				assert.doesNotMatch(key, /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u);
				assert.equal(key, usernameKey(key), "the key of a key is the key");
				assert.equal(newUsernameKey(name.normalize("NFD")), key);
			}),
			{ numRuns: 3000 },
		);
	});
});

describe("the look of a name", () => {
	const collide = (one: string, other: string) => {
		const looks = new Set(nameSkeletons(one));
		return nameSkeletons(other).some((look) => looks.has(look));
	};

	test("is shared by names that can be taken for each other", () => {
		const pairs = [
			...[
				["admin", "ꓮꓓꓟꓲꓠ"],
				["admin", "ADMlN"],
				["admin", "аdmіn"],
				["admin", "adrnin"],
				["admin", "adm1n"],
				["сосо", "coco"],
			],
			...[
				["admin", "admi\u0307n"],
				["bob0", "bobo"],
				["ΑΒΕ", "abe"],
				["paypal", "раураl"],
				["modern", "modem"],
				["Іvan", "ivan"],
			],
		] as const;
		for (const [one, other] of pairs) assert.ok(collide(one, other), `${one} ${other}`);
	});

	test("is not shared by names that differ", () => {
		const pairs = [
			["alice", "alicia"],
			["ian", "lan"],
			["bob1", "bob2"],
			["Дмитрий", "Дмитрии"],
			["renee", "renée"],
			["neil", "nell"],
		] as const;
		for (const [one, other] of pairs) assert.ok(!collide(one, other), `${one} ${other}`);
	});

	test("is that of UTS #39: a skeleton is its own skeleton, and spelling and what is not seen do not change it", () => {
		assert.equal(skeleton("ρ⍺у𝓅𝒂ן"), skeleton("paypal"), "the example of the standard");
		fc.assert(
			fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (text) => {
				const drawn = skeleton(text);
				assert.equal(skeleton(text.normalize("NFD")), drawn);
				assert.equal(skeleton([...text].join("\u200b")), drawn);
			}),
		);
	});
});

describe("a name that others read", () => {
	test("holds nothing that is not seen, and no control", () => {
		for (const [what, text] of Object.entries(UNSEEN)) {
			assert.ok(problemOfName(`room${text}s`), what);
			assert.ok(problemOfLine(`room${text}s`), what);
		}
		for (const blank of ["", " ", "\u00a0\u3000", "\u0301"]) assert.ok(problemOfName(blank), JSON.stringify(blank));
	});

	test("mixes no scripts within a word", () => {
		for (const name of ["аdmin", "Suppоrt team", "Αdmin 1", "ꓮdmin"]) assert.ok(problemOfName(name), name);
	});

	test("may be what people write: words of several languages, emoji, units", () => {
		const names = [
			...[
				...people,
				"茶室 🍵",
				"Family 👨‍👩‍👧",
				"❤️ 1️⃣ 🏴󠁧󠁢󠁳󠁣󠁴󠁿 👍🏽",
				"Привет World",
				"Zoë’s Pixel 9, Android 16",
				"ΔT 10 kΩ 5 µF",
				"می‌خواهم",
				"क्‍ष",
			],
			...["Ada L.", "50 % – off?", "Москва-Nord", "Café“Été”", "ᏣᎳᎩ", "ꓡꓲꓢꓴ"],
		];
		for (const name of names) assert.equal(problemOfName(name), undefined, name);
	});

	test("is kept composed, with plain spaces", () => {
		assert.equal(canonicalName(" Ame\u0301lie\u00a0\u3000B "), "Am\u00e9lie  B");
	});

	test("a longer text may have lines, but turns no direction and holds no control", () => {
		assert.equal(problemOfText("one\r\n\ttwo"), undefined);
		for (const text of ["\0", "\u001b[0m", "\u0007", "\ud800", "abc\u202etxt.exe"])
			assert.ok(problemOfText(text), JSON.stringify(text));
	});

	test("the name of a file cannot be turned around", () => {
		const content = { kind: MessageKind.FILE, url: "https://x.example/a", fileName: "photo\u202egpj.exe" };
		assert.throws(() => encodeContent(content, "", 10_000), { code: 7, message: /content\.file_name/ });
		encodeContent({ ...content, fileName: "Отчётv2 final.pdf" }, "", 10_000);
	});
});

describe("accounts", () => {
	let services: Awaited<ReturnType<typeof accountServices>>;
	before(async () => {
		services = await accountServices();
	});
	after(() => services.close());
	const register = (username: string, nickname = "") =>
		services.accounts.register({ username, password: "correct horse", email: "", nickname }, testDevice.ip);

	test("of which one looks like another are not made; the one that was there first logs in as before", async () => {
		await register("admin");
		await register("coco");
		for (const username of ["ADMlN", "adrnin", "adm1n"]) {
			await assert.rejects(register(username), (error: unknown) => {
				assert.ok(error instanceof GatewayError);
				assert.equal(error.code, 9);
				assert.deepEqual(error.violations, [{ field: "username", description: "looks like one that is taken" }]);
				return true;
			});
		}
		await assert.rejects(register("сосо"), { code: 9 }, "Cyrillic throughout");
		for (const username of ["admin\u3164", "admin\u115f", "аdmin", "ꓮꓓꓟꓲꓠ"]) {
			await assert.rejects(register(username), { code: 7 }, username);
		}
		assert.equal((await services.accounts.login("ADMIN", "correct horse", testDevice)).user.username, "admin");
	});

	test("of two look-alikes that register at once one is made", async () => {
		const results = await Promise.allSettled(["modern1", "modem1", "MODERN1", "modernl"].map((name) => register(name)));
		assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
		for (const result of results) if (result.status === "rejected") assert.equal(result.reason.code, 9);
	});

	test("are found by their name however it is composed", async () => {
		await register("अनिरुद्ध");
		const user = await register("Ame\u0301lie", " Am\u0065\u0301lie ");
		assert.deepEqual([user.username, user.nickname], ["Am\u00e9lie", "Am\u00e9lie"]);
		assert.equal((await services.accounts.findUser("AME\u0301LIE"))?.id, user.id);
		assert.equal((await services.accounts.login("ame\u0301lie", "correct horse", testDevice)).user.id, user.id);
	});

	test("have no nickname that drives a terminal or turns a line, and no such device", async () => {
		for (const [what, text] of Object.entries(UNSEEN)) {
			const violates = (field: string) => (error: unknown) => {
				assert.ok(error instanceof GatewayError);
				assert.deepEqual(
					error.violations.map((violation) => violation.field),
					[field],
				);
				return true;
			};
			await assert.rejects(register("somebody", `nick${text}name`), violates("nickname"), what);
			const device = { ...testDevice, deviceName: `Pixel${text}9` };
			await assert.rejects(services.accounts.login("admin", "correct horse", device), violates("device_name"), what);
		}
		await register("somebody", "Zoë 🎮 ❤️");
	});
});
