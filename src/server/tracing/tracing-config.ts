import * as z from "zod";
import { OffstageError } from "../../errors.ts";

export const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

/** Where traces go, and which. */
export interface TracingConfig {
  /** Takes OTLP as JSON over HTTP. */
  url: string;
  serviceName: string;
  sampler: (typeof SAMPLERS)[number];
  /** Of the samplers that take one; 1 is all. */
  ratio: number;
}

type Env = Record<string, string | undefined>;

function collectorUrl(env: Env): string | null {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_EXPORTER_OTLP_ENDPOINT: common } = env;
  const given = own || common;
  if (!given) return null;
  const url = URL.parse(given);
  if (!url || !/^https?:$/.test(url.protocol)) {
    const name = own ? "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" : "OTEL_EXPORTER_OTLP_ENDPOINT";
    throw new OffstageError(
      "bad_input",
      `${name} is not an HTTP URL; write one such as http://localhost:4318.`,
    );
  }
  // By OpenTelemetry's rules only the common one is a base.
  if (!own) url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  return url.href;
}

const Ratio = z.coerce.number().min(0).max(1);

function ratioOf({ OTEL_TRACES_SAMPLER_ARG: text }: Env): number {
  const { data } = Ratio.safeParse(text || 1);
  if (data !== undefined) return data;
  throw new OffstageError("bad_input", `OTEL_TRACES_SAMPLER_ARG is "${text}"; give a number from 0 to 1.`);
}

function samplerOf({ OTEL_TRACES_SAMPLER: text }: Env): TracingConfig["sampler"] {
  const { data } = z.enum(SAMPLERS).safeParse(text || "parentbased_always_on");
  if (data !== undefined) return data;
  throw new OffstageError(
    "bad_input",
    `OTEL_TRACES_SAMPLER is "${text}"; give one of ${SAMPLERS.join(", ")}.`,
  );
}

/**
 * What OpenTelemetry's variables say about traces; null where none are sent. Headers, time-outs and certificates
 * (`OTEL_EXPORTER_OTLP_*`) are read by the exporter itself.
 * @throws OffstageError `bad_input` naming the variable
 */
export function tracingConfigFromEnv(env: Env): TracingConfig | null {
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || env.OTEL_TRACES_EXPORTER === "none";
  const url = isOff ? null : collectorUrl(env);
  if (url === null) return null;
  const serviceName = env.OTEL_SERVICE_NAME || "offstage";
  return { url, serviceName, sampler: samplerOf(env), ratio: ratioOf(env) };
}
