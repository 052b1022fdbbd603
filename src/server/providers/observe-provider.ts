import { asOffstageError } from "../../errors.ts";
import type { Provider } from "./provider.ts";

/** The same provider; `onFailure` hears of each refused or failed completion: its status, or its error's code. */
export function observeProvider(provider: Provider, onFailure: (failure: string) => void): Provider {
  const embed = provider.embed?.bind(provider);
  return {
    name: provider.name,
    listModels: (signal) => provider.listModels(signal),
    async complete(request, signal, watch) {
      try {
        const response = await provider.complete(request, signal, watch);
        if (response.status >= 400) onFailure(String(response.status));
        return response;
      } catch (thrown) {
        if (!signal.aborted) onFailure(asOffstageError(thrown).code);
        throw thrown;
      }
    },
    ...(embed ? { embed } : {}),
    depths: () => provider.depths?.() ?? {},
    close: () => provider.close(),
  };
}
