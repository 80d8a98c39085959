import type { QueryClient } from "@tanstack/react-query";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { FileUpload } from "../../generated/api";
import { ApiError, errorText } from "../api/client";
import { allowedTypesQuery } from "../api/queries";
import { accessToken } from "../api/session";
import { formatsFor } from "../common/format";
import { newId } from "../common/ids";
import i18n from "../i18n";

export interface Upload {
  id: string;
  name: string;
  size: number;
  /** For an image or the like: where the browser has it. */
  previewUrl: string | null;
  /** 0 to 1. */
  progress: number;
  state: "uploading" | "done" | "failed";
  problem?: string;
  /** Whether the same file may pass another time: a file that is refused will be refused again. */
  mayRetry?: boolean;
  uploaded?: FileUpload;
}

/** By room, in the order in which they were chosen. */
export type UploadsState = Readonly<Record<number, readonly Upload[]>>;

interface Running {
  file: File;
  request: XMLHttpRequest | null;
  /** The network broke it off, so it goes on when that is back. */
  isBroken: boolean;
}

/** What was dragged here: a browser gives a folder too, as a file that cannot be read. */
export interface Dropped {
  file: File;
  isFolder: boolean;
}

const MIB = 2 ** 20;

/** The files that are on their way into a room's next messages. They go on while another room is shown. */
export class Uploads {
  readonly store: StoreApi<UploadsState> = createStore(() => ({}));
  readonly #running = new Map<string, Running>();
  readonly #queries: QueryClient;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  add(roomId: number, files: Iterable<File>): void {
    this.drop(
      roomId,
      [...files].map((file) => ({ file, isFolder: false })),
    );
  }

  drop(roomId: number, dropped: Iterable<Dropped>): void {
    for (const { file, isFolder } of dropped) {
      const id = newId();
      const previewUrl = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
      const upload: Upload = { id, name: file.name, size: file.size, previewUrl, progress: 0, state: "uploading" };
      this.store.setState((state) => ({ [roomId]: [...(state[roomId] ?? []), upload] }));
      if (isFolder) {
        this.#change(roomId, id, { state: "failed", problem: i18n.t("files.folder"), mayRetry: false });
        continue;
      }
      this.#running.set(id, { file, request: null, isBroken: false });
      void this.#run(roomId, id);
    }
  }

  retry(roomId: number, id: string): void {
    this.#change(roomId, id, { state: "uploading", progress: 0 });
    void this.#run(roomId, id);
  }

  /** The network is back: what it broke off begins again. */
  retryBroken(): void {
    for (const [roomId, uploads] of Object.entries(this.store.getState())) {
      for (const { id, state } of uploads) {
        if (state === "failed" && this.#running.get(id)?.isBroken) this.retry(Number(roomId), id);
      }
    }
  }

  /** Ends it if it still runs, and takes it off the list. */
  remove(roomId: number, id: string): void {
    this.#running.get(id)?.request?.abort();
    this.#running.delete(id);
    const upload = this.store.getState()[roomId]?.find((candidate) => candidate.id === id);
    if (upload?.previewUrl) URL.revokeObjectURL(upload.previewUrl);
    this.store.setState((state) => ({ [roomId]: (state[roomId] ?? []).filter((candidate) => candidate.id !== id) }));
  }

  /** What is ready to be sent; it is taken off the list. */
  takeDone(roomId: number): FileUpload[] {
    const done = (this.store.getState()[roomId] ?? []).filter((upload) => upload.state === "done");
    for (const { id } of done) this.remove(roomId, id);
    return done.flatMap(({ uploaded }) => uploaded ?? []);
  }

  async #run(roomId: number, id: string): Promise<void> {
    const running = this.#running.get(id);
    if (!running) return;
    running.isBroken = false;
    try {
      await this.#checkSize(running.file);
      if (!this.#running.has(id)) return; // cancelled meanwhile
      const uploaded = await this.#send(running, (progress) => this.#change(roomId, id, { progress }));
      this.#change(roomId, id, { state: "done", progress: 1, uploaded });
    } catch (error) {
      running.isBroken = !(error instanceof ApiError);
      const mayRetry = running.isBroken || (error instanceof ApiError && mayPass(error.status));
      this.#change(roomId, id, { state: "failed", problem: errorText(error), mayRetry });
    }
  }

  /** What is too large is known without sending it for minutes. The server, which knows it to the byte, has the last word. */
  async #checkSize({ size }: File): Promise<void> {
    if (size < MIB) return;
    const { max_file_size_mb } = await this.#queries.fetchQuery(allowedTypesQuery);
    if (size < (max_file_size_mb + 1) * MIB) return;
    const most = formatsFor(i18n.language).number(max_file_size_mb);
    throw new ApiError(413, { code: "file_too_large", detail: i18n.t("files.tooLarge", { most }), request_id: "" });
  }

  // fetch tells nothing about how far a body has come.
  async #send(running: Running, onProgress: (progress: number) => void): Promise<FileUpload> {
    const token = await accessToken();
    const request = new XMLHttpRequest();
    running.request = request;
    request.open("POST", "/api/uploads/");
    request.responseType = "json";
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Accept-Language", i18n.language);
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    const form = new FormData();
    form.append("file", running.file);
    return new Promise((resolve, reject) => {
      request.onload = () => {
        if (request.status === 201) resolve(request.response as FileUpload);
        else reject(new ApiError(request.status, request.response));
      };
      request.onerror = () => reject(new Error("the connection broke"));
      request.send(form);
    });
  }

  #change(roomId: number, id: string, change: Partial<Upload>): void {
    this.store.setState((state) => ({
      [roomId]: (state[roomId] ?? []).map((upload) => (upload.id === id ? { ...upload, ...change } : upload)),
    }));
  }
}

/** Refused for now (a login that ended, too many at once, a server in trouble), not for what it is. */
function mayPass(status: number): boolean {
  return status === 401 || status === 408 || status === 429 || status >= 500;
}
