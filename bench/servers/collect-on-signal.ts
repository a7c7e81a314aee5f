// Loaded into a server under test with `--expose-gc --import`: collects garbage on SIGURG and gives the memory back, so that what the
// server holds can be read from outside.

process.on("SIGURG", () => {
	globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
});
