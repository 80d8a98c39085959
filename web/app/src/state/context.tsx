import { RealtimeClient } from "@izpochat/realtime";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { User } from "../../generated/api";
import { accessToken, getSession } from "../api/session";
import { Chat, type ChatState, unreadIn } from "./chat";
import { Drafts } from "./drafts";
import { Uploads, type UploadsState } from "./uploads";

// What lives as long as a login, for every component below.

interface Login {
  me: User;
  chat: Chat;
  drafts: Drafts;
  uploads: Uploads;
}

const LoginContext = createContext<Login | null>(null);

function connectAs(me: User, queries: ReturnType<typeof useQueryClient>): Login {
  const url = new URL("/api/ws", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const token = (why: "connect" | "refused") => accessToken(why === "refused" ? getSession()?.accessToken : undefined);
  const realtime = new RealtimeClient({ url: url.href, token });
  const uploads = new Uploads(queries);
  realtime.on("hello", () => uploads.retryBroken());
  return { me, chat: new Chat(me, realtime, queries), drafts: new Drafts(me.id), uploads };
}

export function LoginProvider({ me, children }: { me: User; children: ReactNode }) {
  const queries = useQueryClient();
  const [login, setLogin] = useState<Login | null>(null);
  const first = useRef(me);
  useEffect(() => {
    const begun = connectAs(first.current, queries);
    begun.chat.start();
    setLogin(begun);
    return () => begun.chat.stop();
  }, [queries]);
  useEffect(() => {
    if (login) login.chat.me = me;
  }, [login, me]);
  return login && <LoginContext value={{ ...login, me }}>{children}</LoginContext>;
}

export function useLogin(): Login {
  const login = use(LoginContext);
  if (!login) throw new Error("outside of LoginProvider");
  return login;
}

export function useChatState<Part>(select: (state: ChatState) => Part): Part {
  return useStore(useLogin().chat.store, select);
}

export function useUploadsState<Part>(select: (state: UploadsState) => Part): Part {
  return useStore(useLogin().uploads.store, select);
}

/** How many messages of a room the user has not seen. */
export function useUnread(roomId: number): number {
  return useChatState((state) => unreadIn(state, roomId));
}
