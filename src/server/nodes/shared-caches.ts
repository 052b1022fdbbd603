import type { Quotas } from "../guard/quotas.ts";
import type { ModelCatalogue } from "../models/model-catalogue.ts";
import type { NodeLink } from "./node-link.ts";

/** A catalogue that forgets what the other nodes change, and makes them forget what is changed here. */
export function shareModels(models: ModelCatalogue, link: NodeLink): ModelCatalogue {
  link.on("models-changed", () => models.forget());
  link.onGap(() => models.forget());
  return {
    ...models,
    forget() {
      models.forget();
      link.tell({ type: "models-changed" });
    },
  };
}

/** Quotas that hold on all nodes as soon as one of them has changed them. */
export function shareQuotas(quotas: Quotas, link: NodeLink): Quotas {
  link.on("quota-changed", ({ key }) => quotas.forget(key));
  return {
    ...quotas,
    forget(key) {
      quotas.forget(key);
      link.tell({ type: "quota-changed", key });
    },
  };
}
