import { expect, test } from "vitest";
import { DRIVERS } from "../../scripts/clients/drivers.ts";
import { EXPECTED } from "./expected.ts";

test("every client that is driven has its expectations, and no other", () => {
  expect(Object.keys(EXPECTED).sort()).toEqual(DRIVERS.map(({ client }) => client).sort());
});

test("what fails here has a reason", () => {
  const unexplained = Object.entries(EXPECTED).flatMap(([client, areas]) =>
    Object.entries(areas)
      .filter(([, { here, why }]) => here === "fails" && !why)
      .map(([area]) => `${client}: ${area}`),
  );
  expect(unexplained).toEqual([]);
});
