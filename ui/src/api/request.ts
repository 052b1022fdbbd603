/** A request that did not come to its end as wished: `message` is a sentence for people. */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed";
  /** The HTTP status; 0 where no answer came at all. */
  readonly status: number;
  /** By which the server's log knows the request; null where it said none. */
  readonly requestId: string | null;
  /** What is wrong with which field of the body, by its name. */
  readonly faults: ReadonlyMap<string, string>;

  constructor(
    message: string,
    status: number,
    requestId: string | null = null,
    faults = new Map<string, string>(),
  ) {
    super(message);
    this.status = status;
    this.requestId = requestId;
    this.faults = faults;
  }
}

declare global {
  interface Window {
    /** What `first.js` has asked for already, by path; absent where nobody is signed in. */
    askedFirst?: Map<string, Promise<Response>>;
  }
}

/** The answer to a request that was sent before these scripts ran; each is used once. */
function takeAskedFirst(method: string, path: string): Promise<Response> | undefined {
  if (method !== "GET") return undefined;
  const answer = window.askedFirst?.get(path);
  window.askedFirst?.delete(path);
  return answer;
}

/** What was asked for somebody whose session is over answers nobody else. */
export function forgetAskedFirst(): void {
  delete window.askedFirst;
}

export interface RequestOptions {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  form?: FormData;
  signal?: AbortSignal;
}

/** Told whenever the server no longer knows who asks. */
let onSignedOut: () => void = () => undefined;

export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

const UNREACHABLE = "The server cannot be reached. Check the connection and try again.";

/** What the server says of an error, as one sentence. */
function sentence(detail: unknown, status: number): string {
  if (typeof detail === "string" && detail !== "") return detail;
  if (Array.isArray(detail)) {
    return detail.map(({ loc, msg }) => `${(loc ?? []).slice(1).join(".")}: ${msg}`).join("; ");
  }
  return `The server answered with status ${status}.`;
}

/** Faults of fields that stand in the body itself. */
function faultsOf(detail: unknown): Map<string, string> {
  const list: { loc?: unknown[]; msg: string }[] = Array.isArray(detail) ? detail : [];
  return new Map(list.flatMap(({ loc, msg }) => (loc?.[1] === undefined ? [] : [[String(loc[1]), msg]])));
}

interface Refusal {
  detail?: unknown;
  request_id?: string;
  error?: { code?: string };
}

async function failure(response: Response): Promise<RequestFailed> {
  const body = (await response.json().catch(() => ({}))) as Refusal;
  const requestId = body.request_id ?? response.headers.get("x-request-id");
  const { status } = response;
  // What is not there, or is somebody else's, is a 401 of chats, too.
  if (status === 401 && body.error?.code !== "not_found") onSignedOut();
  return new RequestFailed(sentence(body.detail, status), status, requestId, faultsOf(body.detail));
}

/** Sends a request to this page's own server and reads its JSON. @throws RequestFailed */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(method, path, options);
  return (await response.json()) as T;
}

/** Sends a request and leaves the answer's body to the caller. @throws RequestFailed */
export async function send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const { query = {}, body, form, signal } = options;
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = given.length > 0 ? `?${new URLSearchParams(given as [string, string][])}` : "";
  const init: RequestInit = { method, credentials: "same-origin" };
  if (signal) init.signal = signal;
  if (form) init.body = form;
  else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "content-type": "application/json", accept: "application/json" };
  }
  let response: Response;
  try {
    response = await (takeAskedFirst(method, path + search) ?? fetch(path + search, init));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestFailed(UNREACHABLE, 0);
  }
  if (response.ok) return response;
  throw await failure(response);
}
