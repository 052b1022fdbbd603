/** Asks a running server, shows the answer as it grows, and asks again in the same chat. People see all of it there. */
import { createOffstage } from "../src/index.ts";

const { OFFSTAGE_URL: baseUrl = "http://127.0.0.1:8080", OFFSTAGE_TOKEN: token } = process.env;
const offstage = createOffstage({ baseUrl, token });
const [model] = await offstage.client.listModels();
if (model === undefined) throw new Error(`${baseUrl} lists no model.`);

const turn = offstage.ask({ model: model.id, content: "Hi, what is the capital of France?" });
for await (const event of turn) {
  if (event.type === "answer-delta") process.stdout.write(event.delta);
}
const first = await turn.answer();

const second = await offstage
  .ask({ model: model.id, chatId: first.chatId, content: "And of Italy?" })
  .answer();
console.log(`\n${second.text}\n${second.title}: ${second.chat.messages.length} messages in ${second.chatId}`);
await offstage.close();
