import { expect, it } from "vitest";
import { OffstageError } from "../../errors.ts";
import type { Provider, ProviderModel } from "./provider.ts";
import { createProviderRegistry } from "./registry.ts";

/** A provider that lists what it is told, and counts. */
function fakeProvider(name: string, ...ids: string[]) {
  const state = { ids, failing: false, gate: Promise.resolve(), lists: 0, closed: false };
  const provider: Provider = {
    name,
    async listModels(): Promise<ProviderModel[]> {
      state.lists += 1;
      await state.gate;
      if (state.failing) throw new OffstageError("unreachable", `${name} is down`);
      return state.ids.map((id) => ({ id, name: id, ownedBy: name, createdAtSec: 0, capabilities: [] }));
    },
    async complete() {
      throw new Error("not asked for");
    },
    async close() {
      state.closed = true;
    },
  };
  return { provider, state };
}

function setUp() {
  const a = fakeProvider("a", "one", "both");
  const b = fakeProvider("b", "both", "two");
  const time = { nowMs: 0 };
  const options = { clock: () => time.nowMs, ttlMs: 1_000, retryMs: 100 };
  return {
    a: a.state,
    b: b.state,
    time,
    registry: createProviderRegistry([a.provider, b.provider], options),
  };
}

async function idsOf(registry: ReturnType<typeof setUp>["registry"]): Promise<string[]> {
  return (await registry.listModels()).map((model) => model.id);
}

it("lists the models of all, an id that two offer once, from the first", async () => {
  const { registry } = setUp();
  expect(await idsOf(registry)).toEqual(["one", "both", "two"]);
  expect((await registry.find("both"))?.provider.name).toBe("a");
  expect((await registry.find("two"))?.provider.name).toBe("b");
});

it("asks each provider once for all who ask meanwhile, and again only after the time to live", async () => {
  const { registry, a, time } = setUp();
  await Promise.all([registry.listModels(), registry.listModels(), registry.find("one")]);
  expect(a.lists).toBe(1);
  time.nowMs = 999;
  await registry.listModels();
  expect(a.lists).toBe(1);
  time.nowMs = 1_000;
  a.ids = ["new"];
  expect(await idsOf(registry)).toEqual(["new", "both", "two"]);
  expect(a.lists).toBe(2);
});

it("keeps the models of a provider that fails, and says why", async () => {
  const { registry, b, time } = setUp();
  await registry.listModels();
  b.failing = true;
  time.nowMs = 1_000;
  expect(await idsOf(registry)).toEqual(["one", "both", "two"]);
  expect(registry.failures).toMatchObject([{ provider: "b", error: { code: "unreachable" } }]);
});

it("lists the others when one was never up, and finds it as soon as it is", async () => {
  const { registry, b, time } = setUp();
  b.failing = true;
  expect(await idsOf(registry)).toEqual(["one", "both"]);
  b.failing = false;
  expect(await registry.find("two")).toBeUndefined();
  time.nowMs = 100;
  expect((await registry.find("two"))?.model.id).toBe("two");
  expect(registry.failures).toEqual([]);
});

it("does not make anyone wait for a provider that failed before", async () => {
  const { registry, b, time } = setUp();
  b.failing = true;
  await registry.listModels();
  const gate = Promise.withResolvers<void>();
  b.gate = gate.promise;
  b.failing = false;
  time.nowMs = 5_000;
  expect(await idsOf(registry)).toEqual(["one", "both"]);
  gate.resolve();
});

it("looks for an unknown id at most once in the retry time", async () => {
  const { registry, a, time } = setUp();
  for (let round = 0; round < 5; round++) expect(await registry.find("none")).toBeUndefined();
  expect(a.lists).toBe(1);
  time.nowMs = 100;
  for (let round = 0; round < 5; round++) await registry.find("none");
  expect(a.lists).toBe(2);
});

it("does not make a known model wait for the list's renewal", async () => {
  const { registry, a, time } = setUp();
  await registry.listModels();
  const gate = Promise.withResolvers<void>();
  a.gate = gate.promise;
  time.nowMs = 2_000;
  expect((await registry.find("one"))?.model.id).toBe("one");
  expect(a.lists).toBe(2);
  gate.resolve();
});

it("closes every provider", async () => {
  const { registry, a, b } = setUp();
  await registry.close();
  expect([a.closed, b.closed]).toEqual([true, true]);
});
