/** A server within this program, and an answer as data: checked by a schema, asked for once more where it does not fit. */
import { z } from "zod";
import { createOffstage } from "../src/index.ts";
import { serverOptionsFromEnv, startServer } from "../src/server/index.ts";

const City = z.object({ city: z.string(), country: z.string() });
const [, , text = "We met in Paris, in France."] = process.argv;

const server = await startServer({ ...serverOptionsFromEnv(process.env), port: 0, log: "silent" });
const offstage = createOffstage({ baseUrl: server.url, token: await server.ownerToken() });
try {
  const [model] = await offstage.client.listModels();
  const answer = await offstage
    .ask({
      model: model?.id ?? "",
      system: 'Answer with one JSON object and nothing else: {"city": "…", "country": "…"}',
      content: `Which city is this about? ${text}`,
      schema: City,
      reask: true,
    })
    .answer();
  const { city, country } = await answer.json();
  console.log(`${city} is in ${country}.`);
} finally {
  await offstage.close();
  await server.close();
}
