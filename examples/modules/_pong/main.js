// The page of pong: logs in as a guest, joins a room that waits or opens one, draws what comes, sends which key is down.
// `npx esbuild main.js --bundle --format=esm --outfile=pong.js` makes the script of the page; serve the folder from an address in
// server.allowedOrigins, with guests on (auth.guests.enabled).
import { createClient } from "framegate-client";
import { gamePushes, RoomEvent_Kind, roomsPart } from "framegate-client/rooms";

const text = document.querySelector("#text");
const canvas = document.querySelector("canvas");
const paper = canvas.getContext("2d");
/** Pixels of one unit of the game. */
const SCALE = 4;

const url = new URLSearchParams(location.search).get("gateway") ?? "ws://localhost:8080/ws";
const client = createClient({ url });
// Of the tab, so that two of them are two players; an app keeps it in localStorage.
const deviceSecret = sessionStorage.getItem("device") ?? crypto.randomUUID();
sessionStorage.setItem("device", deviceSecret);
await client.loginGuest({ deviceSecret });

const rooms = client.use(roomsPart);
const { room } = await rooms.joinOrCreate({ name: "pong", game: "pong" });
const roomId = room.id;
text.textContent = "Waiting for another player …";

rooms.onState(roomId, ({ state: { ball, sides } }) => {
	paper.clearRect(0, 0, canvas.width, canvas.height);
	for (const [index, side] of sides.entries()) paper.fillRect(index * (canvas.width - 8), (side.y - 10) * SCALE, 8, 80);
	paper.fillRect(ball.x * SCALE - 5, ball.y * SCALE - 5, 10, 10);
	text.textContent = sides.map(({ name, score }) => `${name || "guest"} ${score}`).join("  :  ");
});
rooms.on(roomId, gamePushes.roomEvent, ({ kind }) => {
	if (kind === RoomEvent_Kind.RESUMED) text.textContent = "The game goes on elsewhere …";
	if (kind === RoomEvent_Kind.FINISHED) text.textContent += " : the game is over";
});

const keys = { ArrowUp: -1, ArrowDown: 1 };
let last = 0;
function move(next) {
	if (next === last) return;
	last = next;
	rooms.input(roomId, { move: next }).catch(() => {});
}
addEventListener("keydown", ({ key }) => move(keys[key] ?? last));
addEventListener("keyup", ({ key }) => {
	if (key in keys) move(0);
});
