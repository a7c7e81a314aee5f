// The control: a process that does nothing but answer. What the bystanders wait for it is what the machine costs them, with the
// attackers at work beside it.
import { createServer } from "node:net";

const server = createServer({ noDelay: true }, (socket) => {
	socket.on("error", () => {});
	socket.on("data", (chunk) => socket.write(chunk));
});
server.listen(0, "127.0.0.1", () => {
	const address = server.address();
	process.send?.(typeof address === "object" ? address?.port : undefined);
});
process.on("disconnect", () => process.exit(0));
