import { formatStep } from "../src/cli/step-line.ts";
import { asOffstageError } from "../src/errors.ts";
import { createOffstage } from "../src/index.ts";
import { serverOptionsFromEnv, startServer } from "../src/server/index.ts";
import { locateModelFile } from "../src/server/providers/model-file.ts";

const QUESTION = "Hi, what is the capital of France?";

/** The tutorial's seven steps, each shown when it is done: a server on a SQLite file, and a small but real model. */
async function demo(): Promise<void> {
  const options = serverOptionsFromEnv(process.env);
  const { dataDir } = options;
  let phase = "";
  const modelPath = await locateModelFile({
    dataDir,
    modelPath: options.modelPath,
    onProgress: (progress) => {
      if (progress.phase !== phase) console.log(`The demo model is not here yet: ${progress.phase} …`);
      phase = progress.phase;
    },
  });
  const server = await startServer({ dataDir, modelPath, host: "127.0.0.1", port: 0, log: "silent" });
  try {
    console.log(`A server with its data in ${dataDir} listens on ${server.url}. The question: ${QUESTION}\n`);
    const offstage = createOffstage({ baseUrl: server.url, token: await server.ownerToken() });
    const [model] = await offstage.client.listModels();
    const turn = offstage.ask({ model: model!.id, content: QUESTION, settleTimeoutMs: 120_000 });
    for await (const event of turn) {
      if (event.type === "step-done") console.log(formatStep(event));
    }
    const { text, title, chatId } = await turn.answer();
    console.log(`\nAnswer: ${text}\nTitle:  ${title}\n`);
    console.log(`To see the chat: npx offstage chats show ${chatId}`);
  } finally {
    await server.close();
  }
}

try {
  await demo();
} catch (thrown) {
  const { message, exitCode } = asOffstageError(thrown);
  console.error(`The demo failed: ${message}`);
  process.exit(exitCode);
}
