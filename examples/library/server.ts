// A program of one's own with a gateway in it: a function, a hook, an HTTP route, and the end of both by the program's own signals.
import process from "node:process";
import { CallError, createGateway, defineFunction, defineModule, definePush, z } from "framegate";

const paid = definePush({ number: 7561, body: z.object({ order_id: z.string() }) });

const gateway = await createGateway({
	// PORT, NODE_ENV, JWT_SECRET and the others that the command takes; what `config` says wins.
	environment: process.env,
	config: {
		dataDir: process.env["DATA_DIR"] ?? "data",
		server: { host: "127.0.0.1" },
		limits: { drainWindowMs: 0 },
	},
	modules: {
		greeter: defineModule({
			functions: {
				hello: defineFunction({
					number: 7061,
					permission: "public",
					input: z.object({ name: z.string().max(64).default("World") }),
					output: z.object({ message: z.string() }),
					run: ({ name }) => ({ message: `Hello, ${name}!` }),
				}),
			},
		}),
	},
	hooks: {
		register: ({ username }) => {
			if (username.startsWith("admin")) throw new CallError("PERMISSION_DENIED", "that name is not for everybody");
		},
	},
	httpRoutes: [
		{
			method: "POST",
			path: "/hooks/payment",
			maxBodyBytes: 4096,
			handle: async ({ body }) => {
				const { userId, orderId } = JSON.parse(new TextDecoder().decode(body)) as { userId: string; orderId: string };
				await gateway.unicast(userId, paid, { order_id: orderId });
				return { status: 204 };
			},
		},
	],
});

const { host, port } = await gateway.start();
process.stdout.write(`listening on ${host}:${port}\n`);

process.once("SIGTERM", () => void stop());

async function stop(): Promise<void> {
	await gateway.drain("deployment");
	await gateway.close();
}
