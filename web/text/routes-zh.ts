// What routes do, in Chinese, by their comment in the .proto files: a comment that was changed has no translation until it is translated
// again, and a route that was added has none yet; the page shows the English then. A test names the entries that no comment has any more.

export const routesZh: Readonly<Record<string, string>> = {
	"Presents an access token on a fresh connection and resumes its session.": "在新连接上出示访问令牌，恢复其会话。",
	"Opens a session with user name and password; the connection is authenticated by it.":
		"用用户名和密码建立会话；连接随之通过认证。",
	"Creates an account. Does not log in.": "创建账号，不登录。",
	"Step one asks for a code, step two sets a new password with it and ends all sessions.":
		"第一步请求验证码，第二步用它设置新密码，并结束所有会话。",
	"Exchanges a refresh token for new tokens; each refresh token works once. Authenticates the connection, but subscribes to no channels: on a fresh connection send Connect next.":
		"用刷新令牌换取新令牌；每个刷新令牌只能用一次。连接随之通过认证，但不会订阅频道：在新连接上接着发送 Connect。",
	"Shows that the client is connected, and returns the server's time.": "表明客户端仍在线，并返回服务器时间。",
	"Ends this session, or all sessions of the user.": "结束当前会话，或该用户的所有会话。",
	"Opens a session with a secret that the device has made; the first call creates the guest.":
		"用设备生成的密钥建立会话；首次调用时创建游客。",
	"Makes the guest who calls an account. The user id stays, and with it rooms, messages, records and connections.":
		"把调用的游客变成账号。用户 id 不变，房间、消息、战绩和连接都保留。",
	"Ends sessions that tokens of an issuer have opened, on every node, and refuses the tokens that were issued up to now.":
		"在所有节点上结束由某签发方令牌建立的会话，并拒绝此前签发的令牌。",
	"What a user can log in with beside a password: the caller's own, or with the permission users.read another user's.":
		"用户除密码外可用来登录的身份：本人的；有 users.read 权限时也可查他人的。",
	"Returns a user's record: the caller's own in full, and with users.read everybody's; otherwise the public part.":
		"返回用户资料：本人的全部；有 users.read 权限时他人的也是全部，否则为公开部分。",
	"The accounts, oldest first; with search, by name.": "账号列表，最早的在前；搜索时按名称排列。",
	"Changes the fields that are given.": "修改给出的字段。",
	"Deletes an account and ends its sessions at once; what else is stored of the user is erased in the background.":
		"删除账号并立即结束其会话；该用户的其余数据在后台清除。",
	"Replaces the roles of a user. The user's open connections have the new permissions from then on.":
		"替换用户的角色。该用户已打开的连接随即拥有新的权限。",
	"Disables an account, which ends its sessions, or enables it again.": "停用账号并结束其会话，或重新启用。",
	"The sessions of a user, oldest first: as many as auth.maxSessionsPerUser allows.":
		"用户的会话，最早的在前，数量不超过 auth.maxSessionsPerUser。",
	"Ends one session of a user, or all of them, and closes their connections.":
		"结束用户的一个或全部会话，并关闭其连接。",
	"Everything that is stored of a user, in pages. Others' data need users.read.":
		"分页返回该用户的全部数据。他人的数据需要 users.read。",
	"Creates an account, also where registration is closed.": "创建账号，注册关闭时也可以。",
	"Sends to a room. The reply says what has become of the message so far.":
		"向房间发送消息。应答说明该消息目前的状态。",
	"Messages of a room, by cursor, in either direction.": "房间的消息，按游标向前或向后读取。",
	"Opens a room; the creator owns it.": "创建房间，创建者为房主。",
	"Becomes a member of a room, or answers an invitation, and subscribes to its channel.":
		"加入房间或回应邀请，并订阅其频道。",
	"Stops being a member; or, for owners and admins, acts on another member.":
		"退出房间；房主和管理员也可对其他成员执行操作。",
	"Public rooms, or those that one is a member of.": "公开的房间，或自己所在的房间。",
	"Sends to one user.": "向一个用户发送消息。",
	"Messages exchanged with one user, by cursor, in either direction.": "与一个用户的往来消息，按游标向前或向后读取。",
	"Sets the caller's read mark in a conversation.": "设置本人在会话中的已读位置。",
	"The caller's conversations, latest first, with unread counts; subscribes to the channels of the rooms listed.":
		"本人的会话，最近的在前，含未读数；并订阅所列房间的频道。",
	"Takes back a message; what is left is that there was one.": "撤回消息；只保留曾有此消息的痕迹。",
	"Which of the given users are online; subscribes to their presence.": "所列用户中谁在线；并订阅其在线状态。",
	"Members of a room, those who are banned or invited included for its owner and admins.":
		"房间成员；房主和管理员还能看到被禁和受邀的成员。",
	"Alarms, newest first, by status, level and source.": "告警，最新的在前，可按状态、级别和来源筛选。",
	"Says that somebody has seen an alarm and looks after it.": "表示已有人看到告警并在处理。",
	"Resolves an alarm.": "解除告警。",
	"How many there are.": "告警的数量。",
	"Subscribes to the alarms of a box. After a reconnect, present the channel's position in Connect: missed pushes are sent first. On ChannelReset or `recovered: false`, list again.":
		"订阅一个盒子的告警。重连后在 Connect 中给出频道位置：先补发错过的推送。收到 ChannelReset 或 `recovered: false` 时重新读取列表。",
	"Sends a value to a device, without selecting the point first.": "不经选择，直接向设备写入一个值。",
	"First step of select-before-operate: reserves a point for this connection and a value.":
		"先选后控的第一步：为本连接和一个值预留点位。",
	"Second step: executes what was selected. Same connection, same value, in time.":
		"先选后控的第二步：执行已选择的操作。须为同一连接、同一值，且未超时。",
	"Gives a selected point back.": "释放已选择的点位。",
	"What became of a command: one's own, or anybody's for who has `edge.write`. After a reconnect this, not a repeat, is how to find out.":
		"命令的结果：自己的；有 `edge.write` 权限者可查任何人的。重连后用它查询，不要重发命令。",
	"Subscribes to points. The first data is sent right after the reply, as a FULL batch; then by interval or by changes. Asking for the same again is answered with the same subscription, and the data is sent once more.":
		"订阅点位。应答之后立即以 FULL 批次发送首批数据，此后按间隔或变化发送。再次请求同样内容会得到同一订阅，并重新发送数据。",
	"Ends subscriptions of this connection, or takes channels out of them.": "结束本连接的订阅，或从中去掉一些通道。",
	"The subscriptions of this connection.": "本连接的订阅。",
	"Values as they are now, read from the source for this request.": "当前值，为此次请求从数据源读取。",
	"The sources of this gateway, and the channels of one.": "网关的数据源，以及其中一个的通道。",
	"Asks for a FULL batch of a subscription: after a jump in its `seq`, or whenever the client lost track.":
		"请求订阅的 FULL 批次：用于 `seq` 跳号之后，或客户端失去同步时。",
	"Models of a box, by template. Every fifty models of the limit cost one token more.":
		"盒子的模型，可按模板筛选。limit 每五十个模型多用一个令牌。",
	"One model with its properties and mappings.": "一个模型及其属性和映射。",
	"The values of a model by name, found through its mappings.": "模型的值，按名称，通过其映射得到。",
	"The state of a rule and its last executions; can subscribe to the executions of all rules of a box.":
		"规则的状态及最近的执行；可订阅盒子所有规则的执行。",
	"The room and the state of its game, as this player may see it. A private room shows itself to its members only; the game of a public one also to others if it allows spectators and has no password.":
		"房间及其对局的状态，以该玩家可见的为限。私有房间只对成员可见；公开房间允许观战且无密码时，其对局对他人也可见。",
	"Opens a room; the creator is its host and first player.": "创建房间；创建者为主持人和第一名玩家。",
	"Enters a room as player or spectator, and subscribes to its channel.": "以玩家或观众身份进入房间，并订阅其频道。",
	"Leaves a room. The host's place goes to the longest-standing player.": "离开房间。主持人的位置交给在场最久的玩家。",
	"Public rooms, newest first.": "公开的房间，最新的在前。",
	"Does something in a room: ready, start, a move. Ordered by the server.":
		"在房间中执行动作：准备、开始、走子。由服务器排序。",
	"Finished games of a player, latest first, or one game with its actions. Of games that they did not play, users see those of public rooms; the actions only if the room allowed spectators and had no password.":
		"玩家已结束的对局，最近的在前；或一局及其动作。未参加的对局只能看到公开房间的；动作仅在房间允许观战且无密码时可见。",
	"Games played, won, drawn and lost.": "玩过、赢、平、输的局数。",
	"One's notifications, latest first.": "本人的通知，最近的在前。",
	"Marks some of one's notifications as read, or all of them.": "将本人的部分或全部通知标为已读。",
};
