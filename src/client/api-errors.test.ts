import { describe, expect, it } from "vitest";
import { recordedExchange } from "../../test/support/recordings.ts";
import type { ErrorCode } from "../errors.ts";
import { foreignAnswer, noAnswer, refusalOf } from "./api-errors.ts";

const call = "POST /api/chat/completions";
const refusal = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  refusalOf(call, { status, body, headers: new Headers(headers) });

describe("the code of a refused call", () => {
  it.each<[number, unknown, ErrorCode]>([
    [400, { detail: "Something went wrong :/" }, "bad_input"],
    [400, { detail: "Model not found" }, "model_unavailable"],
    [400, { detail: "404: Model not found" }, "model_unavailable"],
    [404, { detail: "Model not found" }, "model_unavailable"],
    [401, { detail: "Model not found" }, "not_found"],
    [400, { detail: "500: mock failure 500" }, "model_failed"],
    [401, { detail: "401 Unauthorized" }, "unauthorized"],
    [401, { detail: "Your session has expired or the token is invalid." }, "unauthorized"],
    [401, { detail: "We could not find what you're looking for :/" }, "not_found"],
    [401, { detail: "Chat not found" }, "not_found"],
    [401, { detail: "You do not have permission to access this resource." }, "forbidden"],
    [403, { detail: "Not authenticated" }, "unauthorized"],
    [403, { detail: "A human session is required." }, "forbidden"],
    [404, { detail: "Task with ID nope not found." }, "not_found"],
    [405, { detail: "Method Not Allowed" }, "bad_input"],
    [408, "", "timed_out"],
    [409, { detail: "Message already exists or has an invalid ID." }, "conflict"],
    [413, "<html>Request Entity Too Large</html>", "too_large"],
    [422, { detail: [] }, "invalid_body"],
    [429, { detail: "slow down" }, "rate_limited"],
    [500, { error: { message: "boom" } }, "server_failed"],
    [502, "<html>Bad Gateway</html>", "server_failed"],
    [503, "", "server_failed"],
    [504, "upstream timed out", "server_failed"],
  ])("%i %j is %s", (status, body, code) => {
    expect(refusal(status, body)).toMatchObject({ code, status, body });
  });

  it.each<[string, string | undefined, ErrorCode]>([
    ["0.6.15/90_bad_token", undefined, "unauthorized"],
    ["0.6.15/91_no_token", undefined, "unauthorized"],
    ["0.6.15/57_get_other_user", undefined, "not_found"],
    ["0.6.15/55_update_unknown", undefined, "forbidden"],
    ["0.6.15/68_tasks_stop_unknown", undefined, "not_found"],
    ["0.6.15/69_model_base", undefined, "not_found"],
    ["0.6.15/94_no_model_field", undefined, "model_unavailable"],
    ["0.6.15/96_malformed_json", undefined, "invalid_body"],
    ["0.6.15/99_up500_b", undefined, "model_failed"],
    ["0.12.4/76-409", "c", "conflict"],
    ["0.12.4/51-other-user", "GET missing", "not_found"],
    ["0.12.4/51-other-user", "POST other chat", "forbidden"],
    ["0.12.4/51-other-user", "completions other chat", "model_unavailable"],
  ])("as recorded in %s %s is %3$s", (name, step, code) => {
    const { response } = recordedExchange(name, step);
    expect(refusal(response.status, response.body)).toMatchObject({ code });
  });
});

describe("the message of a refused call", () => {
  it("says the call, the status, the server's words and what to do", () => {
    expect(refusal(401, { detail: "401 Unauthorized" }).message).toBe(
      `${call} answered 401: 401 Unauthorized. Check the token or API key, or sign in again.`,
    );
  });

  it("makes one sentence of FastAPI's list", () => {
    const detail = [
      { type: "missing", loc: ["body", "chat"], msg: "Field required", input: {} },
      { type: "x", loc: ["body", 9], msg: "JSON decode error" },
    ];
    expect(refusal(422, { detail }).message).toContain(
      "body.chat: Field required; body.9: JSON decode error.",
    );
  });

  it("leaves out a page of HTML and cuts a long text", () => {
    expect(refusal(502, "<html><body>Bad Gateway</body></html>").message).toContain(
      "answered 502. That is a proxy",
    );
    expect(refusal(500, "x".repeat(10_000)).message.length).toBeLessThan(500);
  });
});

describe("what a refused call carries", () => {
  it("is the request id and the time to wait", () => {
    expect(refusal(429, "", { "x-request-id": "r-1", "retry-after": "7" })).toMatchObject({
      requestId: "r-1",
      retryAfterSec: 7,
      retryable: true,
    });
    expect(refusal(500, "")).toMatchObject({ requestId: null, retryAfterSec: null });
  });

  it("counts a date of Retry-After from the server's own clock", () => {
    const headers = { date: "Sat, 21 Nov 2026 10:00:00 GMT", "retry-after": "Sat, 21 Nov 2026 10:00:30 GMT" };
    expect(refusal(503, "", headers).retryAfterSec).toBe(30);
    expect(refusal(503, "", { "retry-after": "soon" }).retryAfterSec).toBeNull();
  });
});

describe("an answer that no Open WebUI gives", () => {
  it("says what came and what to check", () => {
    const headers = new Headers({ "content-type": "text/html" });
    const error = foreignAnswer("GET /api/config", { status: 200, headers, body: "<html>" });
    expect(error).toMatchObject({ code: "not_open_webui", status: 200 });
    expect(error.message).toContain("text/html");
  });

  it("names where it was sent on to", () => {
    const headers = new Headers({ location: "https://sso.example.org/" });
    expect(foreignAnswer(call, { status: 302, headers, body: "" }).message).toContain(
      "https://sso.example.org/",
    );
  });
});

it.each<[string, ErrorCode, string]>([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls_failed", "NODE_EXTRA_CA_CERTS"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "tls_failed", "NODE_EXTRA_CA_CERTS"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls_failed", "NODE_EXTRA_CA_CERTS"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "tls_failed", "NODE_EXTRA_CA_CERTS"],
  ["CERT_HAS_EXPIRED", "tls_failed", "not valid today"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls_failed", "another name"],
  ["CERT_REVOKED", "tls_failed", "does not hold"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "tls_failed", "http://"],
  ["EPROTO", "tls_failed", "http://"],
  ["ENOTFOUND", "unreachable", "No such host"],
  ["ECONNREFUSED", "unreachable", "Nobody listens"],
  ["ECONNRESET", "unreachable", "Check the base URL"],
])("a connection that ends with %s is %s", (code, expected, todo) => {
  const thrown = new TypeError("fetch failed", { cause: Object.assign(new Error("why"), { code }) });
  expect(noAnswer("GET /api/version", thrown)).toMatchObject({
    code: expected,
    retryable: expected === "unreachable",
    message: expect.stringMatching(`^GET /api/version got no whole answer \\(${code}\\): why\\. .*${todo}`),
  });
});
