import { Anchor } from "@mantine/core";
import { IconCloudOff, IconPlugConnected, IconRefresh } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useChatState, useLogin } from "../state/context";
import classes from "./ConnectionBanner.module.css";

/** A connection that comes quickly is not worth a word. */
const PATIENCE_MS = 1_200;
const BACK_FOR_MS = 2_500;

type Shown = "none" | "offline" | "connecting" | "stopped" | "back";

/** Offline, connecting, back: shown only when it lasts, and for a moment after. */
function useShown(): Shown {
  const trouble = useChatState(({ status: { state } }) => {
    if (state === "online") return "none";
    return state === "offline" || state === "stopped" ? state : "connecting";
  });
  const [shown, setShown] = useState<Shown>("none");
  const wasTroubled = useRef(false);
  useEffect(() => {
    const show = (what: Shown, delay: number) => {
      const timer = setTimeout(() => {
        wasTroubled.current = what !== "none";
        setShown(what);
      }, delay);
      return () => clearTimeout(timer);
    };
    if (trouble !== "none") return show(trouble, wasTroubled.current || trouble !== "connecting" ? 0 : PATIENCE_MS);
    if (!wasTroubled.current) return show("none", 0);
    setShown("back");
    return show("none", BACK_FOR_MS);
  }, [trouble]);
  return shown;
}

export function ConnectionBanner({ className }: { className: string | undefined }) {
  const { t } = useTranslation();
  const { chat } = useLogin();
  const shown = useShown();
  const Icon = {
    offline: IconCloudOff,
    stopped: IconCloudOff,
    connecting: IconRefresh,
    back: IconPlugConnected,
    none: null,
  }[shown];
  return (
    <div role="status" className={`${classes.banner} ${className}`} data-shown={shown}>
      {Icon && <Icon size={18} aria-hidden />}
      {shown === "offline" && t("connection.offline")}
      {shown === "back" && t("connection.back")}
      {(shown === "connecting" || shown === "stopped") && (
        <>
          {t(`connection.${shown}`)}{" "}
          <Anchor
            component="button"
            className={classes.now ?? ""}
            c="inherit"
            fw={600}
            underline="always"
            onClick={() => chat.retryNow()}
          >
            {t("connection.now")}
          </Anchor>
        </>
      )}
    </div>
  );
}
