// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { accessToken, beginSession, endSession, getSession, onSessionChange } from "../src/api/session";

const tokens = (number: number, expires_in = 1800) => ({
  access_token: `access ${number}`,
  refresh_token: `refresh ${number}`,
  token_type: "bearer",
  expires_in,
});

const answer = (status: number, body: unknown = {}) => new Response(JSON.stringify(body), { status });
let server: ReturnType<typeof vi.fn>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  server = vi.fn();
  vi.stubGlobal("fetch", server);
  beginSession(tokens(1));
});

afterEach(() => {
  endSession();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a login", () => {
  it("is renewed before it ends, unseen", async () => {
    expect(await accessToken()).toBe("access 1");
    expect(server).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 1_771_000);
    server.mockResolvedValue(answer(200, tokens(2)));
    expect(await accessToken()).toBe("access 2");
    expect(JSON.parse(server.mock.calls[0]?.[1].body)).toEqual({ refresh_token: "refresh 1" });
  });

  it("is renewed when the server did not take it", async () => {
    server.mockResolvedValue(answer(200, tokens(2)));
    expect(await accessToken("access 1")).toBe("access 2");
    expect(await accessToken("access 1")).toBe("access 2");
    expect(server).toHaveBeenCalledTimes(1);
  });

  it("is renewed once for all who ask at the same time: a refresh token that is used twice ends it", async () => {
    server.mockImplementation(async () => answer(200, tokens(2)));
    const asked = await Promise.all([accessToken("access 1"), accessToken("access 1"), accessToken("access 1")]);
    expect(asked).toEqual(["access 2", "access 2", "access 2"]);
    expect(server).toHaveBeenCalledTimes(1);
  });

  it("with a short life is not renewed all the time", async () => {
    beginSession(tokens(1, 20));
    expect(await accessToken()).toBe("access 1");
    vi.setSystemTime(Date.now() + 11_000);
    server.mockResolvedValue(answer(200, tokens(2)));
    expect(await accessToken()).toBe("access 2");
  });

  it("has ended when the server says so", async () => {
    const heard = vi.fn();
    const leave = onSessionChange(heard);
    server.mockResolvedValue(answer(401));
    expect(await accessToken("access 1")).toBeNull();
    expect(getSession()).toBeNull();
    expect(heard).toHaveBeenCalled();
    leave();
  });

  it("goes on while the server is away or overloaded", async () => {
    server.mockRejectedValueOnce(new TypeError("no network"));
    await expect(accessToken("access 1")).rejects.toThrow();
    server.mockResolvedValueOnce(answer(503));
    await expect(accessToken("access 1")).rejects.toThrow();
    expect(getSession()?.accessToken).toBe("access 1");
  });

  it("that another tab has renewed is taken from there", async () => {
    const elsewhere = { accessToken: "access 5", refreshToken: "refresh 5", renewAt: Date.now() + 60_000 };
    localStorage.setItem("izpochat.session", JSON.stringify(elsewhere));
    expect(await accessToken("access 1")).toBe("access 5");
    expect(server).not.toHaveBeenCalled();
  });
});
