import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  ROOT_CONTEXT,
  type Span as SdkSpan,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import { OFFSTAGE_VERSION } from "../../contract/versions.ts";
import { settledWithin } from "../answers/settled-within.ts";
import { importOpenTelemetry } from "./opentelemetry-import.ts";
import type { Attributes, Span, Tracing } from "./tracing.ts";
import type { TracingConfig } from "./tracing-config.ts";

type OpenTelemetry = Awaited<ReturnType<typeof importOpenTelemetry>>;

/** How long the last spans may take to be sent. */
const LAST_SPANS_MS = 2_000;

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

function createSampler(sdk: OpenTelemetry, { sampler, ratio }: TracingConfig) {
  const roots = {
    always_on: () => new sdk.AlwaysOnSampler(),
    always_off: () => new sdk.AlwaysOffSampler(),
    traceidratio: () => new sdk.TraceIdRatioBasedSampler(ratio),
  };
  const isParentBased = sampler.startsWith("parentbased_");
  const root = roots[sampler.replace("parentbased_", "") as keyof typeof roots]();
  return isParentBased ? new sdk.ParentBasedSampler({ root }) : root;
}

/** Logs when spans begin to be lost, and when they arrive again. */
function reportFailures(exporter: SpanExporter, log: Logger): SpanExporter {
  let isFailing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const { error } = result;
        if (error && !isFailing) log.warn({ err: error }, "traces cannot be sent; they are lost");
        if (!error && isFailing) log.info("traces can be sent again");
        isFailing = error !== undefined;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/** Sends spans to a collector, in batches and behind all else. @throws OffstageError `unavailable` */
export async function openTracing(config: TracingConfig, log: Logger): Promise<Tracing> {
  const sdk = await importOpenTelemetry();
  const exporter = new sdk.OTLPTraceExporter({ url: config.url });
  const named = sdk.resourceFromAttributes({
    "service.name": config.serviceName,
    "service.version": OFFSTAGE_VERSION,
  });
  const provider = new sdk.TracerProvider({
    resource: sdk
      .defaultResource()
      .merge(sdk.detectResources({ detectors: [sdk.resourceAttributesEnvDetector] }))
      .merge(named),
    sampler: createSampler(sdk, config),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: reportFailures(exporter, log) })],
  });
  const tracer = provider.getTracer("offstage", OFFSTAGE_VERSION);
  const propagator = new sdk.W3CTraceContextPropagator();
  /** The span that is being worked in. */
  const current = new AsyncLocalStorage<Context>();
  const active = () => current.getStore() ?? ROOT_CONTEXT;
  const getter = {
    keys: () => [],
    get: (header: (name: string) => string | undefined, name: string) => header(name),
  };
  const setter = {
    set(headers: Record<string, string>, name: string, value: string) {
      headers[name] = value;
    },
  };
  return {
    isOn: true,
    begin({ name, kind, attributes, header }) {
      const parent = header ? propagator.extract(ROOT_CONTEXT, header, getter) : active();
      const options = { ...(kind ? { kind: KINDS[kind] } : {}), attributes: writable(attributes ?? {}) };
      const span = tracer.startSpan(name, options, parent);
      return wrap(span, (work) => current.run(trace.setSpan(parent, span), work));
    },
    headers() {
      const headers: Record<string, string> = {};
      propagator.inject(active(), headers, setter);
      return headers;
    },
    close: () => settledWithin(provider.shutdown(), LAST_SPANS_MS),
  };
}

function wrap(span: SdkSpan, within: Span["within"]): Span {
  return {
    within,
    note: (attributes) => void span.setAttributes(writable(attributes)),
    fail(errorType) {
      span.setAttribute("error.type", errorType).setStatus({ code: SpanStatusCode.ERROR });
    },
    end() {
      if (span.isRecording()) span.end();
    },
  };
}

function writable(attributes: Attributes) {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Record<string, string | number | boolean | string[]>;
}
