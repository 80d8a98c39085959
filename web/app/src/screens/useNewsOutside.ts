import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useServiceName } from "../api/queries";
import { displayName } from "../common/UserAvatar";
import { unreadIn } from "../state/chat";
import { useChatState, useLogin } from "../state/context";
import { preferences } from "../state/preferences";

/** What is new, told where the page is not seen: in the tab's title, and as a notification of the browser. */
export function useNewsOutside(): void {
  useTitleBadge();
  useNotifications();
}

function useTitleBadge(): void {
  const name = useServiceName();
  const unread = useChatState((state) =>
    Object.keys(state.lastSeq).reduce((sum, roomId) => sum + unreadIn(state, Number(roomId)), 0),
  );
  useEffect(() => {
    document.title = unread > 0 ? `(${unread > 99 ? "99+" : unread}) ${name}` : name;
  }, [unread, name]);
}

function useNotifications(): void {
  const { t } = useTranslation();
  const { chat, me } = useLogin();
  const [, navigate] = useLocation();
  const shown = useRef(new Map<number, Notification>());
  useEffect(() => {
    const close = () => {
      if (document.hidden) return;
      for (const notification of shown.current.values()) notification.close();
      shown.current.clear();
    };
    document.addEventListener("visibilitychange", close);
    const end = chat.onMessage(({ room_id, sender, content, file }) => {
      const isWanted = preferences.value.notify && "Notification" in window && Notification.permission === "granted";
      if (!document.hidden || sender.id === me.id || !isWanted) return;
      const body = content || (file ? t("message.sentFile", { name: file.original_filename }) : "");
      const notification = new Notification(displayName(sender), { body: body.slice(0, 200), tag: `room-${room_id}` });
      notification.onclick = () => {
        window.focus();
        navigate(`/rooms/${room_id}`);
      };
      shown.current.set(room_id, notification);
    });
    return () => {
      document.removeEventListener("visibilitychange", close);
      end();
    };
  }, [chat, me.id, navigate, t]);
}
