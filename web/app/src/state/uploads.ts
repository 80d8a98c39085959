import { createStore, type StoreApi } from "zustand/vanilla";
import type { FileUpload } from "../../generated/api";
import { ApiError, errorText } from "../api/client";
import { accessToken } from "../api/session";
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
  uploaded?: FileUpload;
}

/** By room, in the order in which they were chosen. */
export type UploadsState = Readonly<Record<number, readonly Upload[]>>;

interface Running {
  file: File;
  request: XMLHttpRequest | null;
}

/** The files that are on their way into a room's next messages. They go on while another room is shown. */
export class Uploads {
  readonly store: StoreApi<UploadsState> = createStore(() => ({}));
  readonly #running = new Map<string, Running>();

  add(roomId: number, files: Iterable<File>): void {
    for (const file of files) {
      const id = newId();
      const previewUrl = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
      const upload: Upload = { id, name: file.name, size: file.size, previewUrl, progress: 0, state: "uploading" };
      this.store.setState((state) => ({ [roomId]: [...(state[roomId] ?? []), upload] }));
      this.#running.set(id, { file, request: null });
      void this.#run(roomId, id);
    }
  }

  retry(roomId: number, id: string): void {
    this.#change(roomId, id, { state: "uploading", progress: 0 });
    void this.#run(roomId, id);
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
    try {
      const uploaded = await this.#send(running, (progress) => this.#change(roomId, id, { progress }));
      this.#change(roomId, id, { state: "done", progress: 1, uploaded });
    } catch (error) {
      this.#change(roomId, id, { state: "failed", problem: errorText(error) });
    }
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
