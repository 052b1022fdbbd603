import { RequestFailed } from "./request.ts";

export interface UploadedFile {
  id: string;
  filename: string;
  meta: { size: number };
}

/**
 * Sends a file and tells how much of it has gone, in percent; `fetch` cannot. Its processing is not waited for.
 * @throws RequestFailed
 */
export function uploadFile(
  file: File,
  options: { onProgress: (percent: number) => void; signal: AbortSignal },
): Promise<UploadedFile> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append("file", file);
    const call = new XMLHttpRequest();
    call.open("POST", "/api/v1/files/?process_in_background=true");
    call.responseType = "json";
    call.upload.onprogress = ({ loaded, total }) => options.onProgress(Math.floor((100 * loaded) / total));
    call.onerror = () =>
      reject(new RequestFailed("The file could not be sent: the server cannot be reached.", 0));
    call.onload = () => {
      if (call.status === 200) resolve(call.response as UploadedFile);
      else reject(new RequestFailed(refusal(call), call.status));
    };
    options.signal.addEventListener("abort", () => call.abort(), { once: true });
    call.send(form);
  });
}

function refusal({ response, status }: XMLHttpRequest): string {
  const detail = (response as { detail?: unknown } | null)?.detail;
  return typeof detail === "string" ? detail : `The server refused the file with status ${status}.`;
}
