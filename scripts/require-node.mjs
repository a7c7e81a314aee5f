// Ends with one clear line on a Node.js that cannot run the gateway. The packages bring one that can (the package `node`), which
// npm puts on the PATH; this is for an installation without development packages, or without install scripts.
const OLDEST_MAJOR = 22;
const { node } = process.versions;

if (Number(node.split(".")[0]) < OLDEST_MAJOR) {
	console.error(
		`framegate needs Node.js ${OLDEST_MAJOR} or newer, and this is ${node}: install it, or run "npm ci" with development ` +
			"packages and install scripts, which brings one",
	);
	process.exit(1);
}
