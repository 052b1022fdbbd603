import { filledString } from "../contract/json-shape.ts";
import { ApiError } from "../errors.ts";
import { type Identified, objectAnswer, recordAnswer, rowsAnswer, stringField } from "./answer-shapes.ts";
import type { CallOptions, OpenWebUiClient } from "./client-interface.ts";
import type { Transport } from "./transport.ts";

type CatalogCalls = Pick<OpenWebUiClient, "version" | "config" | "listModels" | "getModel">;

/** The calls about what a server is and has. */
export function createCatalogCalls(transport: Transport): CatalogCalls {
  const get = (path: string, options?: CallOptions) => transport.json({ method: "GET", path }, options);
  const listModels = async (options?: CallOptions) => {
    const call = { method: "GET", path: "/api/models", everywhere: true } as const;
    return rowsAnswer("a list of models", await transport.json(call, options)).map(named);
  };

  return {
    version: async (options) => {
      const answer = await transport.json(
        { method: "GET", path: "/api/version", anonymous: true, everywhere: true },
        options,
      );
      const { offstage } = objectAnswer("a version", answer);
      return {
        version: stringField("a version", answer, "version"),
        offstage: filledString(offstage) ?? null,
      };
    },
    config: async (options) => objectAnswer("a configuration", await get("/api/config", options)),
    listModels,
    getModel: async (modelId, options) => {
      const query = new URLSearchParams({ id: modelId });
      try {
        return named(recordAnswer("such model", await get(`/api/v1/models/model?${query}`, options)));
      } catch (thrown) {
        if (!(thrown instanceof ApiError) || thrown.code !== "not_found") throw thrown;
        const listed = (await listModels(options)).find((model) => model.id === modelId);
        if (listed === undefined) throw thrown;
        return listed;
      }
    },
  };
}

function named(row: Identified): Identified & { name: string } {
  return { ...row, name: filledString(row.name) ?? row.id };
}
