import * as z from "zod";

/** Who or what started a turn. The server writes it; what clients post under this name is not taken. */
export const Origin = z
  .object({
    kind: z
      .enum(["person", "api_key", "program"])
      .describe(
        "`person`: a web page with somebody's session. `api_key`: an API key. `program`: one that names its run, or that " +
          "uses a session without being a web page.",
      ),
    api_key: z
      .object({ id: z.string(), name: z.string(), prefix: z.string().nullable() })
      .optional()
      .describe("The key that was used, by its name and first characters."),
    client: z.string().optional().describe("Its user agent, at most 200 characters of it."),
    run_id: z.string().optional().describe("The run that it belongs to, as its program calls it."),
    attempt: z.number().int().optional().describe("Which attempt of that run it is, from 1."),
  })
  .meta({ id: "Origin", description: "Who or what started a turn." });
export type Origin = z.infer<typeof Origin>;
