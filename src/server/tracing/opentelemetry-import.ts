import { OffstageError } from "../../errors.ts";

/** All that its four packages export. Named, for declarations cannot spell what an import of them all is inferred to be. */
type OpenTelemetry = typeof import("@opentelemetry/core") &
  typeof import("@opentelemetry/resources") &
  typeof import("@opentelemetry/sdk-trace") &
  typeof import("@opentelemetry/exporter-trace-otlp-http");

/**
 * OpenTelemetry's SDK, loaded when traces are wanted: who wants none does not install it.
 * @throws OffstageError `unavailable` if it is not installed
 */
export async function importOpenTelemetry(): Promise<OpenTelemetry> {
  try {
    const [core, resources, sdk, exporter] = await Promise.all([
      import("@opentelemetry/core"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/exporter-trace-otlp-http"),
    ]);
    return { ...core, ...resources, ...sdk, ...exporter };
  } catch (cause) {
    throw new OffstageError(
      "unavailable",
      "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, but OpenTelemetry's packages are not installed or do not load here. Run `npm i @opentelemetry/core @opentelemetry/resources @opentelemetry/sdk-trace @opentelemetry/exporter-trace-otlp-http`, or unset it.",
      { cause, retryable: false },
    );
  }
}
