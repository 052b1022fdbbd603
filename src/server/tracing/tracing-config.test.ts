import { expect, test } from "vitest";
import { tracingConfigFromEnv } from "./tracing-config.ts";

const BASE = "http://collector:4318";
const DEFAULT = {
  url: `${BASE}/v1/traces`,
  serviceName: "offstage",
  sampler: "parentbased_always_on",
  ratio: 1,
};

test.each([
  [{}, null],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }, null],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: BASE }, DEFAULT],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: `${BASE}/otlp/` }, { ...DEFAULT, url: `${BASE}/otlp/v1/traces` }],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example/x" },
    { ...DEFAULT, url: "https://traces.example/x" },
  ],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_SDK_DISABLED: "TRUE" }, null],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_SDK_DISABLED: "false" }, DEFAULT],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_TRACES_EXPORTER: "none" }, null],
  [
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: BASE,
      OTEL_SERVICE_NAME: "chat",
      OTEL_TRACES_SAMPLER: "traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.25",
    },
    { ...DEFAULT, serviceName: "chat", sampler: "traceidratio", ratio: 0.25 },
  ],
])("the environment %j asks for %j", (env, config) => {
  expect(tracingConfigFromEnv(env)).toEqual(config);
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, /OTEL_EXPORTER_OTLP_ENDPOINT/],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "nowhere" }, /OTEL_EXPORTER_OTLP_TRACES_ENDPOINT/],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_TRACES_SAMPLER: "often" }, /OTEL_TRACES_SAMPLER is "often"/],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_TRACES_SAMPLER_ARG: "2" }, /OTEL_TRACES_SAMPLER_ARG is "2"/],
])("the environment %j is refused", (env, message) => {
  expect(() => tracingConfigFromEnv(env)).toThrow(message);
});
