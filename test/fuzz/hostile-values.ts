// Values that have broken decoders, validators and stores before, of every scalar kind there is.
import type { Random } from "./random.ts";

const BOUNDARIES: readonly number[] = [
	0,
	1,
	-1,
	127,
	128,
	255,
	256,
	32_767,
	65_535,
	65_536,
	0x7fff_ffff,
	0x8000_0000,
	0xffff_ffff,
	0x1_0000_0000,
	-0x8000_0000,
	Number.MAX_SAFE_INTEGER,
	Number.MAX_SAFE_INTEGER + 1,
	-Number.MAX_SAFE_INTEGER,
	2 ** 63,
	2 ** 64,
	-(2 ** 63),
	0.1,
	-0,
	5e-324,
	Number.MAX_VALUE,
	Number.NaN,
	Number.POSITIVE_INFINITY,
	Number.NEGATIVE_INFINITY,
];

const TEXTS: readonly string[] = [
	"",
	" ",
	"\0",
	"a\0b",
	"../../etc/passwd",
	"%s%n%x",
	"__proto__",
	"constructor",
	"toString",
	"hasOwnProperty",
	"null",
	"NaN",
	"-1",
	"1e309",
	"'OR'1'='1",
	"{{7*7}}",
	"$(id)",
	"\r\nSet-Cookie: a=b",
	"\u202eabc",
	"\ufeff",
	"é",
	"e\u0301",
	"👩‍👩‍👧‍👦",
	"\ud83d\ude00".repeat(40),
	"Ａｄｍｉｎ",
	"ı",
	"ß",
	"room:",
	"room:../x",
	"*",
	"inbox:*",
	":",
	"a:b:c:d",
	"0198f0a2-7c31-7d6e-8a55-2f1e9c0b7a11",
	"eyJhbGciOiJub25lIn0.e30.",
	"a.b.c",
];

const BAD_UTF8: readonly Uint8Array[] = [
	Uint8Array.of(0xff),
	Uint8Array.of(0xc0, 0x80),
	Uint8Array.of(0xed, 0xa0, 0x80),
	Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
	Uint8Array.of(0xe2, 0x82),
	Uint8Array.of(0x61, 0x80, 0x61),
	Uint8Array.of(0xf8, 0x88, 0x80, 0x80, 0x80),
];

export function hostileNumber(random: Random): number {
	return random.oneIn(4) ? random.uint32() : random.pick(BOUNDARIES);
}

/** Mostly short; now and then as long as rules about length are for. */
export function hostileText(random: Random): string {
	if (random.oneIn(12)) return random.pick(["a", "é", "👍", "\0"]).repeat(1 << random.below(13));
	return random.pick(TEXTS);
}

/** Not UTF-8, alone or within something that is. */
export function badUtf8(random: Random): Uint8Array {
	return random.pick(BAD_UTF8);
}
