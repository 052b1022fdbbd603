import type { Exchange } from "../../contract/journal.ts";
import type {
  ExchangeWatch,
  ProviderEvent,
  ProviderRequest,
  ProviderResponse,
} from "../providers/provider.ts";
import { hideInHeaders, hideInUrl } from "./mask.ts";

/** Events of a stream that are kept, at each of its ends. */
const END_EVENTS = 3;

type Headers = Parameters<ExchangeWatch["answered"]>[0]["headers"];

/** One exchange with a provider as it goes; a stream costs the same however long it is. */
export class ExchangeRecord implements ExchangeWatch {
  readonly purpose: Exchange["purpose"];
  /** What the provider's configuration has that nobody else may see. */
  secrets: readonly string[] = [];
  private readonly provider: string;
  private readonly asked: ProviderRequest;
  private readonly nowMs: () => number;
  private readonly beganAtMs: number;
  /** Null until the request leaves, and for ever where no wire is. */
  private wire: Parameters<ExchangeWatch["sent"]>[0] | null = null;
  private status: number | null = null;
  private headers: Headers = {};
  private body: string | null = null;
  private isStream = false;
  private firstAtMs: number | null = null;
  private lastAtMs: number | null = null;
  private count = 0;
  private chars = 0;
  private readonly head: string[] = [];
  /** The last reads of the network; what is kept of them is chosen when somebody looks. */
  private tail: readonly (readonly ProviderEvent[])[] = [];
  private usage: unknown = null;
  private error: string | null = null;

  constructor(about: {
    purpose: Exchange["purpose"];
    provider: string;
    request: ProviderRequest;
    nowMs: () => number;
  }) {
    this.purpose = about.purpose;
    this.provider = about.provider;
    this.asked = about.request;
    this.nowMs = about.nowMs;
    this.beganAtMs = about.nowMs();
  }

  sent(request: Parameters<ExchangeWatch["sent"]>[0]): void {
    this.wire = request;
    this.secrets = request.secrets;
  }

  answered({ status, headers }: { status: number; headers: Headers }): void {
    this.status = status;
    this.headers = headers;
  }

  read(body: string): void {
    this.arrived();
    this.body = body;
  }

  heard(events: readonly ProviderEvent[]): void {
    this.arrived();
    this.isStream = true;
    this.count += events.length;
    this.tail = [...this.tail.slice(1 - END_EVENTS), events];
    for (const { data, chunk } of events) {
      this.chars += data.length;
      if (this.head.length < END_EVENTS) this.head.push(data);
      if (chunk?.usage) this.usage = chunk.usage;
    }
  }

  /** What the provider gave: all that is known of one which has no wire. */
  replied(response: ProviderResponse): void {
    this.status ??= response.status;
    if (response.kind === "events") {
      this.isStream = true;
      return;
    }
    this.body ??= JSON.stringify(response.body);
    this.usage ??= (response.body as { usage?: unknown } | null)?.usage ?? null;
    if (response.status >= 400) this.failed(`The provider refused with ${response.status}.`);
    if (this.lastAtMs === null) this.arrived();
  }

  /** The first reason counts. */
  failed(reason: string): void {
    this.error ??= reason;
  }

  private arrived(): void {
    this.lastAtMs = this.nowMs();
    this.firstAtMs ??= this.lastAtMs;
  }

  /** As it is kept, its texts cut by `clip`. */
  view(clip: (text: string) => string): Exchange {
    const { wire, isStream } = this;
    const since = (atMs: number | null) => (atMs === null ? null : atMs - this.beganAtMs);
    const last = Math.min(END_EVENTS, this.count - this.head.length);
    const events = {
      count: this.count,
      chars: this.chars,
      head: this.head.map(clip),
      tail:
        last === 0
          ? []
          : this.tail
              .flat()
              .slice(-last)
              .map(({ data }) => clip(data)),
    };
    return {
      purpose: this.purpose,
      provider: this.provider,
      began_at_ms: this.beganAtMs,
      request: {
        method: wire?.method ?? null,
        url: wire && hideInUrl(wire.url),
        headers: hideInHeaders(wire?.headers ?? {}, this.secrets),
        body: clip(wire?.body ?? JSON.stringify(this.asked)),
      },
      response:
        this.status === null
          ? null
          : {
              status: this.status,
              headers: hideInHeaders(this.headers),
              body: this.body === null ? null : clip(this.body),
              events: isStream ? events : null,
            },
      first_byte_ms: since(this.firstAtMs),
      total_ms: since(this.lastAtMs),
      usage: this.usage,
      error: this.error,
    };
  }
}
