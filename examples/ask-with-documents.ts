/** Puts documents into a collection of a running server, asks about them and a file beside, and prints the sources. */
import { createOffstage } from "../src/index.ts";

const { OFFSTAGE_URL: baseUrl = "http://127.0.0.1:8080", OFFSTAGE_TOKEN: token } = process.env;
const [, , question = "When does the ferry leave?", attachment, ...documents] = process.argv;
if (attachment === undefined) throw new Error("Give a question, a file to attach, and documents to collect.");
const offstage = createOffstage({ baseUrl, token });
const { client } = offstage;
const [model] = await client.listModels();
if (model === undefined) throw new Error(`${baseUrl} lists no model.`);

const collection = await client.createKnowledge({ name: "Timetables", description: "What leaves when" });
for (const path of documents) {
  const file = await client.uploadFile({ path });
  for await (const { status, error } of client.watchFile(file.id))
    if (status === "failed") throw new Error(`${path}: ${error}`);
  await client.addFileToKnowledge(collection.id, file.id);
}

const answer = await offstage
  .ask({ model: model.id, content: question, knowledge: ["Timetables"], files: [attachment] })
  .answer();
console.log(answer.text);
for (const { number, name, page, text } of answer.passages)
  console.log(`[${number}] ${name}${page === null ? "" : `, page ${page}`}: ${text.trim()}`);

await client.deleteKnowledge(collection.id);
await offstage.close();
