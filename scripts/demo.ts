import { formatStep } from "../src/cli/step-line.ts";
import { asOffstageError } from "../src/errors.ts";
import { createOffstage } from "../src/index.ts";
import { startServer } from "../src/server/index.ts";

const QUESTION = "Hi, what is the capital of France?";
const DATA_DIR = process.env.OFFSTAGE_DATA_DIR || "offstage-data";

/** The tutorial's seven steps, each shown as it happens: an embedded server, a SQLite file, a real model. */
async function demo(): Promise<void> {
  console.log(`A server on ${DATA_DIR}, a small demo model in this process, and the question: ${QUESTION}`);
  const server = await startServer({
    dataDir: DATA_DIR,
    host: "127.0.0.1",
    port: 0,
    local: true,
    log: "silent",
  });
  try {
    const offstage = createOffstage({ baseUrl: server.url, token: await server.ownerToken() });
    const [model] = await offstage.client.listModels();
    const turn = offstage.ask({ model: model!.id, content: QUESTION });
    for await (const event of turn) {
      if (event.type === "step-done") console.log(formatStep(event));
    }
    const answer = await turn.answer();
    console.log(`\nAnswer: ${answer.text}\nTitle:  ${answer.title}\n`);
    console.log(`See the chat:  npx offstage chats show ${answer.chatId}`);
  } finally {
    await server.close();
  }
}

try {
  await demo();
} catch (thrown) {
  const error = asOffstageError(thrown);
  console.error(`The demo failed: ${error.message}`);
  process.exitCode = error.exitCode;
}
