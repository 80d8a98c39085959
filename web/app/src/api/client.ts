import createClient from "openapi-fetch";
import type { Problem, paths, ValidationProblem } from "../../generated/api";
import i18n from "../i18n";
import { accessToken } from "./session";

/** Sends with the login, and again with a renewed one when the server did not take it. */
async function fetchWithLogin(request: Request): Promise<Response> {
  const spare = request.clone();
  const token = await accessToken();
  const response = await fetch(withHeaders(request, token));
  if (response.status !== 401 || token === null) return response;
  const renewed = await accessToken(token);
  return renewed === null ? response : fetch(withHeaders(spare, renewed));
}

function withHeaders(request: Request, token: string | null): Request {
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
  request.headers.set("Accept-Language", i18n.language);
  return request;
}

/** The server, typed by its own OpenAPI document. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: fetchWithLogin });

/** What the server refused, with a sentence for the user in their language. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** For each wrong field of a form, what is wrong. */
  readonly fields: Record<string, string>;

  constructor(status: number, problem: Problem | ValidationProblem | undefined) {
    const fields: Record<string, string> = {};
    if (Array.isArray(problem?.detail)) {
      for (const { loc, type } of problem.detail) fields[String(loc.at(-1))] = fieldSentence(type);
    }
    const sentence = problem && ("message" in problem && problem.message ? problem.message : problem.detail);
    super(typeof sentence === "string" ? sentence : i18n.t(problem ? "error.fields" : "error.unknown", { status }));
    this.status = status;
    this.code = problem?.code ?? "unknown";
    this.fields = fields;
  }
}

function fieldSentence(type: string): string {
  switch (type) {
    case "missing":
      return i18n.t("error.missing");
    case "string_too_short":
      return i18n.t("error.tooShort");
    case "string_too_long":
      return i18n.t("error.tooLong");
    default:
      return i18n.t("error.invalid");
  }
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of an answer, or an ApiError thrown. */
export async function unwrap<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await answer;
  if (!response.ok) throw new ApiError(response.status, error as Problem | undefined);
  return data as Data;
}

/** A sentence for whatever was thrown. */
export function errorText(error: unknown): string {
  return error instanceof ApiError ? error.message : i18n.t("error.network");
}
