import { describe, expect, it } from "vitest";
import { serverOptionsFromEnv } from "./config.ts";
import { storedTags } from "./use-cases/tags.ts";

describe("options from the environment", () => {
  it("pairs provider addresses with their keys", () => {
    const env = { OPENAI_API_BASE_URLS: "http://a/v1/; http://b/v1", OPENAI_API_KEYS: "k1" };
    expect(serverOptionsFromEnv(env)).toMatchObject({
      openai: [
        { baseUrl: "http://a/v1", apiKey: "k1" },
        { baseUrl: "http://b/v1", apiKey: "" },
      ],
      local: false,
    });
  });

  it("offers the local model where there is no other, or where it is asked for", () => {
    expect(serverOptionsFromEnv({}).local).toBe(true);
    expect(
      serverOptionsFromEnv({ OPENAI_API_BASE_URL: "http://a", OFFSTAGE_LOCAL_MODEL: "true" }).local,
    ).toBe(true);
  });

  it.each(["postgres://host/db", "postgresql://host/db"])("keeps the database at %s", (databaseUrl) => {
    expect(serverOptionsFromEnv({ DATABASE_URL: databaseUrl }).databaseUrl).toBe(databaseUrl);
    expect(serverOptionsFromEnv({ DATABASE_URL: "" }).databaseUrl).toBeUndefined();
  });

  it.each([
    [{ OPENAI_API_BASE_URLS: "nonsense" }, "OPENAI_API_BASE_URLS"],
    [{ OFFSTAGE_LOCAL_MODEL: "maybe" }, "OFFSTAGE_LOCAL_MODEL"],
    [{ DATABASE_URL: "mysql://user:secret@host/db" }, 'DATABASE_URL begins with "mysql:"'],
    [{ OFFSTAGE_PROVIDER_IDLE_TIMEOUT_MS: "5s" }, "OFFSTAGE_PROVIDER_IDLE_TIMEOUT_MS"],
  ])("%o is refused by name", (env, name) => {
    expect(() => serverOptionsFromEnv(env)).toThrow(name);
  });
});

describe("tags", () => {
  it("are kept once each, with a colour of their own that never changes", () => {
    const tags = storedTags(["Geo Graphy", "geo graphy", { id: "x", name: "Mine", color: "#FF5733" }, " "]);
    expect(tags.map(({ id }) => id)).toEqual(["geo_graphy", "mine"]);
    expect(tags[0]?.color).toMatch(/^#[0-9A-F]{6}$/);
    expect(tags[0]).toEqual(storedTags(["Geo Graphy"])[0]);
    expect(tags[1]?.color).toBe("#FF5733");
  });
});
