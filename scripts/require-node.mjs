// Ends with one clear line on a Node.js that cannot run TypeScript sources as they are. The packages bring one that can (the package
// `node`), which npm puts on the PATH; this is for an installation without development packages, or without install scripts.
const OLDEST = [22, 18];
const { node } = process.versions;
const [major, minor] = node.split(".").map(Number);

if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
	console.error(
		`framegate needs Node.js 22 (${OLDEST.join(".")} or newer), and this is ${node}: install it, or run "npm ci --include=dev" ` +
			"with install scripts allowed, which brings one",
	);
	process.exit(1);
}
